"""Every run in one look: what became of it, how many it scored and listed, whether it was taken back or people were taken out of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from risk.store.engine import Database, plain
from risk.store.tables import run, run_amendment, run_pointer, run_practice, withdrawal
from risk.store.writing import PUBLISHED

_NAMES = ("number", "status", "index_date", "data_as_at", "model_name", "model_version", "started_at", "ended_at", "valid_until", "waived")  # fmt: skip


def _of(table: Any, **sums: Any) -> Any:
    return select(table.c.run, *(made.label(name) for name, made in sums.items())).group_by(table.c.run).subquery()


class RunHistory(Database):
    """What the page of runs is made of."""

    def run_history(self, status: Sequence[str], *, before: int | None = None, limit: int) -> list[dict[str, Any]]:
        """Runs of these ``status``, the newest first, from the one before number ``before``: their facts, ``current``, ``practices``, ``scored`` and
        ``listed`` people, ``forgotten`` people taken out since, and of a withdrawal ``withdrawn_at``, ``why`` and ``instead`` (None where there was
        none). Counts alone, and nobody."""
        sizes = _of(run_practice, practices=func.count(), scored=func.sum(run_practice.c.scored), listed=func.sum(run_practice.c.listed))  # fmt: skip
        taken = _of(run_amendment, forgotten=func.sum(run_amendment.c.people))
        held = (
            select(
                *(run.c[name] for name in _NAMES),
                (run_pointer.c.run.is_not(None)).label("current"),
                *(func.coalesce(sizes.c[name], 0).label(name) for name in ("practices", "scored", "listed")),
                func.coalesce(taken.c.forgotten, 0).label("forgotten"),
                withdrawal.c.at.label("withdrawn_at"),
                withdrawal.c.reason.label("why"),
                withdrawal.c.instead,
            )
            .outerjoin(run_pointer, (run_pointer.c.run == run.c.number) & (run_pointer.c.name == PUBLISHED))
            .outerjoin(sizes, sizes.c.run == run.c.number)
            .outerjoin(taken, taken.c.run == run.c.number)
            .outerjoin(withdrawal, withdrawal.c.run == run.c.number)
            .where(run.c.status.in_(status))
            .order_by(run.c.number.desc())
            .limit(limit)
        )
        if before is not None:
            held = held.where(run.c.number < before)
        with self.reading() as connection:
            return [plain(row) for row in connection.execute(held).mappings()]
