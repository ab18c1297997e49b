"""What is around every answer: request id, security headers, a limit on size, one log line, and no error that speaks."""

from __future__ import annotations

import time
import uuid
from typing import Any

import structlog
from opentelemetry.trace import SpanKind
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from risk.tracing import Tracing, end
from serving.logs import where
from serving.metrics import METHODS, Metrics
from serving.problems import Problem

LARGEST_BODY = 64 * 1024
#: Of routes that take more: some thousands of rows of one person's record.
LARGER = {"/v1/score": 1024 * 1024}
SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "interest-cohort=()",
}


class Envelope:
    """ASGI middleware, the outermost of our own."""

    def __init__(self, app: ASGIApp, metrics: Metrics, tracing: Tracing) -> None:
        self.app = app
        self._metrics, self._tracing = metrics, tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] != "http":  # there are no web sockets here
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self._http(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        began, status, read = time.perf_counter(), 0, 0
        headers = Headers(scope=scope)
        most = LARGER.get(scope["path"], LARGEST_BODY)
        request_id = _request_id(headers.get("x-request-id"))
        state: dict[str, Any] = scope.setdefault("state", {})
        state["request_id"] = request_id
        span = self._tracing.begin(scope["method"] if scope["method"] in METHODS else "other", {}, SpanKind.SERVER)
        failed: str | None = None

        async def receiving() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > most:
                raise Problem("too-large")
            return message

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                given = MutableHeaders(scope=message)
                given["X-Request-ID"] = request_id
                for name, value in SECURITY.items():
                    given.setdefault(name, value)
                given.setdefault("Cache-Control", "no-store")
            await send(message)

        bound = structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            if _too_long(headers.get("content-length"), most):
                await Problem("too-large").response()(scope, receive, sending)
            else:
                await self.app(scope, receiving, sending)
        except Exception as error:
            failed = type(error).__name__
            structlog.get_logger().error("failed", request_id=request_id, route=_route(scope), **where(error))
            if not status:
                await Problem("internal").response()(scope, receive, sending)
        finally:
            seconds, route = time.perf_counter() - began, _route(scope)
            took = round(seconds * 1000, 2)
            self._metrics.answered(scope["method"], route, status, seconds)
            told = {
                "http__request__method": scope["method"] if scope["method"] in METHODS else "other",
                "http__route": route,
            }
            end(
                span,
                f"{told['http__request__method']} {route or 'none'}",
                status >= 500,
                **told,
                http__response__status_code=status,
                error__type=failed,
            )
            structlog.get_logger().info("answered", method=scope["method"], route=route, status=status, ms=took,
                                        request_id=request_id, client=state.get("client_id"))  # fmt: skip
            structlog.contextvars.reset_contextvars(**bound)


def _request_id(given: str | None) -> str:
    """The caller's id where it is a UUID; one of our own otherwise."""
    try:
        return str(uuid.UUID(given)) if given and len(given) <= 45 else str(uuid.uuid4())
    except ValueError:
        return str(uuid.uuid4())


def _too_long(content_length: str | None, most: int) -> bool:
    return content_length is not None and (not content_length.isdecimal() or int(content_length) > most)


def _route(scope: Scope) -> str | None:
    """The route's template; the path itself may name a person."""
    return getattr(scope.get("route"), "path", None)
