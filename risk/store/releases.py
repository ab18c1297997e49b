"""The ledger of releases: rows are added, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, insert, select

from risk.store.engine import Database, plain
from risk.store.tables import model_release

LOCK = 0x66726102


class Releases(Database):
    """Which model version is live."""

    def record_release(
        self,
        *,
        name: str,
        version: int,
        action: str,
        by: str,
        reason: str,
        gates: Sequence[dict[str, Any]],
        bundle_sha256: str,
    ) -> int:
        """Add a row; its number. ``action`` is promote, rollback or retire."""
        with self.writing(alone=LOCK) as connection:
            last = connection.scalar(select(func.max(model_release.c.seq))) or 0
            row = {"seq": last + 1, "name": name, "version": version, "action": action, "by": by, "reason": reason,
                   "gates": list(gates), "bundle_sha256": bundle_sha256, "at": datetime.now(UTC)}  # fmt: skip
            connection.execute(insert(model_release), row)
        return last + 1

    def releases(self, name: str) -> list[dict[str, Any]]:
        """Every row about ``name``, oldest first."""
        held = select(model_release).where(model_release.c.name == name).order_by(model_release.c.seq)
        with self.reading() as connection:
            return [plain(row) for row in connection.execute(held).mappings()]

    def live_release(self, name: str) -> dict[str, Any] | None:
        """The row that says which version of ``name`` is live; None where none is."""
        last = select(model_release).where(model_release.c.name == name).order_by(model_release.c.seq.desc()).limit(1)
        with self.reading() as connection:
            row = connection.execute(last).mappings().one_or_none()
        return None if row is None or row["action"] == "retire" else plain(row)
