"""Who of the people scored is in hospital by the record of one day: taken anew as a whole, and read by who may see the person now."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import and_, delete, func, insert, select

from risk.store.engine import plain
from risk.store.events import LOCK, mark, set_mark
from risk.store.hiding import shown
from risk.store.outcomes import SOME, OutcomeRows
from risk.store.tables import in_hospital, in_hospital_reach, person_score
from risk.store.writing import batches

#: Of :data:`risk.store.tables.event_mark`: how often stays were taken.
TAKEN = "taken"
#: What is read of a person's score beside the stay.
_SCORE = [person_score.c[name] for name in ("rank", "band", "probability", "age_band", "sex", "listed")]


class InHospital(OutcomeRows):
    """The stays of one day, in place of those of the day before."""

    def take_in_hospital(self, reach: Iterable[Mapping[str, Any]], stays: Iterable[Mapping[str, Any]]) -> None:
        """Put ``reach`` (a row a practice) and ``stays`` (a row a person) in the place of what is there, in one transaction."""
        with self.writing(alone=LOCK) as connection:
            for table, rows in ((in_hospital_reach, reach), (in_hospital, stays)):
                connection.execute(delete(table))
                for batch in batches(iter(rows), SOME):
                    connection.execute(insert(table), batch)
            set_mark(connection, TAKEN, mark(connection, TAKEN) + 1)

    def in_hospital_mark(self) -> int:
        """Changes whenever stays are taken anew."""
        with self.reading() as connection:
            return mark(connection, TAKEN)

    def in_hospital(
        self, number: int, practice: str, scheme: str = "ods", *, after: int = 0, limit: int | None = None
    ) -> list[dict[str, Any]]:
        """Those of a practice in hospital whom run ``number`` scored there and who may be shown, by rank, from the rank after ``after``."""
        of = in_hospital.c
        held = (
            select(of.person_id, of.since, of.kind, of.admission, of.ready, of.package, of.package_on, *_SCORE)
            .join(person_score, _scored(number))
            .where(of.scheme == scheme, of.practice == practice, shown(of.person_id))
            .where(person_score.c.rank > after)
            .order_by(person_score.c.rank)
            .limit(limit)
        )
        with self.reading() as connection:
            return [plain(row) for row in connection.execute(held).mappings()]

    def in_hospital_withheld(self, number: int, practice: str, scheme: str = "ods") -> int:
        """How many of them are not shown."""
        of = in_hospital.c
        held = select(func.count()).select_from(in_hospital).join(person_score, _scored(number))
        with self.reading() as connection:
            mine = held.where(of.scheme == scheme, of.practice == practice, ~shown(of.person_id))
            return int(connection.scalar(mine) or 0)

    def in_hospital_reach(self, practice: str, scheme: str = "ods") -> dict[str, Any] | None:
        """On which ``day`` the practice's stays were taken, ``up_to`` which day the feed spoke, and whether that was ``fresh``; None where none were."""
        of = in_hospital_reach.c
        held = select(of.day, of.up_to, of.fresh).where(of.scheme == scheme, of.practice == practice)
        with self.reading() as connection:
            row = connection.execute(held).mappings().one_or_none()
        return None if row is None else plain(row)

    def scored_among(self, number: int, people: Collection[int]) -> dict[int, tuple[str, str, bool]]:
        """Scheme, practice and whether listed, of those of ``people`` whom a run scored."""
        asked = sorted(people)
        found: dict[int, tuple[str, str, bool]] = {}
        of = person_score.c
        with self.reading() as connection:
            for start in range(0, len(asked), SOME):
                some = of.person_id.in_(asked[start : start + SOME])
                held = select(of.person_id, of.scheme, of.practice, of.listed).where(of.run == number, some)
                found |= {
                    int(row.person_id): (row.scheme, row.practice, bool(row.listed)) for row in connection.execute(held)
                }
        return found


def _scored(number: int) -> Any:
    same = [person_score.c[name] == in_hospital.c[name] for name in ("person_id", "scheme", "practice")]
    return and_(person_score.c.run == number, *same)
