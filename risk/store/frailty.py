"""The frailty register: a run's proposals, who is old enough, and clinicians' answers, each written on the version that was read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import func, select

from risk.frailty_register.categories import AGE_BANDS
from risk.frailty_register.standing import ANSWERS
from risk.store.engine import plain
from risk.store.hiding import shown
from risk.store.histories import History, NewEntry
from risk.store.tables import frailty_entry, frailty_proposal, frailty_text, person_score
from risk.store.writing import RunWriting

LOCK = 0x66726109
HISTORY = History(frailty_entry, frailty_text, LOCK)


class FrailtyRegister(RunWriting):
    """Nothing of it is joined with a list."""

    def write_frailty_proposals(self, number: int, rows: Iterable[Mapping[str, Any]]) -> None:
        """``person_id``, ``scheme``, ``practice``, ``proposed``, ``rests_on`` of a staged run."""
        self._write(number, frailty_proposal, rows)

    def frailty_proposals(
        self, number: int, practice: str, scheme: str = "ods", person_id: int | None = None
    ) -> list[dict[str, Any]]:
        """A practice's proposals of a run, of people who may be shown; one person's where they are named."""
        rows = frailty_proposal.c
        held = select(rows.person_id, rows.proposed, rows.rests_on).where(
            rows.run == number, rows.scheme == scheme, rows.practice == practice, shown(rows.person_id)
        )
        if person_id is not None:
            held = held.where(rows.person_id == person_id)
        with self.reading() as connection:
            return [plain(row) for row in connection.execute(held.order_by(rows.person_id)).mappings()]

    def withheld_proposals(self, number: int, practice: str, scheme: str = "ods") -> int:
        """How many people whom a run proposed at a practice are not shown: they died, left, object or were forgotten."""
        rows = frailty_proposal.c
        held = select(func.count()).where(
            rows.run == number, rows.scheme == scheme, rows.practice == practice, ~shown(rows.person_id)
        )
        with self.reading() as connection:
            return int(connection.scalar(held) or 0)

    def aged_people(self, number: int, practice: str, scheme: str = "ods") -> list[dict[str, Any]]:
        """``person_id``, ``age_band`` and ``sex`` of those whom a run scored at the practice, who may be shown and are of the register's age."""
        rows = person_score.c
        held = select(rows.person_id, rows.age_band, rows.sex).where(
            rows.run == number, rows.scheme == scheme, rows.practice == practice, rows.age_band.in_(AGE_BANDS),
            shown(rows.person_id)
        )  # fmt: skip
        with self.reading() as connection:
            return [plain(row) for row in connection.execute(held.order_by(rows.person_id)).mappings()]

    def write_frailty_entry(self, entry: NewEntry) -> dict[str, Any]:
        """Write an answer, or find the one that the same request wrote before. On disk when this returns.

        :class:`risk.store.histories.KeyReused` or :class:`risk.store.histories.Stale` where nothing was written.
        """
        with self.writing(alone=LOCK) as connection:
            row = HISTORY.written(connection, entry) or HISTORY.append(connection, entry, ANSWERS)
            return HISTORY.whole(connection, [row])[0]

    def frailty_asked_before(self, entry: NewEntry) -> bool:
        """Whether the writer's key was used before, for this request or another."""
        rows = frailty_entry.c
        held = select(rows.seq).where(rows.by == entry.by, rows.request == entry.request)
        with self.reading() as connection:
            return connection.scalar(held) is not None

    def frailty_entries(
        self, people: Collection[int] | None, practice: str | None = None, scheme: str = "ods"
    ) -> dict[int, list[dict[str, Any]]]:
        """What clinicians answered (:meth:`risk.store.histories.History.entries`)."""
        return HISTORY.entries(self, people, practice, scheme)

    def frailty_untouched(self, before: date) -> dict[int, int]:
        """Whole histories of people of whom nothing was answered on ``before`` or later."""
        return HISTORY.untouched(self, before)

    def remove_frailty_entries(self, people: Collection[int]) -> None:
        """Remove all that was answered of ``people``."""
        HISTORY.remove(self, people)
