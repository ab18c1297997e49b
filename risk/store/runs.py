"""Reading runs, their lists and people. A reader asks for a run by number, or for the one that the pointer names."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, select

from risk.store.engine import plain
from risk.store.hiding import shown
from risk.store.outcomes import SOME, OutcomeRows
from risk.store.tables import list_entry, person_score, run, run_pointer, run_practice
from risk.store.writing import PRIORITY, PUBLISHED

_CURRENT = select(run).join(run_pointer, run_pointer.c.run == run.c.number).where(run_pointer.c.name == PUBLISHED)
_ENTRY = [list_entry.c[name] for name in ("rank", "person_id", "raw", "probability", "low", "high", "band", "age_band", "sex", "reason",
                                          "reasons", "flags", "listed_at", "section", "home")]  # fmt: skip
#: Built once: to build the condition of who may be shown takes longer than to run it.
_RUN = select(run).where(run.c.number == bindparam("run"))
_PRACTICES = (
    select(run_practice)
    .where(run_practice.c.run == bindparam("run"))
    .order_by(run_practice.c.scheme, run_practice.c.practice)
)
_PRACTICE = _PRACTICES.where(run_practice.c.practice == bindparam("practice"))
_OF_LIST = (
    list_entry.c.run == bindparam("run"),
    list_entry.c.list == bindparam("kind"),
    list_entry.c.scheme == bindparam("scheme"),
    list_entry.c.practice == bindparam("practice"),
    shown(list_entry.c.person_id),
)
_LIST = select(*_ENTRY).where(*_OF_LIST, list_entry.c.rank > bindparam("after")).order_by(list_entry.c.rank)
_PAGE = _LIST.limit(bindparam("limit"))
_SECTIONS = select(list_entry.c.section, func.count()).where(*_OF_LIST).group_by(list_entry.c.section)
_BESIDE_SCORE = [list_entry.c[name] for name in ("reason", "reasons", "flags", "listed_at", "section", "home")]


def _person() -> Select[Any]:
    listed = and_(
        list_entry.c.run == person_score.c.run,
        list_entry.c.list == bindparam("kind"),
        list_entry.c.person_id == person_score.c.person_id,
    )
    held = select(person_score, *_BESIDE_SCORE).join_from(person_score, list_entry, listed, isouter=True)
    return held.where(
        person_score.c.run == bindparam("run"),
        person_score.c.person_id == bindparam("person"),
        shown(person_score.c.person_id),
    )


_PERSON = _person()


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
            row = connection.execute(_RUN, {"run": number}).mappings().one_or_none()
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
        held, given = (_PRACTICES, {}) if practice is None else (_PRACTICE, {"practice": practice})
        with self.reading() as connection:
            rows = connection.execute(held, {"run": number, **given}).mappings()
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
        given = {"run": number, "kind": kind, "scheme": scheme, "practice": practice, "after": after}
        held, page = (_LIST, {}) if limit is None else (_PAGE, {"limit": limit})
        with self.reading() as connection:
            rows = [plain(row) for row in connection.execute(held, {**given, **page}).mappings()]
        beside = self.outcomes_of(number, [row["person_id"] for row in rows])
        return [{**row, "outcomes": beside.get(row["person_id"], [])} for row in rows]

    def sections(self, number: int, practice: str, scheme: str = "ods", kind: str = PRIORITY) -> dict[str, int]:
        """People of a practice's list who may be shown, by section; those in none under the empty text."""
        given = {"run": number, "kind": kind, "scheme": scheme, "practice": practice}
        with self.reading() as connection:
            return {section or "": int(people) for section, people in connection.execute(_SECTIONS, given)}

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
        given = {"run": number, "person": person_id, "kind": kind}
        with self.reading() as connection:
            row = connection.execute(_PERSON, given).mappings().one_or_none()
        if row is None:
            return None
        return {**plain(row), "outcomes": self.outcomes_of(number, [person_id]).get(person_id, [])}

    def expected_events(self, number: int, practice: str, scheme: str, places: int) -> tuple[float, float]:
        """Events that the probabilities of a practice's first ``places`` people by rank add up to, and those of everybody it scored: sums, and nobody."""
        here = (person_score.c.run == number, person_score.c.practice == practice, person_score.c.scheme == scheme)
        total = func.coalesce(func.sum(person_score.c.probability), 0.0)
        with self.reading() as connection:
            within, every = (
                connection.scalar(select(total).where(*here, *more)) for more in ((person_score.c.rank <= places,), ())
            )
        return float(within or 0), float(every or 0)

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
