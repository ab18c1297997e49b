"""The hospital-at-home list of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Subquery, and_, func, select

from risk.store.engine import plain
from risk.store.hiding import shown
from risk.store.tables import hospital_at_home, person_score
from risk.store.writing import RunWriting


class HospitalAtHome(RunWriting):
    """Imported, and never ranked."""

    def write_hospital_at_home(self, number: int, rows: Iterable[Mapping[str, Any]]) -> None:
        """``person_id``, ``scheme``, ``practice``, ``since`` (a day as text), ``told_by`` of a staged run."""
        self._write(number, hospital_at_home, ({**row, "since": date.fromisoformat(row["since"])} for row in rows))

    def hospital_at_home(
        self, number: int, practice: str, scheme: str = "ods", *, after: int = 0, limit: int | None = None
    ) -> list[dict[str, Any]]:
        """Those of a practice who may be shown, first admitted first, from the ``place`` after ``after``; ``band`` and ``probability`` stand beside and
        decide nothing. Places are of the whole list, so that nobody's changes when another is hidden."""
        rows, score = _placed(number, scheme, practice), person_score.c
        own = (rows.c.person_id, rows.c.since, rows.c.told_by, rows.c.place)
        held = (
            select(*own, score.age_band, score.sex, score.band, score.probability)
            .join_from(rows, person_score, and_(score.run == rows.c.run, score.person_id == rows.c.person_id))
            .where(shown(rows.c.person_id), rows.c.place > after)
            .order_by(rows.c.place)
            .limit(limit)
        )
        with self.reading() as connection:
            return [plain(row) for row in connection.execute(held).mappings()]

    def hospital_at_home_withheld(self, number: int, practice: str, scheme: str = "ods") -> int:
        """How many of a practice's list are not shown any more."""
        rows = _placed(number, scheme, practice)
        held = select(func.count()).select_from(rows).where(~shown(rows.c.person_id))
        with self.reading() as connection:
            return int(connection.scalar(held) or 0)


def _placed(number: int, scheme: str, practice: str) -> Subquery:
    rows = hospital_at_home.c
    place = func.row_number().over(order_by=(rows.since, rows.person_id)).label("place")
    mine = (rows.run == number, rows.scheme == scheme, rows.practice == practice)
    return select(hospital_at_home, place).where(*mine).subquery("admitted")
