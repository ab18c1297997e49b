"""The service, called from Python: what each call gives is typed, and what goes wrong is raised by its own name."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from types import TracebackType
from typing import Any

import httpx2

from serving.client.connection import Connection, read
from serving.client.lists import Lists, Tagged
from serving.client.proof import Key, Secret
from serving.client.told import (
    Entry,
    FrailtyAnswer,
    FrailtyHistory,
    FrailtyRegister,
    History,
    MadeLink,
    OnRegister,
    RunEvents,
)
from serving.shapes.events import Events
from serving.shapes.lists import ListChanges
from serving.shapes.person import PersonRisk
from serving.shapes.run import CurrentRun
from serving.shapes.score import ScoreAnswer


class Client(Lists):
    """A client of the service at ``address``, by its id and its secret or the :class:`~serving.client.proof.Key` that it signs with (`frailty client add`);
    a context manager. ``http`` another way to call than over the network, as tests do."""

    def __init__(
        self, address: str, client_id: str, proof: str | Key, *, scope: str | None = None, http: httpx2.Client | None = None
    ) -> None:  # fmt: skip
        held = Secret(proof) if isinstance(proof, str) else proof
        super().__init__(Connection(address, client_id, held, scope=scope, http=http))

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def current_run(self) -> CurrentRun:
        """The published run, and the practices that this client may read."""
        return read(CurrentRun, self._connection.send("GET", "/v1/runs/current"))

    def events(self, since: str | None = None, *, limit: int | None = None) -> Events:
        """What happened to people whom this client may see, after ``since`` (``next`` of the answer before; None: all that is kept). Where ``more`` is said
        there are more by now; where ``missed``, the lists are to be read anew."""
        return read(Events, self._connection.send("GET", "/v1/events", params={"since": since, "limit": limit}))

    def run_changes(self, since: int = 0) -> RunEvents:
        """Runs published and recalled since: copies of a recalled one are to be deleted."""
        return read(RunEvents, self._connection.send("GET", "/v1/runs/changes", params={"since": since}))

    def changes(self, practice: str) -> ListChanges:
        """Who joined, left and moved since the run published before."""
        return read(ListChanges, self._connection.send("GET", f"/v1/practices/{practice}/changes"))

    def risk(self, person: str) -> PersonRisk:
        """One person's risk by the current run, and why. ``person`` is the id that a list gave this client."""
        return read(PersonRisk, self._connection.send("GET", f"/v1/persons/{person}/risk"))

    def score(
        self, person: str, rows: Mapping[str, Sequence[Mapping[str, Any]]], at: date | None = None
    ) -> ScoreAnswer:
        """One person scored now, from rows of the record by table. :class:`~serving.client.problems.TooLittle` where they make no score."""
        body = {
            "person": person,
            "at": None if at is None else at.isoformat(),
            "rows": {name: list(map(_plain, held)) for name, held in rows.items()},
        }
        return read(ScoreAnswer, self._connection.send("POST", "/v1/score", json=body))

    def link(
        self, *, person: str | None = None, nhs_number: str | None = None, practice: str | None = None, user: str | None = None
    ) -> MadeLink:  # fmt: skip
        """A link that opens one of ``person`` (the id that a list gave this client), ``nhs_number`` and ``practice``'s list in the pages, once; ``user``: who alone
        may follow it, as the directory knows them."""
        body = {"person": person, "nhs_number": nhs_number, "practice": practice, "user": user}
        return read(MadeLink, self._connection.send("POST", "/v1/links", json=body))

    def decisions(self, person: str) -> Tagged[History]:
        """What meetings wrote of a person; the ETag is what :meth:`decide` needs."""
        answer = self._connection.send("GET", f"/v1/persons/{person}/decisions")
        return Tagged(read(History, answer), answer.headers["etag"])

    def decide(self, person: str, decision: Mapping[str, Any], *, on: str, key: str | None = None) -> Tagged[Entry]:
        """Decide about a person, ``on`` the ETag of what was read. The same ``key`` again writes nothing more and gives the same answer; without one, each
        call is a request of its own. :class:`~serving.client.problems.ChangedSince` where somebody wrote in between."""
        answer = self._write(f"/v1/persons/{person}/decisions", decision, on, key)
        return Tagged(read(Entry, answer), answer.headers["etag"])

    def frailty_register(self, practice: str, state: str = "all", limit: int | None = None) -> Iterator[OnRegister]:
        """Everybody on a practice's frailty register, page after page."""
        after: int | None = None
        while True:
            params = {"state": state, "limit": limit, "after": after}
            page = read(
                FrailtyRegister,
                self._connection.send("GET", f"/v1/practices/{practice}/frailty-register", params=params),
            )
            yield from page.people
            after = page.next
            if after is None:
                return

    def frailty(self, person: str) -> Tagged[FrailtyHistory]:
        """What is proposed of a person, and what clinicians answered."""
        answer = self._connection.send("GET", f"/v1/persons/{person}/frailty")
        return Tagged(read(FrailtyHistory, answer), answer.headers["etag"])

    def answer_frailty(
        self, person: str, said: Mapping[str, Any], *, on: str, key: str | None = None
    ) -> Tagged[FrailtyAnswer]:
        """A clinician's answer to what is proposed, ``on`` the ETag of what was read."""
        answer = self._write(f"/v1/persons/{person}/frailty", said, on, key)
        return Tagged(read(FrailtyAnswer, answer), answer.headers["etag"])

    def _write(self, path: str, body: Mapping[str, Any], on: str, key: str | None) -> httpx2.Response:
        headers = {"If-Match": on, "Idempotency-Key": key or uuid.uuid4().hex}
        return self._connection.send("POST", path, json=_plain(body), headers=headers)


def _plain(said: Any) -> Any:
    """Days as text, all else as it is."""
    if isinstance(said, Mapping):
        return {name: _plain(value) for name, value in said.items()}
    if isinstance(said, list | tuple):
        return [_plain(value) for value in said]
    return said.isoformat() if isinstance(said, date) else said
