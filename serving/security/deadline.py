"""No request takes for ever: neither one whose body trickles in, nor one that is worked on for too long.

A thread that is at work cannot be stopped; it ends by itself, and what it then says goes nowhere. An answer that has begun to go out, such as a file that
streams, is not cut off: whoever reads it slowly is the server's to see to.
"""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.problems import Problem


class Deadline:
    """ASGI middleware: after ``seconds`` without the beginning of an answer a problem is the answer, ``body-too-slow`` while the body was still on its way
    and ``too-slow`` else."""

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        self.app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = over = False
        whole = False

        async def receiving() -> Message:
            nonlocal whole
            message = await receive()
            whole = whole or not message.get("more_body", False)
            return message

        async def sending(message: Message) -> None:
            nonlocal begun
            if over:
                return
            begun = True
            await send(message)

        work = asyncio.ensure_future(self._worked(scope, receiving, sending))
        try:
            await asyncio.wait({work}, timeout=self._seconds)
            if not work.done() and not begun:
                over = True
                work.cancel()
                work.add_done_callback(lambda done: done.cancelled() or done.exception())
                problem = Problem("too-slow" if whole or not _has_body(scope) else "body-too-slow")
                problem.headers["Connection"] = "close"
                await problem.response()(scope, receive, send)
                return
            await work
        except asyncio.CancelledError:
            work.cancel()
            raise

    async def _worked(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


def _has_body(scope: Scope) -> bool:
    """Whether the request says that a body follows (RFC 9112 §6)."""
    names = {name.lower() for name, value in scope["headers"] if value not in (b"", b"0")}
    return bool(names & {b"content-length", b"transfer-encoding"})
