"""Webhooks in the store: one telling at a time of each, leased to whoever sends it, tried again until its time is over."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, or_, select, update

from risk.store.engine import Database, plain
from risk.store.tables import webhook, webhook_message

LOCK = 0x66726125
WAITING, SENT, DEAD, ENDED = "waiting", "sent", "dead", "ended"


class Webhooks(Database):
    """Subscriptions and their tellings. ``id`` of a telling is that of every attempt, by which a receiver knows it again."""

    def add_webhook(self, row: Mapping[str, Any]) -> None:
        with self.writing(alone=LOCK) as connection:
            connection.execute(insert(webhook), dict(row))

    def webhooks(self, *, ended: bool = False) -> list[dict[str, Any]]:
        """Those in force, the first made first; with those ``ended`` too: each with how many of its tellings have which ``status``, and why the last failed."""
        held = select(webhook).order_by(webhook.c.made_at, webhook.c.id)
        of = webhook_message.c
        counted = select(of.webhook, of.status, func.count()).group_by(of.webhook, of.status)
        failed = select(of.webhook, of.why).where(of.why.is_not(None)).order_by(of.made_at)
        with self.reading() as connection:
            rows = [
                plain(row)
                for row in connection.execute(held if ended else held.where(webhook.c.ended_at.is_(None))).mappings()
            ]
            messages: dict[str, dict[str, int]] = {}
            for name, status, count in connection.execute(counted):
                messages.setdefault(name, {})[status] = count
            why = {row.webhook: row.why for row in connection.execute(failed)}
        return [{**row, "messages": messages.get(row["id"], {}), "why": why.get(row["id"])} for row in rows]

    def end_webhook(self, name: str, at: datetime) -> bool:
        """End one and its waiting tellings; whether it was in force."""
        with self.writing(alone=LOCK) as connection:
            in_force = webhook.c.id == name, webhook.c.ended_at.is_(None)
            ended = connection.execute(update(webhook).where(*in_force).values(ended_at=at)).rowcount
            of = webhook_message.c
            waiting = update(webhook_message).where(of.webhook == name, of.status == WAITING)
            connection.execute(waiting.values(status=ENDED, closed_at=at, leased_by=None, leased_until=None))
        return bool(ended)

    def told_up_to(self, name: str) -> tuple[int, int, bool]:
        """The last event up to which a telling was taken in, the last one up to which there is a telling, and whether one waits."""
        of = webhook_message.c
        mine = of.webhook == name
        with self.reading() as connection:
            begun = connection.scalar(select(webhook.c.begun).where(webhook.c.id == name)) or 0
            sent = connection.scalar(select(func.max(of.through)).where(mine, of.status == SENT))
            every = connection.scalar(select(func.max(of.through)).where(mine))
            waits = connection.scalar(select(of.id).where(mine, of.status == WAITING).limit(1))
        return int(sent or begun), int(every or begun), waits is not None

    def add_message(self, name: str, after: int, through: int, at: datetime) -> bool:
        """A telling, unless one waits or there is one up to ``through`` already; whether it was added."""
        of = webhook_message.c
        row = {"id": f"msg_{secrets.token_hex(16)}", "webhook": name, "after": after, "through": through, "status": WAITING,
               "attempts": 0, "due": at, "made_at": at}  # fmt: skip
        with self.writing(alone=LOCK) as connection:
            there = select(of.id).where(of.webhook == name, or_(of.status == WAITING, of.through >= through)).limit(1)
            if connection.scalar(there) is not None:
                return False
            connection.execute(insert(webhook_message), row)
        return True

    def lease_message(self, by: str, at: datetime, seconds: float) -> dict[str, Any] | None:
        """A telling that is due and that nobody else is sending, with the ``url`` and ``client_id`` of its webhook: ``by``'s alone for so many seconds, with
        an attempt more; None where there is none."""
        of = webhook_message.c
        free = or_(of.leased_until.is_(None), of.leased_until <= at)
        due = (
            select(webhook_message, webhook.c.url, webhook.c.client_id)
            .join(webhook, webhook.c.id == of.webhook)
            .where(of.status == WAITING, of.due <= at, free, webhook.c.ended_at.is_(None))
            .order_by(of.due, of.id)
            .limit(1)
        )
        with self.writing(alone=LOCK) as connection:
            found = connection.execute(due).mappings().one_or_none()
            if found is None:
                return None
            mine = {"leased_by": by, "leased_until": at + timedelta(seconds=seconds), "attempts": found["attempts"] + 1}
            connection.execute(update(webhook_message).where(of.id == found["id"]).values(mine))
        return {**plain(found), **mine}

    def close_message(self, name: str, by: str, status: str, at: datetime, why: str | None = None, due: datetime | None = None) -> bool:  # fmt: skip
        """What became of an attempt: the telling's new ``status``, and when it is ``due`` again where it waits on. Whether ``by`` still held it."""
        of = webhook_message.c
        said: dict[str, Any] = {"status": status, "why": why, "leased_by": None, "leased_until": None}
        said |= {"due": due} if status == WAITING else {"closed_at": at}
        mine = update(webhook_message).where(of.id == name, of.leased_by == by, of.status == WAITING)
        with self.writing(alone=LOCK) as connection:
            return bool(connection.execute(mine.values(said)).rowcount)
