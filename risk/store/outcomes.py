"""What a run says of people beside the outcome that its lists rank by."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import bindparam, delete, insert, select

from risk.store.engine import plain
from risk.store.hiding import shown
from risk.store.leasing import Leasing
from risk.store.tables import person_outcome, run_outcome

#: People asked about in one statement.
SOME = 500
_NAMES = [run_outcome.c[name] for name in ("outcome", "title", "horizon", "model_name", "model_version")]
_NAMES += [person_outcome.c[name] for name in ("person_id", "probability", "low", "high", "band")]
_SAME = (person_outcome.c.run == run_outcome.c.run) & (person_outcome.c.place == run_outcome.c.place)
#: Built once: to build the condition of who may be shown takes longer than to run it.
_OF_PEOPLE = (
    select(*_NAMES)
    .join_from(run_outcome, person_outcome, _SAME)
    .where(
        run_outcome.c.run == bindparam("run"),
        person_outcome.c.person_id.in_(bindparam("people", expanding=True)),
        shown(person_outcome.c.person_id),
    )
    .order_by(run_outcome.c.place)
)


class OutcomeRows(Leasing):
    """Outcomes of runs, and of people in them."""

    def write_outcomes(self, number: int, outcomes: Iterable[Mapping[str, Any]]) -> None:
        """``place``, ``outcome``, ``title``, ``horizon``, ``minimum_age``, ``model_name``, ``model_version``, ``model_sha256`` and ``scored``
        of each outcome of a staged run, in place of those written before."""
        rows = [{"run": number, **outcome} for outcome in outcomes]
        with self.writing() as connection:
            self._may_write(connection, number)
            connection.execute(delete(run_outcome).where(run_outcome.c.run == number))
            if rows:
                connection.execute(insert(run_outcome), rows)

    def outcomes(self, number: int) -> list[dict[str, Any]]:
        """The outcomes that a run scored beside the one that it ranks by, in the order of their places."""
        rows = select(run_outcome).where(run_outcome.c.run == number).order_by(run_outcome.c.place)
        with self.reading() as connection:
            return [plain(row) for row in connection.execute(rows).mappings()]

    def outcomes_of(self, number: int, people: Collection[int]) -> dict[int, list[dict[str, Any]]]:
        """By person: ``outcome``, ``title``, ``horizon``, ``model_name``, ``model_version``, ``probability``, ``low``, ``high`` and ``band`` of
        each outcome beside that a run scored them for; without the people hidden since."""
        found: dict[int, list[dict[str, Any]]] = {}
        asked = sorted(people)
        with self.reading() as connection:
            for start in range(0, len(asked), SOME):
                given = {"run": number, "people": asked[start : start + SOME]}
                for row in connection.execute(_OF_PEOPLE, given).mappings():
                    held = plain(row)
                    found.setdefault(int(held.pop("person_id")), []).append(held)
        return found
