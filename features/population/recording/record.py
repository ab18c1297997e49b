"""Layer two as a whole: rows of every table, period by period, and at the end what only a whole history shows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from features.population.happening.history import Period, World
from features.population.happening.spans import Columns, gather
from features.population.recording import (
    caseload,
    coding,
    community,
    council,
    home_care,
    hospital,
    measuring,
    packages,
    people,
    practice,
    standing,
    urgent,
)
from features.population.recording.desk import Desk
from features.population.recording.rows import Array, Rows, Words

#: Events that make spans, kept until the end.
_KEPT = ("registration", "residence", "address", "death", "carer", "request", "assessment", "package", "increase",
         "package_end", "reablement", "care_home", "nursing_visit", "rehabilitation_visit", "inquiry")  # fmt: skip


class Recording:
    """Takes the history's periods in order."""

    def __init__(self, world: World) -> None:
        self.desk = Desk.of(world)
        self._kept: dict[str, list[Columns]] = {}

    def period(self, period: Period) -> Iterator[Rows]:
        """Rows of what happened in ``period``. Of what happened before records began, only what lasts is known."""
        e = period.events
        for kind in _KEPT:
            if kind in e:
                self._kept.setdefault(kind, []).append(e[kind])
        if "onset" in e:
            self._kept.setdefault("onset", []).append(e["onset"])
        if "stay" in e:
            self._kept.setdefault("stay", []).append({name: e["stay"][name] for name in ("person", "day", "end")})
        if period.settling:
            yield from coding.events(self.desk, {"onset": e["onset"]} if "onset" in e else {})
            return
        if "review" in e:
            self._kept.setdefault("review", []).append(e["review"])
        method = hospital.methods(self.desk, e)
        yield from coding.events(self.desk, e)
        yield from measuring.rows(self.desk, e)
        yield from practice.prescriptions(self.desk, e)
        yield from practice.contacts(self.desk, e)
        yield from practice.assessments(self.desk, e)
        yield from hospital.stays(self.desk, e, method)
        yield from hospital.planned(self.desk, e)
        yield from hospital.outpatients(self.desk, e)
        yield from urgent.rows(self.desk, e, method)
        yield from community.rows(self.desk, e)

    def rest(self) -> Iterator[Rows]:
        """Rows of what lasts: who people are, where they live, what care they have."""
        went = self.desk.gone()
        # Whoever died before anybody kept records has none.
        events = {
            kind: _of(gather(parts), went > self.desk.world.start)
            for kind, parts in self._kept.items() if kind not in ("review", "onset")
        }  # fmt: skip
        deaths = events.get("death", {})
        yield from people.demographics(self.desk)
        yield from people.registrations(self.desk, events["registration"], went)
        yield from people.residences(self.desk, events["residence"], events["address"], went)
        if deaths:
            yield from people.deaths(self.desk, deaths)
        yield from people.objections(self.desk, went)
        yield from people.carers(self.desk, events.get("carer", {}), went)
        yield from people.wishes(self.desk, self._kept.get("review", []), went)
        yield from people.dummies(self.desk)
        yield from standing.rows(self.desk, self._kept.get("onset", []), went)
        yield from council.rows(self.desk, events, went)
        yield from caseload.rows(self.desk, events, went)
        held = packages.spans(self.desk, events, went)
        yield from home_care.rows(self.desk, held, events.get("stay", {}), went)

    def feeds(self) -> dict[str, Array | Words]:
        """The feed file's columns."""
        return self.desk.deliveries.rows()


def _of(events: Columns, people: Array) -> Columns:
    """The events of those whom ``people`` (flags) marks."""
    kept = np.flatnonzero(people[events["person"]])
    return {name: column[kept] for name, column in events.items()}
