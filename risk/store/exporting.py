"""What only a whole export reads: everybody whom a practice has scored, a chunk at a time, and how many are not shown."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select

from risk.store.engine import Database, plain
from risk.store.hiding import shown
from risk.store.tables import frailty_proposal, overlay, person_score, run_pointer

#: Rows that are in memory at once.
CHUNK = 1_000
_SCORE = ("person_id", "practice", "rank", "probability", "low", "high", "band", "age_band", "sex", "listed")


class Exporting(Database):
    """Reads alone. Whoever iterates holds a connection until the last row."""

    def practice_scores(self, number: int, practice: str, scheme: str = "ods") -> Iterator[dict[str, Any]]:
        """Everybody of the practice whom the run scored and who may be shown, by rank: ``person_id``, ``practice``, ``rank``, ``probability``, ``low``, ``high``,
        ``band``, ``age_band``, ``sex``, ``listed``."""
        rows = person_score.c
        held = select(*(rows[name] for name in _SCORE)).where(
            rows.run == number, rows.scheme == scheme, rows.practice == practice, shown(rows.person_id)
        )
        with self.reading() as connection:
            found = connection.execute(held.order_by(rows.rank), execution_options={"yield_per": CHUNK})
            for row in found.mappings():
                yield plain(row)

    def scores_shown(self, number: int, practice: str, scheme: str = "ods") -> int:
        """How many people :meth:`practice_scores` tells of."""
        rows = person_score.c
        held = select(func.count()).where(
            rows.run == number, rows.scheme == scheme, rows.practice == practice, shown(rows.person_id)
        )
        with self.reading() as connection:
            return int(connection.scalar(held) or 0)

    def still_shown(self, number: int, people: Collection[int], practice: str, scheme: str = "ods") -> set[int]:
        """Those of ``people`` whom the run scored at the practice and who may be shown now."""
        rows = person_score.c
        held = select(rows.person_id).where(
            rows.run == number, rows.scheme == scheme, rows.practice == practice, rows.person_id.in_(sorted(people)), shown(rows.person_id)
        )  # fmt: skip
        with self.reading() as connection:
            return {int(person) for person in connection.scalars(held)}

    def changed_at(self) -> datetime:
        """When what is shown last changed: a run was published or taken back, or somebody was hidden or is shown again."""
        moments = (select(func.max(run_pointer.c.moved_at)), select(func.max(overlay.c.at)))
        with self.reading() as connection:
            found = [connection.scalar(moment) for moment in moments]
        return max((moment for moment in found if moment is not None), default=datetime.min.replace(tzinfo=UTC))

    def frailty_withheld(self, number: int, practice: str, scheme: str = "ods") -> int:
        """How many people of whom a run proposes something at a practice are not shown any more."""
        rows = frailty_proposal.c
        held = select(func.count()).where(
            rows.run == number, rows.scheme == scheme, rows.practice == practice, ~shown(rows.person_id)
        )
        with self.reading() as connection:
            return int(connection.scalar(held) or 0)
