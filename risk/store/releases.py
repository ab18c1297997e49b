"""The ledger of releases: rows are added, never changed. It alone says what is live and what is tried beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, insert, select

from risk.store.engine import Database, plain
from risk.store.tables import model_release

LOCK = 0x66726102
LIVE, CHALLENGER = "live", "challenger"


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
        role: str = LIVE,
        evidence: Mapping[str, Any] | None = None,
    ) -> int:
        """Add a row; its number. ``action`` is promote, rollback or retire; ``role`` live or challenger."""
        with self.writing(alone=LOCK) as connection:
            last = connection.scalar(select(func.max(model_release.c.seq))) or 0
            row = {"seq": last + 1, "name": name, "version": version, "action": action, "by": by, "reason": reason,
                   "gates": list(gates), "bundle_sha256": bundle_sha256, "at": datetime.now(UTC), "role": role, "evidence": evidence}  # fmt: skip
            connection.execute(insert(model_release), row)
        return last + 1

    def releases(self, name: str) -> list[dict[str, Any]]:
        """Every row about ``name``, oldest first."""
        held = select(model_release).where(model_release.c.name == name).order_by(model_release.c.seq)
        with self.reading() as connection:
            return [plain(row) for row in connection.execute(held).mappings()]

    def live_release(self, name: str) -> dict[str, Any] | None:
        """The row that says which version of ``name`` is live; None where none is."""
        row = self._last(name, LIVE)
        return None if row is None or row["action"] == "retire" else row

    def challenger(self, name: str) -> dict[str, Any] | None:
        """The row that says which version of ``name`` is tried beside the live one; None where none is. A challenger that has become
        live is one no more."""
        row = self._last(name, CHALLENGER)
        if row is None or row["action"] == "retire":
            return None
        since = [held for held in self.releases(name) if held["seq"] > row["seq"] and held["role"] == LIVE]
        return None if any(held["version"] == row["version"] for held in since) else row

    def released_names(self) -> list[str]:
        """Names of all the models that the ledger speaks of."""
        with self.reading() as connection:
            return sorted(connection.scalars(select(model_release.c.name).distinct()))

    def _last(self, name: str, role: str) -> dict[str, Any] | None:
        held = select(model_release).where(model_release.c.name == name, model_release.c.role == role)
        with self.reading() as connection:
            row = connection.execute(held.order_by(model_release.c.seq.desc()).limit(1)).mappings().one_or_none()
        return None if row is None else plain(row)
