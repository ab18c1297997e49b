"""The meeting's record: one row written at a time, on the version that its writer had read; read back with its words."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from features.errors import Refused, WrongUsage
from risk.store.engine import Database
from risk.store.histories import History, KeyReused, NewEntry, Stale
from risk.store.tables import audit_event, list_entry, meeting_entry, meeting_text

__all__ = ["ACTION", "ADDITION", "ANSWER", "CLOSES", "CORRECTION", "DECIDES", "DECISION", "LETTER", "LETTER_WITHDRAWN", "OUTCOME", "REMOVAL", "Closed", "KeyReused",
           "Meetings", "NewEntry", "NoSuchEntry", "Stale"]  # fmt: skip
LOCK = 0x66726108
HISTORY = History(meeting_entry, meeting_text, LOCK)
#: Kinds of rows, of which each of the first three is a decision and takes the place of the one before.
DECISION, ADDITION, REMOVAL = "decision", "addition", "removal"
ACTION, OUTCOME, CORRECTION, ANSWER = "action", "action_outcome", "correction", "correction_answer"
#: A clinician's approval of one letter to the person, and its being taken back.
LETTER, LETTER_WITHDRAWN = "letter", "letter_withdrawn"
DECIDES = (DECISION, ADDITION, REMOVAL)
#: What a row of a kind is about, and closes.
CLOSES = {OUTCOME: ACTION, ANSWER: CORRECTION, LETTER_WITHDRAWN: LETTER}


class Closed(Refused):
    """The action has an outcome, the correction an answer, or the letter was taken back, already."""


class NoSuchEntry(WrongUsage):
    """The person has no such row at the practice."""


class Meetings(Database):
    """What meetings wrote."""

    def write_entry(self, entry: NewEntry) -> dict[str, Any]:
        """Write a row, or find the one that the same request wrote before; as of :meth:`entries`. On disk when this returns.

        :class:`KeyReused`, :class:`Stale`, :class:`NoSuchEntry` or :class:`Closed` where nothing was written.
        """
        with self.writing(alone=LOCK) as connection:
            row = HISTORY.written(connection, entry)
            if row is None:
                row = HISTORY.append(connection, entry, DECIDES)
                _may_close(connection, entry, row)
            return HISTORY.whole(connection, [row])[0]

    def asked_before(self, entry: NewEntry) -> bool:
        """Whether the writer's key was used before, for this request or another."""
        rows = meeting_entry.c
        with self.reading() as connection:
            held = select(rows.seq).where(rows.by == entry.by, rows.request == entry.request)
            return connection.scalar(held) is not None

    def entries(
        self, people: Collection[int] | None, practice: str | None = None, scheme: str = "ods"
    ) -> dict[int, list[dict[str, Any]]]:
        """What meetings wrote (:meth:`risk.store.histories.History.entries`)."""
        return HISTORY.entries(self, people, practice, scheme)

    def opened(self, people: Collection[int], actions: Collection[str]) -> list[tuple[int, str]]:
        """(person, moment) of each time that somebody was given one person's answer, by the audit, oldest first."""
        held = (
            select(audit_event.c.person_id, audit_event.c.at)
            .where(audit_event.c.person_id.is_not(None), audit_event.c.outcome == "answered", audit_event.c.action.in_(list(actions)))
            .order_by(audit_event.c.seq)
        )  # fmt: skip
        with self.reading() as connection:
            return [(int(person), str(at)) for person, at in connection.execute(held) if person in people]

    def listed_at(self, number: int) -> dict[int, datetime]:
        """When each person of a run's lists was put on them."""
        held = select(list_entry.c.person_id, list_entry.c.listed_at).where(list_entry.c.run == number)
        with self.reading() as connection:
            return {int(person): at for person, at in connection.execute(held)}

    def entries_untouched(self, before: date) -> dict[int, int]:
        """Whole histories of people of whom nothing was written on ``before`` or later (:meth:`risk.store.histories.History.untouched`)."""
        return HISTORY.untouched(self, before)

    def remove_entries(self, people: Collection[int]) -> None:
        """Remove all that was written of ``people``."""
        HISTORY.remove(self, people)


def _may_close(connection: Connection, entry: NewEntry, row: dict[str, Any]) -> None:
    """Of a row that closes another: there is one, and nothing closed it before. What is raised undoes the row."""
    if entry.kind not in CLOSES:
        return
    rows, here = meeting_entry.c, HISTORY.at(entry)
    about = connection.scalar(select(rows.kind).where(*here, rows.seq == entry.of))
    if about != CLOSES[entry.kind]:
        raise NoSuchEntry("expected the number of an action, correction or letter of this person, found another")
    if connection.scalar(select(rows.seq).where(rows.of == entry.of, rows.seq != row["seq"])) is not None:
        raise Closed("the action has an outcome, the correction an answer, or the letter was taken back, already")
