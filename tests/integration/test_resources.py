"""OWASP API4:2023, unrestricted resource consumption: how often, how much, how long and how large, each with its limit and its answer."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.types import Message, Receive, Scope, Send

from risk.settings import Settings
from serving.envelope import LARGEST_BODY
from serving.security.deadline import Deadline
from tests.logged_in import cookie, directory
from tests.service import serving

LIST = "/v1/practices/A81001/list"


def test_one_caller_who_asks_too_often_waits_and_nobody_else(store_settings: Settings) -> None:
    """Harm: one practice's faulty script keeps every other from its list."""
    with serving(store_settings.model_copy(update={"requests_per_minute": 4})) as service:
        one, other = service.bearer(service.client("A81001")), service.bearer(service.client("A81001"))
        got = [service.http.get(LIST, headers=one) for _ in range(6)]
        assert [answer.status_code for answer in got] == [200] * 4 + [429] * 2
        last = got[-1]
        assert (last.headers["content-type"], last.headers["retry-after"]) == ("application/problem+json", "15")
        assert (last.json()["type"], last.json()["status"]) == ("urn:frailty:problem:too-many", 429)
        assert service.http.get(LIST, headers=other).status_code == 200
        assert service.http.get("/health").status_code == 200
        forged = {"Authorization": "Bearer a.b.c"}
        assert [service.http.get(LIST, headers=forged).status_code for _ in range(6)] == [401] * 6
        assert len(service.audited("list.read")) == 5, "what was not answered read nothing"


def test_a_person_on_the_pages_waits_too(store_settings: Settings) -> None:
    with serving(store_settings.model_copy(update={"requests_per_minute": 2})) as service:
        directory(service)
        browser = cookie(service, "gp")
        got = [service.http.get("/pages", headers=browser, follow_redirects=False) for _ in range(3)]
        assert got[-1].status_code == 429
        assert got[-1].headers["retry-after"] == "30"
        assert "Too many pages in a short time" in got[-1].text


@pytest.mark.parametrize("path", ["/v1/persons/lookup", "/v1/suppressions", "/v1/token"])
def test_a_body_that_is_too_large_is_not_read(store_settings: Settings, path: str) -> None:
    with serving(store_settings) as service:
        headers = service.bearer(service.client("A81001"))
        for content in (b"x" * (LARGEST_BODY + 1), iter([b"x" * LARGEST_BODY, b"x"])):
            answer = service.http.post(path, headers=headers, content=content)
            assert (answer.status_code, answer.json()["type"]) == (413, "urn:frailty:problem:too-large")


def test_a_page_has_a_largest_size_on_every_list(store_settings: Settings) -> None:
    """Harm: one call takes everybody at once."""
    with serving(store_settings) as service:
        headers = service.bearer(service.client("A81001"))
        held = service.http.get("/openapi.json").json()["paths"]
        limited = {path: parameter["schema"] for path, of in held.items() for parameter in of.get("get", {}).get("parameters", ())
                   if parameter["name"] in ("limit", "_count")}  # fmt: skip
        assert {path for path in held if path.endswith("/list")} <= set(limited)
        assert all(0 < schema["maximum"] <= 1000 for schema in limited.values()), limited
        assert service.http.get(f"{LIST}?limit=1001", headers=headers).status_code == 422


def test_every_answer_has_its_security_headers(store_settings: Settings) -> None:
    with serving(store_settings) as service:
        headers = service.bearer(service.client("A81001"))
        for answer in (service.http.get(LIST, headers=headers), service.http.get(LIST), service.http.get("/v1/nothing", headers=headers), service.http.get("/pages/login")):  # fmt: skip
            got = answer.headers
            assert (got["x-content-type-options"], got["x-frame-options"], got["referrer-policy"]) == (
                "nosniff",
                "DENY",
                "no-referrer",
            )
            assert "default-src 'none'" in got["content-security-policy"]
            assert "frame-ancestors 'none'" in got["content-security-policy"]
            assert got["strict-transport-security"].startswith("max-age=")
            assert "access-control-allow-origin" not in got
            assert "server" not in got


def _asked(app: Any, body: list[Message], headers: list[tuple[bytes, bytes]]) -> list[Message]:
    """What goes out of ``app`` for a request of which ``body`` arrives and nothing more."""
    sent: list[Message] = []

    async def receive() -> Message:
        if body:
            return body.pop(0)
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {
        "type": "http",
        "method": "POST",
        "path": "/slow",
        "raw_path": b"/slow",
        "query_string": b"",
        "headers": headers,
    }
    asyncio.run(app(scope, receive, send))
    return sent


WHOLE: Message = {"type": "http.request", "body": b"x", "more_body": False}
PART: Message = {"type": "http.request", "body": b"x", "more_body": True}


@pytest.mark.parametrize(("arrives", "status"), [([WHOLE], 503), ([PART], 408), ([], 408)])
def test_what_takes_too_long_is_given_up_and_says_whose_fault_it_is(arrives: list[Message], status: int) -> None:
    """Harm: callers who send a letter a minute, or questions that never end, take every place there is."""

    async def slow(_scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        await asyncio.Event().wait()

    sent = _asked(Deadline(slow, 0.02), list(arrives), [(b"content-length", b"9")])
    assert [(one["type"], one.get("status")) for one in sent[:1]] == [("http.response.start", status)]
    assert (b"connection", b"close") in sent[0]["headers"]
    assert len(sent) == 2


def test_a_thread_that_goes_on_says_nothing_any_more() -> None:
    """What was given up is answered once, whatever its thread says later."""
    app, on, done = FastAPI(), threading.Event(), threading.Event()

    @app.post("/slow")
    def slow() -> str:
        on.wait(5)
        done.set()
        return "late"

    async def both() -> list[Message]:
        sent: list[Message] = []

        async def receive() -> Message:
            return dict(WHOLE)

        async def send(message: Message) -> None:
            sent.append(message)

        scope: Scope = {
            "type": "http",
            "method": "POST",
            "path": "/slow",
            "raw_path": b"/slow",
            "query_string": b"",
            "headers": [],
        }
        await Deadline(app, 0.05)(scope, receive, send)
        on.set()
        await asyncio.to_thread(done.wait, 5)
        return sent

    sent = asyncio.run(both())
    assert done.is_set()
    assert [one.get("status") for one in sent] == [503, None]


def test_an_answer_that_has_begun_is_not_cut_off() -> None:
    async def streams(_scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await asyncio.sleep(0.05)
        await send({"type": "http.response.body", "body": b"whole"})

    assert _asked(Deadline(streams, 0.01), [dict(WHOLE)], [])[-1]["body"] == b"whole"


def test_a_fault_goes_on_to_whoever_answers_for_it() -> None:
    async def fails(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise RuntimeError("a fault")

    with pytest.raises(RuntimeError, match="a fault"):
        _asked(Deadline(fails, 5), [dict(WHOLE)], [])
