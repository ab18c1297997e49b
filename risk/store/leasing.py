"""Taking, keeping and giving up the lease of runs; and the test that every write of a run makes under it."""

from __future__ import annotations

from typing import Any, NamedTuple, Self

from sqlalchemy import Connection, insert, select, update

from features.errors import Refused
from risk.store.engine import Database
from risk.store.tables import lease, run

LOCK = 0x66726107
#: The one lease there is: of whatever makes, changes or removes runs.
RUNS = "runs"
_OF_RUNS = lease.c.name == RUNS


class Seen(NamedTuple):
    """What somebody saw of a lease: two alike, some time apart, say that its holder did nothing in between."""

    fence: int
    beat: int
    holder: str | None


class Leasing(Database):
    """``fence`` is the number under which this store's writes of runs are made; None where no lease is held."""

    fence: int | None = None

    def under(self, fence: int) -> Self:
        """The same store, whose writes of runs are made under a lease's number."""
        bound = type(self)(self.engine)
        bound.fence = fence
        return bound

    def lease(self) -> Seen | None:
        """The lease of runs as it stands; None where nobody ever held it."""
        with self.reading() as connection:
            return _seen(connection)

    def take_lease(self, holder: str, dead: Seen | None = None) -> int | None:
        """Take the lease where nobody holds it, or where it still is as it was ``dead``; its new number, or None where somebody else
        holds it."""
        with self.writing(alone=LOCK) as connection:
            held = _seen(connection)
            if held is None:
                connection.execute(insert(lease), {"name": RUNS, "fence": 1, "beat": 0, "holder": holder})
                return 1
            if held.holder is not None and held != dead:
                return None
            taken = {"fence": held.fence + 1, "beat": 0, "holder": holder}
            connection.execute(update(lease).where(_OF_RUNS).values(taken))
            return held.fence + 1

    def beat_lease(self, fence: int) -> bool:
        """Say that the holder under ``fence`` lives; whether it still holds the lease."""
        return self._if_held(fence, {"beat": lease.c.beat + 1})

    def give_up_lease(self, fence: int) -> bool:
        """Let the lease go; False where somebody else has it already."""
        return self._if_held(fence, {"holder": None})

    def _if_held(self, fence: int, values: dict[str, Any]) -> bool:
        held = update(lease).where(_OF_RUNS, lease.c.fence == fence, lease.c.holder.is_not(None)).values(values)
        with self.writing() as connection:
            return connection.execute(held).rowcount == 1

    def _only_holder(self, connection: Connection) -> None:
        """Refuse a write under a number that is no longer the lease's. The row stays as it is until the transaction ends, so whoever takes
        the lease over waits for what was allowed."""
        if self.fence is None:
            return
        held = connection.execute(
            select(lease.c.fence, lease.c.holder).where(_OF_RUNS).with_for_update(read=True)
        ).one_or_none()
        if held is None or held.fence != self.fence or held.holder is None:
            raise Refused(
                f"this run lost its lease (number {self.fence}): it did nothing for so long that another took over; nothing was "
                "written; look at what held it up before running again"
            )

    def _may_write(self, connection: Connection, number: int) -> None:
        """:class:`Refused` unless run ``number`` is in staging and, where it was begun under a lease, this store holds the lease."""
        self._only_holder(connection)
        held = connection.execute(select(run.c.status, run.c.fence).where(run.c.number == number)).one_or_none()
        if held is None or held.status != "staging":
            raise Refused(
                f"expected run {number} to be in staging, found {held.status if held else 'no such run'}; nothing was changed"
            )
        if held.fence is not None and self.fence is None:
            raise Refused(
                f"run {number} is written under a lease (number {held.fence}), which this process does not hold"
            )


def _seen(connection: Connection) -> Seen | None:
    held = connection.execute(select(lease.c.fence, lease.c.beat, lease.c.holder).where(_OF_RUNS)).one_or_none()
    return None if held is None else Seen(*held)
