"""Every error under /fhir as an OperationOutcome, wherever it was raised: a route, the gate or the envelope.

Problems are made once (:mod:`serving.problems`) and said here in the standard's words, with nothing more of a person in them.
"""

from __future__ import annotations

from typing import Any

import orjson
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving import problems
from serving.fhir.speaking import MEDIA_TYPE, coded, own

#: R4's IssueType (http://hl7.org/fhir/R4/valueset-issue-type.html) of each kind of problem; of any other, ``processing``.
ISSUES = {
    "unauthenticated": "login",
    "insufficient-scope": "forbidden",
    "not-found": "not-found",
    "nothing-published": "not-found",
    "method-not-allowed": "not-supported",
    "not-acceptable": "not-supported",
    "invalid-request": "invalid",
    "unfit-parameter": "invalid",
    "too-large": "too-long",
    "busy": "throttled",
    "internal": "exception",
    "export-failed": "incomplete",
    "not-ready": "transient",
    "reasons-unavailable": "transient",
    "unavailable": "transient",
}
#: A search that does not fit is 400 there (http://hl7.org/fhir/R4/http.html#search), where the API says 422.
STATUS = {422: 400}


def outcome(problem: dict[str, Any]) -> dict[str, Any]:
    """A problem document as an OperationOutcome."""
    kind = str(problem["type"]).removeprefix(problems.PREFIX)
    said = [problem.get("detail"), *(f"{fault['where']}: {fault['why']}" for fault in problem.get("errors", ()))]
    issue = {
        "severity": "error",
        "code": ISSUES.get(kind, "processing"),
        "details": coded(problem["title"], own("problem", kind)),
    }
    words = "; ".join(word for word in said if word)
    return {"resourceType": "OperationOutcome", "issue": [issue | ({"diagnostics": words} if words else {})]}


class Outcomes:
    """ASGI middleware around everything of ours."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] != "http" or not (path == "/fhir" or path.startswith("/fhir/")):
            await self.app(scope, receive, send)
            return
        held: list[Message] = []
        body = b""

        async def sending(message: Message) -> None:
            nonlocal body
            if message["type"] == "http.response.start" and _is_problem(message):
                held.append(message)
            elif held and message["type"] == "http.response.body":
                body += message.get("body", b"")
                if not message.get("more_body"):
                    await _send(held.pop(), body, send)
            else:
                await send(message)

        await self.app(scope, receive, sending)


def _is_problem(start: Message) -> bool:
    return Headers(raw=start["headers"]).get("content-type", "").startswith(problems.MEDIA_TYPE)


async def _send(start: Message, body: bytes, send: Send) -> None:
    told = orjson.dumps(outcome(orjson.loads(body))) if body else b""
    start = {**start, "status": STATUS.get(start["status"], start["status"]), "headers": list(start["headers"])}
    headers = MutableHeaders(raw=start["headers"])
    headers["content-type"] = MEDIA_TYPE
    headers["content-length"] = str(len(told))
    await send(start)
    await send({"type": "http.response.body", "body": told})
