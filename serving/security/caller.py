"""The caller of one request: asks the store only for what it may read, and writes the audit before it is answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Request

from risk import break_glass
from risk.audit import Event
from risk.break_glass import Opening
from risk.clients import Access
from risk.pseudonyms import Pseudonyms
from serving.installation import Installation
from serving.problems import Problem
from serving.security.limits import spend


class Caller:
    """A client behind a good token, or a person behind a good session."""

    def __init__(self, request: Request) -> None:
        self.installation: Installation = request.app.state.installation
        self.access: Access = request.state.access
        self.request_id: str = request.state.request_id
        self.opening: Opening | None = None
        self._state = request.state
        self.pseudonyms = Pseudonyms(self.installation.keys.person, self.access.reader)

    def needs(self, scope: str, action: str) -> None:
        """Refuse, and say so in the audit, where the client's token or grants carry no such scope."""
        if scope not in self.access.scopes:
            self.audit(action, "refused", detail={"scope": scope})
            raise Problem("insufficient-scope", f"this needs the scope {scope}")

    def audit(
        self,
        action: str,
        outcome: str,
        *,
        organisation: str | None = None,
        person_id: int | None = None,
        people: Sequence[int] | None = None,
        run: int | None = None,
        detail: Mapping[str, Any] | None = None,
        reason: str | None = None,
    ) -> int:
        """One row, on disk when this returns; its number. It names the opening by which somebody is read outside a relationship."""
        return self.installation.audit.record(self.event(action, outcome, organisation=organisation, person_id=person_id, people=people, run=run,
                                                         detail=detail, reason=reason))  # fmt: skip

    def event(
        self, action: str, outcome: str, *, detail: Mapping[str, Any] | None = None, reason: str | None = None, **about: Any
    ) -> Event:  # fmt: skip
        """The row that :meth:`audit` writes, for several that go together."""
        who = self.access
        if self.opening is not None:
            detail = {**(detail or {}), "opening": self.opening.number}
        if who.selected is not None:
            detail = {**(detail or {}), "selected": who.selected}
        return Event(who.kind, who.client_id, action, outcome, role=who.role, reason=reason, request_id=self.request_id, detail=detail, **about)  # fmt: skip

    def reveals(self, action: str) -> None:
        """Take one of the few calls a minute that go from a number to a person or back; refused, and in the audit, where there is none left."""
        try:
            spend(self.installation.limits.revealing, self.access.client_id)
        except Problem:
            self.audit(action, "refused", detail={"limit": "lookups_per_minute"})
            raise

    def run(self, number: int | None = None) -> dict[str, Any]:
        """The published run, or an earlier one by number; a run that was never published is not there for anyone."""
        store = self.installation.store
        run = store.current_run() if number is None else store.run(number)
        if run is None and number is None:
            raise Problem("nothing-published")
        if run is None or run["status"] != "published":
            raise Problem("not-found")
        return run

    def practice(self, run: Mapping[str, Any], code: str, scope: str) -> dict[str, Any] | None:
        """A practice of the run that the client may read, with its denominators; None where there is none."""
        found = self.installation.store.practices(run["number"], code)
        allowed = [row for row in found if self.access.may(scope, row["scheme"], row["practice"])]
        return max(allowed, key=lambda row: row["scheme"] == "ods", default=None)

    def held(
        self, code: str, scope: str, action: str, number: int | None = None, detail: Mapping[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """The current run, or an earlier one, and a practice of it that the client may read. A practice that is not the client's is
        not there: the same answer as for one that nobody has, and a row in the audit."""
        self.needs(scope, action)
        with self.installation.store.viewing():
            run = self.run(number)
            practice = self.practice(run, code, scope)
        if practice is None:
            self.audit(action, "refused", organisation=self.known(run, code), run=run["number"], detail=detail)
            raise Problem("not-found")
        return run, practice

    def person(self, person: str, scope: str, action: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """The current run, and the row in it of somebody whom the client may read; not found, hidden, another's and made up give the
        same answer, and a row in the audit."""
        self.needs(scope, action)
        return self.known_person(self.pseudonyms.person(person), scope, action)

    def known_person(
        self, person_id: int | None, scope: str, action: str, detail: Mapping[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """The same of somebody by ``person_id``, None where nobody is meant; with ``detail`` in the audit's row of a refusal. Whoever calls has asked for the
        scope already."""
        with self.installation.store.viewing():
            run = self.run()
            row = None if person_id is None else self.installation.store.person(run["number"], person_id)
        if row is not None and not self.access.may(scope, row["scheme"], row["practice"]):
            self.opening = break_glass.held(self.installation.store, self.access, scope, row["person_id"])
            self._state.opening = self.opening
            row = row if self.opening else None
        if row is None:
            self.audit(action, "refused", person_id=person_id, run=run["number"], detail=detail)
            raise Problem("not-found")
        return run, row

    def known(self, run: Mapping[str, Any], code: str) -> str | None:
        """The code where the run has such a practice; None otherwise: what is no code may be a person's number, and the audit
        holds none."""
        return code if self.installation.store.practices(run["number"], code) else None
