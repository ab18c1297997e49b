"""The ledger of hold-outs: rows are added, never changed. Where it says nothing, nobody is held out."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import func, insert, select

from risk.store.engine import Database, plain
from risk.store.tables import list_entry
from risk.store.tables.holdouts import holdout

LOCK = 0x66726106
START, END = "start", "end"


class Holdouts(Database):
    """Which hold-out is in force."""

    def record_holdout(
        self,
        *,
        action: str,
        of: int | None = None,
        share: float,
        highest_risk: float,
        approver: str,
        approval: str,
        until: date,
        by: str,
        reason: str,
    ) -> int:
        """Add a row; its number. ``action`` is start or end; ``of`` the number of the start that an end ends."""
        with self.writing(alone=LOCK) as connection:
            seq = (connection.scalar(select(func.max(holdout.c.seq))) or 0) + 1
            row = {"seq": seq, "action": action, "of": of or seq, "share": share, "highest_risk": highest_risk, "approver": approver,
                   "approval": approval, "until": until, "by": by, "reason": reason, "at": datetime.now(UTC)}  # fmt: skip
            connection.execute(insert(holdout), row)
        return seq

    def holdouts(self) -> list[dict[str, Any]]:
        """Every row, oldest first."""
        with self.reading() as connection:
            return [plain(row) for row in connection.execute(select(holdout).order_by(holdout.c.seq)).mappings()]

    def holdout_in_force(self, day: date) -> dict[str, Any] | None:
        """The hold-out that holds on a day: begun, not ended, its end not reached; None where there is none."""
        rows = self.holdouts()
        ended = {row["of"] for row in rows if row["action"] == END}
        held = [row for row in rows if row["action"] == START and row["seq"] not in ended and day < row["until"]]
        return held[-1] if held else None

    def people_listed(self, number: int) -> frozenset[int]:
        """``person_id`` of everybody on a list of a run."""
        held = select(list_entry.c.person_id).where(list_entry.c.run == number)
        with self.reading() as connection:
            return frozenset(connection.scalars(held))
