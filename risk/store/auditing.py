"""The audit's rows: added one after another, numbered without gaps whoever writes. What they mean: :mod:`risk.audit`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import insert, select

from risk.store.engine import Database, plain
from risk.store.tables import audit_event

LOCK = 0x66726104
CHUNK = 10_000

#: Makes the row with a number and the hash before it (32 bytes) whole.
Seal = Callable[[int, bytes], dict[str, Any]]
GENESIS = bytes(32)


class Auditing(Database):
    """Adding to the audit, and reading it in order. Nothing here changes or removes a row."""

    def append_audit(self, seals: list[Seal]) -> int:
        """Add a row for each of ``seals``, in one transaction that is on disk when this returns; the last number."""
        last = select(audit_event.c.seq, audit_event.c.hash).order_by(audit_event.c.seq.desc()).limit(1)
        with self.writing(alone=LOCK) as connection:
            held = connection.execute(last).one_or_none()
            seq, previous = (held.seq, bytes(held.hash)) if held else (0, GENESIS)
            for seal in seals:
                seq += 1
                row = seal(seq, previous)
                connection.execute(insert(audit_event), row)
                previous = row["hash"]
        return int(seq)

    def audit_head(self) -> tuple[int, bytes] | None:
        """Number and hash of the last row; None where there is none."""
        last = select(audit_event.c.seq, audit_event.c.hash).order_by(audit_event.c.seq.desc()).limit(1)
        with self.reading() as connection:
            held = connection.execute(last).one_or_none()
        return None if held is None else (int(held.seq), bytes(held.hash))

    def audit_rows(self) -> Iterator[dict[str, Any]]:
        """Every row in order of number, read a chunk at a time."""
        after = -1
        while True:
            held = select(audit_event).where(audit_event.c.seq > after).order_by(audit_event.c.seq).limit(CHUNK)
            with self.reading() as connection:
                rows = [plain(row) for row in connection.execute(held).mappings()]
            yield from rows
            if len(rows) < CHUNK:
                return
            after = rows[-1]["seq"]
