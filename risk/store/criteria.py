"""Lists by criteria, written with a run and read with what the run says of each person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from sqlalchemy import ColumnElement, and_, func, select

from risk.store.bulk import BATCH, insert_rows
from risk.store.engine import plain
from risk.store.hiding import shown
from risk.store.tables import criterion_entry, person_score, run_criterion
from risk.store.writing import RunWriting, batches

_ENTRY = ("run", "criterion", "person_id", "scheme", "practice", "because")


class CriteriaLists(RunWriting):
    """Who meets which criterion."""

    def write_criteria(
        self, number: int, counts: Iterable[Mapping[str, Any]], entries: Iterable[Mapping[str, Any]]
    ) -> None:
        """Of each criterion and practice ``scored``, ``met`` and ``unknown``; and the people who met it, with ``because`` (sentences)."""
        self._write(number, run_criterion, counts)
        for batch in batches(iter(entries), BATCH):
            rows = [(number, *(row[name] for name in _ENTRY[1:-1]), orjson.dumps(row["because"])) for row in batch]
            with self.writing() as connection:
                self._may_write(connection, number)
                insert_rows(connection, criterion_entry, _ENTRY, rows)

    def criteria_counts(self, number: int, practice: str, scheme: str = "ods") -> dict[str, dict[str, int]]:
        """``scored``, ``met`` and ``unknown`` of a practice, by criterion."""
        rows = run_criterion.c
        held = select(rows.criterion, rows.scored, rows.met, rows.unknown).where(
            rows.run == number, rows.scheme == scheme, rows.practice == practice
        )
        with self.reading() as connection:
            return {str(name): {"scored": scored, "met": met, "unknown": unknown} for name, scored, met, unknown in connection.execute(held)}  # fmt: skip

    def criterion_people(
        self,
        number: int,
        criterion: str,
        practice: str,
        scheme: str = "ods",
        *,
        after: int = 0,
        limit: int | None = None,
    ) -> list[dict[str, Any]]:
        """Those of a practice who met it and may be shown, by their rank in the run from the one after ``after``: ``person_id``, ``because``, ``rank``,
        ``band``, ``probability``, ``age_band``, ``sex``, ``listed``."""
        rows, score = criterion_entry.c, person_score.c
        names = ("rank", "band", "probability", "age_band", "sex", "listed")
        held = (
            select(rows.person_id, rows.because, *(score[name] for name in names))
            .join_from(criterion_entry, person_score, and_(score.run == rows.run, score.person_id == rows.person_id))
            .where(*_shown_of(number, criterion, scheme, practice), score.rank > after)
            .order_by(score.rank)
            .limit(limit)
        )
        with self.reading() as connection:
            return [plain(row) for row in connection.execute(held).mappings()]

    def criterion_shown(self, number: int, criterion: str, practice: str, scheme: str = "ods") -> int:
        """How many of those who met it may be shown."""
        held = select(func.count()).select_from(criterion_entry).where(*_shown_of(number, criterion, scheme, practice))
        with self.reading() as connection:
            return int(connection.scalar(held) or 0)


def _shown_of(number: int, criterion: str, scheme: str, practice: str) -> tuple[ColumnElement[bool], ...]:
    rows = criterion_entry.c
    return (
        rows.run == number,
        rows.criterion == criterion,
        rows.scheme == scheme,
        rows.practice == practice,
        shown(rows.person_id),
    )
