"""Removing the rows of runs that are past their time. The run itself stays: its number, hash, counts and what it was made of."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import delete, func, insert, select

from risk.store.bulk import clear
from risk.store.engine import Database
from risk.store.tables import (
    criterion_entry,
    frailty_proposal,
    hospital_at_home,
    list_entry,
    list_timeline,
    person_outcome,
    person_score,
    run_tombstone,
    without_rows,
)
from risk.store.writing import LOCK

OF_PEOPLE = (
    list_entry,
    list_timeline,
    person_score,
    person_outcome,
    criterion_entry,
    frailty_proposal,
    hospital_at_home,
    run_tombstone,
)


class Ageing(Database):
    """What of a run is about people."""

    def rows_of_run(self, number: int) -> int:
        """Rows about people that a run has in the store."""
        with self.reading() as connection:
            return sum(
                int(connection.scalar(select(func.count()).select_from(table).where(table.c.run == number)) or 0)
                for table in OF_PEOPLE
            )

    def remove_run_rows(self, number: int) -> None:
        """Remove them, in small transactions."""
        for table in (list_entry, list_timeline, run_tombstone):
            with self.writing(alone=LOCK) as connection:
                connection.execute(delete(table).where(table.c.run == number))
        for table in (person_score, person_outcome, criterion_entry, frailty_proposal, hospital_at_home):
            clear(self, table, number)

    def notice(self, people: Collection[int], without: Collection[int], day: date) -> None:
        """Of ``people``, remember from ``day`` on those who are ``without`` rows, unless it was so before, and forget it of the others."""
        with self.writing(alone=LOCK) as connection:
            held = {int(person) for (person,) in connection.execute(select(without_rows.c.person_id))}
            for person in held & set(people) - set(without):
                connection.execute(delete(without_rows).where(without_rows.c.person_id == person))
            fresh = [{"person_id": person, "noticed": day} for person in sorted(set(without) - held)]
            if fresh:
                connection.execute(insert(without_rows), fresh)

    def noticed_before(self, day: date) -> list[int]:
        """People without rows in any record since before ``day``."""
        held = select(without_rows.c.person_id).where(without_rows.c.noticed < day).order_by(without_rows.c.person_id)
        with self.reading() as connection:
            return [int(person) for (person,) in connection.execute(held)]

    def remove_notices(self, people: Collection[int]) -> None:
        with self.writing(alone=LOCK) as connection:
            for person in people:
                connection.execute(delete(without_rows).where(without_rows.c.person_id == person))
