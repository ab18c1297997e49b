"""The hospital-at-home list of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import and_, select

from risk.store.engine import plain
from risk.store.hiding import shown
from risk.store.tables import hospital_at_home, person_score
from risk.store.writing import RunWriting


class HospitalAtHome(RunWriting):
    """Imported, and never ranked."""

    def write_hospital_at_home(self, number: int, rows: Iterable[Mapping[str, Any]]) -> None:
        """``person_id``, ``scheme``, ``practice``, ``since`` (a day as text), ``told_by`` of a staged run."""
        self._write(number, hospital_at_home, ({**row, "since": date.fromisoformat(row["since"])} for row in rows))

    def hospital_at_home(self, number: int, practice: str, scheme: str = "ods") -> list[dict[str, Any]]:
        """Those of a practice who may be shown, first admitted first; ``band`` and ``probability`` stand beside and decide nothing."""
        rows, score = hospital_at_home.c, person_score.c
        held = (
            select(rows.person_id, rows.since, rows.told_by, score.age_band, score.sex, score.band, score.probability)
            .join_from(hospital_at_home, person_score, and_(score.run == rows.run, score.person_id == rows.person_id))
            .where(rows.run == number, rows.scheme == scheme, rows.practice == practice, shown(rows.person_id))
            .order_by(rows.since, rows.person_id)
        )
        with self.reading() as connection:
            return [plain(row) for row in connection.execute(held).mappings()]
