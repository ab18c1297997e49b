"""Taking a published run back: the pointer moves to the run before it, whoever pulls is told, and nothing of it is lost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, exists, func, insert, select, update

from features.errors import Refused, WrongUsage
from risk.store.engine import Database, plain
from risk.store.tables import audit_event, outbox, person_score, run, run_pointer, withdrawal

LOCK = 0x66726103  # that of publication: a pointer moves one way at a time
PUBLISHED, WITHDRAWN = "published", "withdrawn"
#: Kinds of row in the outbox.
TOLD_PUBLISHED, TOLD_WITHDRAWN = "run.published", "run.withdrawn"
#: Outcomes of the audit with which somebody was given what they asked for.
READ = ("answered", "unchanged")


class Withdrawing(Database):
    """Withdrawals, the outbox, and who had read a run."""

    def withdraw_run(self, number: int, *, by: str, reason: str, leave_none: bool = False) -> dict[str, Any]:
        """Take a run back, in one short transaction; the row of the withdrawal.

        Where it is the current run, readers have the latest published run before it that still has its rows. :class:`Refused` where there
        is none, unless ``leave_none``; and where the run was taken back before, or was never shown to readers.
        """
        now = datetime.now(UTC)
        with self.writing(alone=LOCK) as connection:
            status = connection.scalar(select(run.c.status).where(run.c.number == number))
            if status == WITHDRAWN:
                raise Refused(f"run {number} was withdrawn already; nothing was changed")
            if status == "shadow":
                raise Refused(
                    f"run {number} is a shadow run, which no reader was ever shown: there is nothing to withdraw"
                )
            if status != PUBLISHED:
                raise WrongUsage(f"expected the number of a published run, found {status or 'no such run'}")
            current = connection.scalar(select(run_pointer.c.run).where(run_pointer.c.name == PUBLISHED))
            before = _before(connection, number) if current == number else None
            if current == number and before is None and not leave_none:
                raise Refused(
                    f"run {number} is the only one that readers could be given; with --leave-none they are told that nothing is "
                    "published, until a run is"
                )
            connection.execute(update(run).where(run.c.number == number).values(status=WITHDRAWN))
            if current == number:
                connection.execute(delete(run_pointer).where(run_pointer.c.name == PUBLISHED))
                if before is not None:
                    connection.execute(insert(run_pointer), {"name": PUBLISHED, "run": before, "moved_at": now})
            done = {"run": number, "at": now, "by": by, "reason": reason, "instead": before}
            connection.execute(insert(withdrawal), done)
            current = before if current == number else current
            tell(connection, TOLD_WITHDRAWN, number, now, {"reason": reason, "current": current})
        return {**done, "current": current}

    def withdrawal(self, number: int) -> dict[str, Any] | None:
        """When, by whom and why a run was taken back; None where it was not."""
        with self.reading() as connection:
            row = connection.execute(select(withdrawal).where(withdrawal.c.run == number)).mappings().one_or_none()
        return None if row is None else plain(row)

    def told_since(self, seq: int, limit: int) -> list[dict[str, Any]]:
        """Rows of the outbox after ``seq``, in their order."""
        rows = select(outbox).where(outbox.c.seq > seq).order_by(outbox.c.seq).limit(limit)
        with self.reading() as connection:
            return [plain(row) for row in connection.execute(rows).mappings()]

    def readers_of(self, number: int) -> list[dict[str, Any]]:
        """Who was given something of a run, by the audit: ``actor_kind``, ``actor``, ``role``, ``organisation``, ``action``, how many
        ``times``, and from ``first`` to ``last``."""
        who = [audit_event.c[name] for name in ("actor_kind", "actor", "role", "organisation", "action")]
        rows = (
            select(*who, func.count().label("times"), func.min(audit_event.c.at).label("first"), func.max(audit_event.c.at).label("last"))
            .where(audit_event.c.run == number, audit_event.c.outcome.in_(READ))
            .group_by(*who)
            .order_by(*who)
        )  # fmt: skip
        with self.reading() as connection:
            return [plain(row) for row in connection.execute(rows).mappings()]


def tell(connection: Connection, kind: str, number: int, at: datetime, body: Mapping[str, Any]) -> None:
    """Add a row to the outbox, in the transaction of what it tells. For the holder of :data:`LOCK`."""
    seq = (connection.scalar(select(func.max(outbox.c.seq))) or 0) + 1
    connection.execute(insert(outbox), {"seq": seq, "kind": kind, "run": number, "at": at, "body": dict(body)})


def _before(connection: Connection, number: int) -> int | None:
    whole = exists().where(person_score.c.run == run.c.number)
    latest = select(func.max(run.c.number)).where(run.c.number < number, run.c.status == PUBLISHED, whole)
    found = connection.scalar(latest)
    return None if found is None else int(found)
