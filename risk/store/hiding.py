"""People who are shown in no list and no answer, whichever run it is from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, exists, func, insert, select
from sqlalchemy.sql import ColumnElement

from risk.store.engine import Database
from risk.store.tables import list_entry, not_shown, run_tombstone

LOCK = 0x66726105


def shown(person_id: Any) -> ColumnElement[bool]:
    """Whether the person of a row may be shown: a condition for every statement that reads people."""
    return ~exists().where(not_shown.c.person_id == person_id)


class Hiding(Database):
    """Who is hidden, and how many of a list are missing for it."""

    def hidden(self) -> dict[int, str]:
        """Everybody who is not shown, and why."""
        with self.reading() as connection:
            rows = connection.execute(select(not_shown.c.person_id, not_shown.c.why)).all()
        return {int(person): str(why) for person, why in rows}

    def hide(self, people: Mapping[int, str], shown_again: Iterable[int] = ()) -> None:
        """Show ``people`` no more, each with why, and ``shown_again`` again; in one transaction."""
        now = datetime.now(UTC)
        with self.writing(alone=LOCK) as connection:
            held = {int(person) for (person,) in connection.execute(select(not_shown.c.person_id))}
            for person in held & set(shown_again):
                connection.execute(delete(not_shown).where(not_shown.c.person_id == person))
            fresh = [
                {"person_id": person, "why": why, "since": now} for person, why in people.items() if person not in held
            ]
            if fresh:
                connection.execute(insert(not_shown), fresh)

    def hiding_mark(self) -> str:
        """Changes whenever anybody is hidden or shown again: whoever keeps an answer must ask anew."""
        counted = select(func.count(), func.max(not_shown.c.since)).select_from(not_shown)
        with self.reading() as connection:
            people, latest = connection.execute(counted).one()
        return f"{people} {latest}"

    def withheld(self, number: int, practice: str, scheme: str = "ods", kind: str = "priority") -> int:
        """How many people of a practice's list are not shown: they object now, or were forgotten."""
        of_list = (list_entry.c.run == number, list_entry.c.list == kind, list_entry.c.scheme == scheme,
                   list_entry.c.practice == practice)  # fmt: skip
        gone = (run_tombstone.c.run == number, run_tombstone.c.scheme == scheme, run_tombstone.c.practice == practice,
                run_tombstone.c.listed)  # fmt: skip
        with self.reading() as connection:
            hidden = connection.scalar(select(func.count()).select_from(list_entry).where(*of_list, ~shown(list_entry.c.person_id)))  # fmt: skip
            forgotten = connection.scalar(select(func.count()).select_from(run_tombstone).where(*gone))
        return int(hidden or 0) + int(forgotten or 0)
