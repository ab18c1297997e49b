"""Telling the overlay: rows added in one transaction, of what is new alone; nothing is updated."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from risk.store.hiding import DERIVED, KEY, UNLINKED, Hiding, Key, Told, key_of, latest
from risk.store.tables import overlay, run

LOCK = 0x66726105


class Telling(Hiding):
    """What is told of who is shown no more."""

    def tell(self, rows: Iterable[Told]) -> dict[str, int]:
        """Add rows to the overlay, in one transaction: how many people were ``hidden`` anew, ``lifted``, and ``unchanged`` because it stood
        so already. The very next read has them."""
        told = list(rows)
        with self.writing(alone=LOCK) as connection:
            held = _standing(connection, {row.person_id for row in told})
            last = int(connection.scalar(select(func.max(run.c.number))) or 0)
            fresh = []
            for row in told:
                through = last if row.ground == UNLINKED and row.hides else row.through_run
                stands = row.key in held and (not row.hides or held[row.key] == through)
                if stands == row.hides:
                    continue
                fresh.append({**asdict(row), "through_run": through})
                if row.hides:
                    held[row.key] = through
                else:
                    del held[row.key]
            _add(connection, fresh)
        hidden = sum(row["hides"] for row in fresh)
        return {"hidden": hidden, "lifted": len(fresh) - hidden, "unchanged": len(told) - len(fresh)}

    def tell_of_record(
        self, said: Collection[Key], of_record: Callable[[Collection[int]], Collection[int]], since: date, by: str
    ) -> dict[str, int]:
        """What a record says today: ``said`` holds, from ``since`` where it is new, and what it said before and says no more is lifted of whom
        ``of_record`` gives back, those of the people asked about whom the record knows. In one transaction; counts as of :meth:`tell`."""
        wanted = set(said)
        with self.writing(alone=LOCK) as connection:
            held = set(_standing(connection, None, DERIVED))
            before = held - wanted
            known = set(of_record({key[0] for key in before})) if before else set()
            lifted = sorted(key for key in before if key[0] in known)
            day = datetime.now(UTC).date()
            fresh = [_row(key, since, by, hides=True) for key in sorted(wanted - held)]
            _add(connection, [*fresh, *(_row(key, day, by, hides=False) for key in lifted)])
        return {"hidden": len(fresh), "lifted": len(lifted), "unchanged": len(held & wanted)}

    def told_end(self) -> int:
        """The number of the overlay's last row; 0 where it has none."""
        with self.reading() as connection:
            return int(connection.scalar(select(func.max(overlay.c.seq))) or 0)

    def told_of_since(self, end: int) -> set[int]:
        """Of whom something was told or lifted after the overlay's row ``end``."""
        with self.reading() as connection:
            return set(connection.scalars(select(overlay.c.person_id).where(overlay.c.seq > end).distinct()))


def _standing(
    connection: Connection, people: Collection[int] | None, sources: Collection[str] = ()
) -> dict[Key, int | None]:
    """``through_run`` of what hides ``people`` (None: everybody) now, by key; of what ``sources`` told, where they are named."""
    rows = overlay.alias("standing")
    held = select(*(rows.c[name] for name in KEY), rows.c.through_run).where(rows.c.hides, latest(rows))
    if people is not None and len(people) <= 500:
        held = held.where(rows.c.person_id.in_(list(people)))
    if sources:
        held = held.where(rows.c.source.in_(list(sources)))
    return {key_of(row): row[-1] for row in connection.execute(held).all()}


def _row(key: Key, since: date, by: str, *, hides: bool) -> dict[str, Any]:
    return {**dict(zip(KEY, key, strict=True)), "since": since, "by": by, "hides": hides, "through_run": None}


def _add(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    last = int(connection.scalar(select(func.max(overlay.c.seq))) or 0)
    at = datetime.now(UTC)
    connection.execute(insert(overlay), [{**row, "seq": seq, "at": at} for seq, row in enumerate(rows, last + 1)])
