"""Rows of people opened outside a relationship. What they mean: :mod:`risk.break_glass`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, insert, select, update

from risk.store.engine import Database, plain
from risk.store.tables import audit_text, break_glass

LOCK = 0x66726109


class BrokenGlass(Database):
    """Openings, by number from 1."""

    def add_opening(self, row: Mapping[str, Any]) -> int:
        """Keep one that is still to be reviewed; its number."""
        with self.writing(alone=LOCK) as connection:
            number = int(connection.scalar(select(func.max(break_glass.c.number))) or 0) + 1
            connection.execute(insert(break_glass), {**row, "number": number})
        return number

    def opening(self, user_id: str, selected: str, person_id: int, now: datetime) -> dict[str, Any] | None:
        """By which somebody may read a person at the moment; None where there is none, or its time is over."""
        rows = break_glass.c
        held = (
            select(break_glass)
            .where(rows.user_id == user_id, rows.selected == selected, rows.person_id == person_id)
            .where(rows.opened_at <= now, rows.until > now)
            .order_by(rows.until.desc())
            .limit(1)
        )
        with self.reading() as connection:
            row = connection.execute(held).mappings().one_or_none()
        return None if row is None else plain(row)

    def openings(self, *, reviewed: bool | None = None) -> list[dict[str, Any]]:
        """Each with its ``reason`` (None: it was removed when the person was forgotten), the oldest first; ``reviewed`` alone, or not."""
        beside = and_(audit_text.c.seq == break_glass.c.seq, audit_text.c.name == "reason")
        held = select(break_glass, audit_text.c.text.label("reason")).join_from(
            break_glass, audit_text, beside, isouter=True
        )
        if reviewed is not None:
            held = held.where(
                break_glass.c.reviewed_at.is_not(None) if reviewed else break_glass.c.reviewed_at.is_(None)
            )
        with self.reading() as connection:
            return [plain(row) for row in connection.execute(held.order_by(break_glass.c.number)).mappings()]

    def review_opening(self, number: int, verdict: str, by: str, now: datetime) -> bool:
        """Sign one off; whether it was there and not signed off yet."""
        held = update(break_glass).where(break_glass.c.number == number, break_glass.c.reviewed_at.is_(None))
        with self.writing(alone=LOCK) as connection:
            values = {"verdict": verdict, "reviewed_by": by, "reviewed_at": now}
            return bool(connection.execute(held.values(**values)).rowcount)

    def openings_before(self, day: date) -> int:
        """Reviewed ones of before a day."""
        with self.reading() as connection:
            return int(connection.scalar(select(func.count()).select_from(break_glass).where(*_old(day))) or 0)

    def remove_openings(self, day: date) -> None:
        with self.writing(alone=LOCK) as connection:
            connection.execute(delete(break_glass).where(*_old(day)))


def _old(day: date) -> tuple[ColumnElement[bool], ...]:
    midnight = datetime.combine(day, time(), UTC)
    return (break_glass.c.opened_at < midnight, break_glass.c.reviewed_at.is_not(None))
