"""Errors as problem documents (RFC 9457), each of a stable type. None says anything of a person, or of what was sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from features.errors import FrailtyError

MEDIA_TYPE = "application/problem+json"
PREFIX = "urn:frailty:problem:"


@dataclass(frozen=True)
class Kind:
    """A kind of problem: its status, and what it means."""

    status: int
    title: str


KINDS: dict[str, Kind] = {
    "unauthenticated": Kind(401, "A bearer token is needed, and none that is good was given"),
    "invalid-client": Kind(401, "The client is not known, its access has ended, or its secret is wrong"),
    "invalid-request": Kind(400, "The request is not as it should be"),
    "unfit-parameter": Kind(422, "A parameter does not fit"),
    "insufficient-scope": Kind(403, "The client is not allowed to do this"),
    "form-refused": Kind(403, "The form is not of this log-in; nothing was written"),
    "not-found": Kind(404, "There is none, or it is not for this client to see"),
    "link-over": Kind(404, "The link is none, or not good any more"),
    "nothing-published": Kind(404, "No run is published yet"),
    "method-not-allowed": Kind(405, "The resource does not do this"),
    "not-acceptable": Kind(406, "It is not told in the format that was asked for"),
    "conflict": Kind(409, "It stands otherwise already, and nothing was written"),
    "changed-since": Kind(412, "Somebody wrote of this person since; read what stands and decide again"),
    "data-missing": Kind(
        412, "What it takes to say whose card is asked for was not sent along, and is fetched from nowhere"
    ),
    "version-needed": Kind(428, "Say with If-Match which version of the person's record was read; its ETag"),
    "too-little": Kind(422, "What was posted is too little for a score; `lacking` names what would have to be there"),
    "key-reused": Kind(422, "The Idempotency-Key stands for another request; nothing was written"),
    "too-large": Kind(413, "The request is too large"),
    "too-many": Kind(429, "The client asks more often than it may; Retry-After says when it may again"),
    "too-slow": Kind(503, "It took longer than a request may take, and was given up here"),
    "body-too-slow": Kind(408, "The request's body did not arrive in time"),
    "busy": Kind(429, "Too many ask for this at once; try again"),
    "internal": Kind(500, "Something went wrong here; the request id finds it in the log"),
    "export-failed": Kind(500, "The export was cut off, and nothing of it is given; ask for it again"),
    "not-ready": Kind(503, "The service is not ready"),
    "reasons-unavailable": Kind(
        503, "The reasons of this score cannot be told now, and a score is not given without them"
    ),
    "model-unavailable": Kind(503, "No model is live here that scores one person on demand"),
    "unavailable": Kind(503, "The store does not answer; try again"),
}
_BY_STATUS = {404: "not-found", 405: "method-not-allowed", 413: "too-large", 400: "invalid-request"}


class Problem(Exception):
    """Raise to answer with a problem of ``kind``."""

    def __init__(self, kind: str, detail: str | None = None, **more: Any) -> None:
        super().__init__(kind)
        self.kind, self.detail, self.more = kind, detail, more
        self.headers: dict[str, str] = {}
        if kind == "unauthenticated":
            self.headers["WWW-Authenticate"] = 'Bearer realm="frailty", error="invalid_token"'
        elif kind == "insufficient-scope":
            self.headers["WWW-Authenticate"] = 'Bearer realm="frailty", error="insufficient_scope"'
        elif kind == "busy":
            self.headers["Retry-After"] = "1"

    def response(self) -> Response:
        kind = KINDS[self.kind]
        body = {"type": PREFIX + self.kind, "title": kind.title, "status": kind.status, **self.more}
        if self.detail:
            body["detail"] = self.detail
        return Response(orjson.dumps(body), kind.status, self.headers, MEDIA_TYPE)


def answer(app: FastAPI) -> None:
    """Make every error of ``app`` a problem document."""

    async def problem(_request: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)
        return error.response()

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if isinstance(error.__cause__, Problem):  # met while the body was read, and not the body's fault
            return error.__cause__.response()
        made = Problem(_BY_STATUS.get(error.status_code, "invalid-request" if error.status_code < 500 else "internal"))
        made.headers.update(error.headers or {})
        if error.status_code == 405:
            made.headers["Allow"] = _allowed(request, made.headers.get("Allow", ""))
        return made.response()

    async def unfitting(_request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return Problem("unfit-parameter", errors=[unfit(fault) for fault in error.errors()]).response()

    async def store(_request: Request, _error: Exception) -> Response:
        return Problem("unavailable").response()

    app.add_exception_handler(Problem, problem)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, unfitting)
    app.add_exception_handler(FrailtyError, store)


def _allowed(request: Request, by_one_route: str) -> str:
    """Every method of the path (RFC 9110 §10.2.1): of several routes of one path, only the first was asked."""
    documented = request.app.openapi()["paths"].get(getattr(request.scope.get("route"), "path", None), {})
    held = {*by_one_route.replace(" ", "").split(","), *(method.upper() for method in documented)} - {""}
    return ", ".join(sorted(held))


def unfit(fault: Mapping[str, Any]) -> dict[str, str]:
    """Where a parameter does not fit and why, without what was sent."""
    where = fault["loc"][:-1] if fault["type"] == "extra_forbidden" else fault["loc"]  # the name is the sender's own
    return {"where": ".".join(map(str, where)), "why": str(fault["msg"])}
