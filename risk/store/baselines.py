"""The frozen baseline: written once, read for ever."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import insert, select

from risk.store.engine import Database, plain
from risk.store.tables import baseline, baseline_practice

LOCK = 0x66726108


class Baselines(Database):
    """There is one baseline or none."""

    def freeze_baseline(
        self,
        practices: Sequence[Mapping[str, Any]],
        *,
        index_date: date,
        fingerprint: str,
        content_sha256: str,
        by: str,
    ) -> bool:
        """Keep the baseline of ``practices`` (``scheme``, ``practice``, ``people``, ``admitted``, ``admissions``, ``bed_days``, ``unknown``); False, and
        nothing is changed, where one is frozen already."""
        with self.writing(alone=LOCK) as connection:
            if connection.scalar(select(baseline.c.one)) is not None:
                return False
            row = {"one": 1, "index_date": index_date, "manifest_fingerprint": fingerprint, "content_sha256": content_sha256,
                   "by": by, "at": datetime.now(UTC)}  # fmt: skip
            connection.execute(insert(baseline), row)
            if practices:
                connection.execute(insert(baseline_practice), [dict(practice) for practice in practices])
        return True

    def baseline(self) -> dict[str, Any] | None:
        """The frozen baseline with its ``practices``, by scheme and code; None where none is frozen."""
        with self.reading() as connection:
            held = connection.execute(select(baseline)).mappings().one_or_none()
            rows = connection.execute(
                select(baseline_practice).order_by(baseline_practice.c.scheme, baseline_practice.c.practice)
            )
            practices = [plain(row) for row in rows.mappings()]
        return None if held is None else {**plain(held), "practices": practices}
