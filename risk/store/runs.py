"""Reading runs, their lists and people. A reader asks for a run by number, or for the one that the pointer names."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import and_, func, select

from risk.store.engine import plain
from risk.store.hiding import shown
from risk.store.outcomes import SOME, OutcomeRows
from risk.store.tables import list_entry, person_score, run, run_pointer, run_practice
from risk.store.writing import PRIORITY, PUBLISHED

_CURRENT = select(run).join(run_pointer, run_pointer.c.run == run.c.number).where(run_pointer.c.name == PUBLISHED)
_ENTRY = [list_entry.c[name] for name in ("rank", "person_id", "raw", "probability", "low", "high", "band", "age_band", "sex", "reason",
                                          "reasons", "flags", "listed_at", "section", "home")]  # fmt: skip


class RunReading(OutcomeRows):
    """What readers see."""

    def current_run(self) -> dict[str, Any] | None:
        """The published run; None where nothing was published yet."""
        with self.reading() as connection:
            row = connection.execute(_CURRENT).mappings().one_or_none()
        return None if row is None else plain(row)

    def run(self, number: int) -> dict[str, Any] | None:
        """A run by number, whatever its status; None where there is none."""
        with self.reading() as connection:
            row = connection.execute(select(run).where(run.c.number == number)).mappings().one_or_none()
        return None if row is None else plain(row)

    def runs(self, *status: str) -> list[dict[str, Any]]:
        """Runs, newest first: all, or those staging, published, shadow, withdrawn or failed."""
        held = select(run).order_by(run.c.number.desc())
        if status:
            held = held.where(run.c.status.in_(status))
        with self.reading() as connection:
            return [plain(row) for row in connection.execute(held).mappings()]

    def practices(self, number: int, practice: str | None = None) -> list[dict[str, Any]]:
        """A run's practices with their denominators, by scheme and code; only those of one code where it is given."""
        held = select(run_practice).where(run_practice.c.run == number)
        if practice is not None:
            held = held.where(run_practice.c.practice == practice)
        with self.reading() as connection:
            rows = connection.execute(held.order_by(run_practice.c.scheme, run_practice.c.practice)).mappings()
            return [{name: value for name, value in plain(row).items() if name != "run"} for row in rows]

    def practice_list(
        self,
        number: int,
        practice: str,
        scheme: str = "ods",
        *,
        after: int = 0,
        limit: int | None = None,
        kind: str = PRIORITY,
    ) -> list[dict[str, Any]]:
        """A practice's list in rank order, from the rank after ``after``, without the people hidden since. ``reasons`` and
        ``flags`` are JSON bytes; ``outcomes`` those scored beside, never blended with it (:meth:`outcomes_of`)."""
        held = (
            select(*_ENTRY)
            .where(
                list_entry.c.run == number,
                list_entry.c.list == kind,
                list_entry.c.scheme == scheme,
                list_entry.c.practice == practice,
                list_entry.c.rank > after,
                shown(list_entry.c.person_id),
            )
            .order_by(list_entry.c.rank)
            .limit(limit)
        )
        with self.reading() as connection:
            rows = [plain(row) for row in connection.execute(held).mappings()]
        beside = self.outcomes_of(number, [row["person_id"] for row in rows])
        return [{**row, "outcomes": beside.get(row["person_id"], [])} for row in rows]

    def sections(self, number: int, practice: str, scheme: str = "ods", kind: str = PRIORITY) -> dict[str, int]:
        """People of a practice's list who may be shown, by section; those in none under the empty text."""
        held = (
            select(list_entry.c.section, func.count())
            .where(list_entry.c.run == number, list_entry.c.list == kind, list_entry.c.scheme == scheme, list_entry.c.practice == practice,
                   shown(list_entry.c.person_id))
            .group_by(list_entry.c.section)
        )  # fmt: skip
        with self.reading() as connection:
            return {section or "": int(people) for section, people in connection.execute(held)}

    def listed_people(self, number: int, kind: str = PRIORITY) -> list[dict[str, Any]]:
        """``person_id``, ``scheme``, ``practice`` and ``rank`` of everybody on a run's lists, the hidden too: for what a run is made
        of, never to be shown."""
        names = ("person_id", "scheme", "practice", "rank")
        held = select(*(list_entry.c[name] for name in names)).where(
            list_entry.c.run == number, list_entry.c.list == kind
        )
        with self.reading() as connection:
            return [dict(row) for row in connection.execute(held).mappings()]

    def person(self, number: int, person_id: int, kind: str = PRIORITY) -> dict[str, Any] | None:
        """One person's score in a run, with ``reason``, ``reasons`` and ``flags`` where listed (else None); None where the
        run did not score them, and where they were hidden from it since."""
        listed = and_(
            list_entry.c.run == person_score.c.run,
            list_entry.c.list == kind,
            list_entry.c.person_id == person_score.c.person_id,
        )
        held = (
            select(
                person_score,
                list_entry.c.reason,
                list_entry.c.reasons,
                list_entry.c.flags,
                list_entry.c.listed_at,
                list_entry.c.section,
                list_entry.c.home,
            )
            .join_from(person_score, list_entry, listed, isouter=True)
            .where(
                person_score.c.run == number,
                person_score.c.person_id == person_id,
                shown(person_score.c.person_id),
            )
        )
        with self.reading() as connection:
            row = connection.execute(held).mappings().one_or_none()
        if row is None:
            return None
        return {**plain(row), "outcomes": self.outcomes_of(number, [person_id]).get(person_id, [])}

    def practices_ever(self) -> list[tuple[str, str]]:
        """(scheme, practice) of every practice of any run."""
        held = select(run_practice.c.scheme, run_practice.c.practice).distinct()
        with self.reading() as connection:
            return sorted((scheme, code) for scheme, code in connection.execute(held))

    def practices_listing(self, people: Collection[int], kind: str = PRIORITY) -> list[tuple[str, str]]:
        """(scheme, practice) of every practice on whose list any of ``people`` was in any run that was ever published, the hidden too: for what a list is
        copied to, never to be shown."""
        ever = select(run.c.number).where(run.c.status.in_((PUBLISHED, "withdrawn")))
        asked, found = sorted(people), set()
        with self.reading() as connection:
            for start in range(0, len(asked), SOME):
                held = select(list_entry.c.scheme, list_entry.c.practice).where(
                    list_entry.c.run.in_(ever),
                    list_entry.c.list == kind,
                    list_entry.c.person_id.in_(asked[start : start + SOME]),
                )
                found |= {(scheme, code) for scheme, code in connection.execute(held.distinct())}
        return sorted(found)

    def scored_by_practice(self, number: int) -> dict[tuple[str, str], int]:
        """People scored by (scheme, practice)."""
        return {(row["scheme"], row["practice"]): row["scored"] for row in self.practices(number)}

    def holdings(self) -> dict[str, int]:
        """How many rows the store holds of each kind; for people who look after it."""
        counted: Sequence[Any] = (run, run_practice, list_entry, person_score)
        with self.reading() as connection:
            return {
                str(table.name): int(connection.scalar(select(func.count()).select_from(table)) or 0)
                for table in counted
            }
