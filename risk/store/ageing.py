"""Removing the rows of runs that are past their time. The run itself stays: its number, hash, counts and what it was made of."""

from __future__ import annotations

from sqlalchemy import delete, func, select

from risk.store.bulk import clear
from risk.store.engine import Database
from risk.store.tables import list_entry, person_outcome, person_score, run_tombstone
from risk.store.writing import LOCK

OF_PEOPLE = (list_entry, person_score, person_outcome, run_tombstone)


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
        for table in (list_entry, run_tombstone):
            with self.writing(alone=LOCK) as connection:
                connection.execute(delete(table).where(table.c.run == number))
        for table in (person_score, person_outcome):
            clear(self, table, number)
