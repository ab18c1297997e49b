"""When the people of a run's lists were listed, opened, decided about and acted on, kept with the run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import delete, insert, select

from risk.store.bulk import BATCH
from risk.store.engine import Database, plain
from risk.store.tables import list_timeline
from risk.store.writing import LOCK, batches

_COLUMNS = tuple(list_timeline.c.keys())


class Timelines(Database):
    """A run's timeline is written anew, whole, each time it is looked at again."""

    def keep_timeline(self, number: int, rows: Iterable[Mapping[str, Any]]) -> None:
        """Take ``rows`` (the table's columns) for the run's, in place of those there were; one transaction."""
        with self.writing(alone=LOCK) as connection:
            connection.execute(delete(list_timeline).where(list_timeline.c.run == number))
            for batch in batches(({name: row[name] for name in _COLUMNS} for row in rows), BATCH):
                connection.execute(insert(list_timeline), batch)

    def timeline(self, number: int) -> list[dict[str, Any]]:
        """A run's, by practice and rank; ``person_id`` is for what works on the record, never to be shown."""
        rows = list_timeline.c
        held = select(list_timeline).where(rows.run == number).order_by(rows.scheme, rows.practice, rows.rank)
        with self.reading() as connection:
            return [plain(row) for row in connection.execute(held).mappings()]
