"""Webhooks sent to a receiver of the test's own, over HTTP on this machine: at least once, by one sender, of nobody. On SQLite and on PostgreSQL."""

from __future__ import annotations

import datetime
import json
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from features.errors import Refused, WrongUsage
from risk.settings import Settings
from risk.store.hiding import Told
from risk.webhooks import delivering, subscribing
from risk.webhooks.delivering import BACKOFF, LEASE
from serving.client.webhooks import NotGenuine, Waiting, verify
from tests.area import FRAILTY
from tests.integration.test_events import EVENTS, SECOND, got
from tests.published import published
from tests.service import TODAY, Service, serving

ON_SQLITE = pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)


class Receiver:
    """A server on loopback that keeps what came, does what is to be done ``meanwhile``, and answers with the next of ``answers``, 204 when there is none."""

    def __init__(self) -> None:
        self.came: list[tuple[str, dict[str, str], bytes]] = []
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.meanwhile: Callable[[], None] | None = None
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.came.append((self.path, dict(self.headers), body))
                if receiver.meanwhile is not None:
                    receiver.meanwhile()
                status, headers = receiver.answers.pop(0) if receiver.answers else (204, {})
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.at = datetime.datetime.now(datetime.UTC)

    def __call__(self) -> datetime.datetime:
        return self.at

    def move(self, seconds: float) -> None:
        self.at += datetime.timedelta(seconds=seconds)


class Place:
    """The service of the demo with one client and its webhook, and a second run of which nothing was told yet."""

    def __init__(self, service: Service, receiver: Receiver) -> None:
        self.service, self.receiver, self.clock = service, receiver, Clock()
        self.settings, self.store = service.settings, service.store
        self.client = service.client("A81001")
        self.hook = subscribing.add(self.settings, self.store, self.client["client_id"], f"{receiver.url}/secret-path")
        (self.settings.runs / str(published(self.store, SECOND))).mkdir(parents=True)

    def deliver(self) -> dict[str, int]:
        done = delivering.deliver(self.settings, self.store, self.clock)
        return {name: count for name, count in done.items() if count}

    def read(self, came: tuple[str, dict[str, str], bytes]) -> Waiting:
        return verify(self.hook["secret"], came[1], came[2], now=self.clock.at.timestamp())

    def recall(self) -> None:
        """One event more for every client."""
        newest = self.store.runs("published")[0]["number"]
        self.store.withdraw_run(newest, by="a test", reason="last month's feed")


@pytest.fixture
def place(store_settings: Settings) -> Iterator[Place]:
    receiver = Receiver()
    demo = store_settings.model_copy(update={"environment": "demo", "webhook_networks": "127.0.0.0/8"})
    with serving(demo) as service:
        yield Place(service, receiver)
    receiver.close()


def test_a_client_is_told_once_that_there_is_something_to_read(place: Place) -> None:
    """Harm: a discharge waits until a tool asks again; or what is sent says whose."""
    assert place.deliver() == {"made": 1, "sent": 1}
    ((path, headers, body),) = place.receiver.came
    assert path == "/secret-path"
    told = place.read(place.receiver.came[0])
    bearer = place.service.bearer(place.client)
    events = got(place.service, bearer, since=told.since)["events"]
    assert [one["kind"] for one in events] == ["list.left", "list.joined", "band.changed"]
    for one in events:
        assert one["person"] not in body.decode()
        assert one["id"] not in body.decode()
    assert sorted(json.loads(body)) == ["data", "timestamp", "type"]
    assert place.deliver() == {}, "told once"
    place.recall()
    assert place.deliver() == {"made": 1, "sent": 1}
    again = place.read(place.receiver.came[1])
    assert [one["kind"] for one in got(place.service, bearer, since=again.since)["events"]] == ["run.withdrawn"]
    assert again.id != told.id
    with pytest.raises(NotGenuine):
        verify(place.hook["secret"], headers | {"webhook-id": again.id}, body, now=place.clock.at.timestamp())


def test_a_receiver_that_fails_is_tried_again_in_time(place: Place) -> None:
    """Harm: a receiver is down for an hour and is never told; or is called a thousand times while it is."""
    place.receiver.answers = [(500, {})] * (len(BACKOFF) + 1)
    assert place.deliver() == {"made": 1, "failed": 1}
    for seconds in BACKOFF:
        place.clock.move(seconds - 1)
        assert place.deliver() == {}, "not before its time"
        place.clock.move(1)
        last = place.deliver()
    assert last == {"dead": 1}
    ids = {
        place.read((path, {**headers, "webhook-timestamp": headers["webhook-timestamp"]}, body)).id
        for path, headers, body in place.receiver.came[-1:]
    }
    assert len(place.receiver.came) == len(BACKOFF) + 1
    assert {headers["webhook-id"] for _, headers, _ in place.receiver.came} == ids, "one id, whatever the attempt"
    (row,) = subscribing.listed(place.settings, place.store)
    assert (row["messages"], row["last_failure"]) == ({"dead": 1}, "status 500")
    assert place.deliver() == {}, "given up"
    place.recall()
    assert place.deliver() == {"made": 1, "sent": 1}, "what comes next is told again"
    since = place.read(place.receiver.came[-1]).since
    first = place.receiver.came[0][2]
    assert since in first.decode(), "and from the last that was taken in"


def test_two_senders_and_a_killed_one(place: Place) -> None:
    """``frailty webhooks deliver``, killed when its telling has arrived and is not answered.

    Harm: two schedulers send everything twice; or what a killed one held is never sent."""
    given = {"FRAILTY_HOME": str(place.settings.home), "FRAILTY_STORE": place.settings.store, "FRAILTY_ENVIRONMENT": "demo", "FRAILTY_TODAY": str(TODAY),
             "FRAILTY_WEBHOOK_NETWORKS": place.settings.webhook_networks}  # fmt: skip
    inside: list[dict[str, int]] = []
    sender = subprocess.Popen(
        [str(FRAILTY), "webhooks", "deliver"], env={**os.environ, **given}, stdout=subprocess.DEVNULL
    )

    def meanwhile() -> None:
        place.clock.at = datetime.datetime.now(datetime.UTC)
        inside.append(place.deliver())
        sender.kill()

    place.receiver.meanwhile = meanwhile
    assert sender.wait(60) == -signal.SIGKILL
    place.receiver.meanwhile = None
    assert inside == [{}], "another at the same time has nothing to send"
    assert len(place.receiver.came) == 1
    assert place.deliver() == {}, "it is the killed one's still"
    place.clock.move(LEASE)
    assert place.deliver() == {"sent": 1}
    assert len({headers["webhook-id"] for _, headers, _ in place.receiver.came}) == 1, "at least once, under one id"


def test_nothing_is_said_to_whom_nothing_may_be_told(place: Place) -> None:
    """Harm: a client whose access ended is told on; or is told that something happened to people whom it may not see."""
    other = place.service.client("A81002")
    subscribing.add(place.settings, place.store, other["client_id"], place.receiver.url)
    for person in (102, 103, 202):
        place.store.tell([Told(person, "opted_out", TODAY, "api", "a test")])
    assert place.deliver() == {}, "there is nobody of whom either may be told"
    place.recall()
    place.receiver.answers = [(500, {}), (500, {})]
    assert place.deliver() == {"made": 2, "failed": 2}
    place.store.end_access(other["client_id"], TODAY)
    place.clock.move(BACKOFF[0])
    assert place.deliver() == {"sent": 1, "ended": 1}
    subscribing.remove(place.settings, place.store, place.hook["webhook"])
    with pytest.raises(WrongUsage):
        subscribing.remove(place.settings, place.store, place.hook["webhook"])


@ON_SQLITE
def test_no_redirect_is_followed_and_nothing_inside_is_called(place: Place) -> None:
    """Harm: a receiver sends the service on to an address of its own network."""
    place.receiver.answers = [(307, {"Location": f"{place.receiver.url}/elsewhere"})]
    assert place.deliver() == {"made": 1, "failed": 1}
    assert [path for path, _, _ in place.receiver.came] == ["/secret-path"]
    place.clock.move(BACKOFF[0])
    closed = place.settings.model_copy(update={"webhook_networks": ""})
    assert delivering.deliver(closed, place.store, place.clock)["failed"] == 1
    assert len(place.receiver.came) == 1, "asked again at each call"
    (row,) = subscribing.listed(place.settings, place.store)
    assert (row["last_failure"], row["to"]) == ("address not allowed", place.receiver.url)
    with pytest.raises(Refused, match="open internet"):
        subscribing.add(closed, place.store, place.client["client_id"], place.receiver.url)


@ON_SQLITE
def test_whose_webhook_is_taken(place: Place) -> None:
    """Harm: a client without the scope is told of events; a receiver that is gone is called for ever; a secret lies in the audit."""
    reader = place.service.client("A81001", scopes=["lists:read"])
    with pytest.raises(Refused, match="events:read"):
        subscribing.add(place.settings, place.store, reader["client_id"], place.receiver.url)
    place.receiver.answers = [(410, {})]
    assert place.deliver() == {"made": 1, "ended": 1}
    place.recall()
    assert place.deliver() == {}, "it said that it is gone"
    kept = str(place.service.audited())
    assert "webhook.add" in kept
    assert place.hook["secret"] not in kept
    assert "secret-path" not in kept
    assert place.service.http.get(EVENTS, headers=place.service.bearer(place.client)).status_code == 200
