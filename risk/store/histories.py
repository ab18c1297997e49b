"""Append-only histories of people: a row is written on the version that its writer had read, once for each request, and read back with its words."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select

from features.errors import Refused
from risk.store.engine import Database, plain

#: Values a statement carries at a time.
SOME = 500
_OF_THE_WRITING = ("request", "asked")


class Stale(Refused):
    """Somebody wrote since the version that the writer had read."""


class KeyReused(Refused):
    """The key stands for another request."""


@dataclass(frozen=True)
class NewEntry:
    """A row to be written. ``read`` is the version that its writer had read, 0 where there was none."""

    person_id: int
    scheme: str
    practice: str
    kind: str
    run: int
    day: date
    by: str
    read: int
    request: bytes
    asked: bytes
    body: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    of: int | None = None


@dataclass(frozen=True)
class History:
    """A history's two tables (:func:`risk.store.tables.histories.history`); ``lock``: one writer at a time."""

    entry: Table
    text: Table
    lock: int

    def written(self, connection: Connection, entry: NewEntry) -> dict[str, Any] | None:
        """The row that the same request wrote before; None where it wrote none. :class:`KeyReused` where it was another request."""
        rows = self.entry.c
        held = select(self.entry).where(rows.by == entry.by, rows.request == entry.request)
        row = connection.execute(held).mappings().one_or_none()
        if row is not None and row["asked"] != entry.asked:
            raise KeyReused("the key stands for another request already")
        return None if row is None else plain(row)

    def append(self, connection: Connection, entry: NewEntry, supersedes: Collection[str]) -> dict[str, Any]:
        """The row, written; it takes the place of the last of the kinds ``supersedes`` where it is of one. :class:`Stale` where somebody wrote since."""
        rows, here = self.entry.c, self.at(entry)
        version = int(connection.scalar(select(func.max(rows.version)).where(*here)) or 0)
        if version != entry.read:
            raise Stale("somebody wrote of this person since; read what stands and decide again")
        before = None
        if entry.kind in supersedes:
            before = connection.scalar(select(func.max(rows.seq)).where(*here, rows.kind.in_(list(supersedes))))
        names = ("person_id", "scheme", "practice", "kind", "run", "day", "by", *_OF_THE_WRITING, "of")
        row = {
            **{name: getattr(entry, name) for name in names},
            "seq": int(connection.scalar(select(func.max(rows.seq))) or 0) + 1,
            "version": version + 1,
            "supersedes": before,
            "body": dict(entry.body),
            "at": datetime.now(UTC),
        }
        connection.execute(insert(self.entry), row)
        texts = [{"seq": row["seq"], "name": name, "person_id": entry.person_id, "text": words}
                 for name, words in entry.texts.items()]  # fmt: skip
        if texts:
            connection.execute(insert(self.text), texts)
        return plain(connection.execute(select(self.entry).where(rows.seq == row["seq"])).mappings().one())

    def at(self, entry: NewEntry) -> tuple[Any, ...]:
        """Rows of the same person at the same practice."""
        rows = self.entry.c
        return rows.person_id == entry.person_id, rows.scheme == entry.scheme, rows.practice == entry.practice

    def whole(self, connection: Connection, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Rows with their words; without what is only for writing."""
        texts: dict[int, dict[str, str]] = {}
        for some in _some([row["seq"] for row in rows]):
            held = select(self.text.c.seq, self.text.c.name, self.text.c.text).where(self.text.c.seq.in_(some))
            for seq, name, words in connection.execute(held):
                texts.setdefault(int(seq), {})[str(name)] = str(words)
        return [
            {**{name: value for name, value in row.items() if name not in _OF_THE_WRITING}, "texts": texts.get(row["seq"], {})}
            for row in rows
        ]  # fmt: skip

    def entries(
        self, database: Database, people: Collection[int] | None, practice: str | None, scheme: str
    ) -> dict[int, list[dict[str, Any]]]:
        """Rows about ``people`` (None: everybody; only those written at ``practice`` where it is given), by person, oldest first, with
        ``texts``. Says nothing of who may be shown: ask for people whom a run shows."""
        held = select(self.entry).order_by(self.entry.c.seq)
        if practice is not None:
            held = held.where(self.entry.c.scheme == scheme, self.entry.c.practice == practice)
        if people is not None and len(people) <= SOME:
            held = held.where(self.entry.c.person_id.in_(list(people)))
        found: dict[int, list[dict[str, Any]]] = {}
        with database.reading() as connection:
            rows = [plain(row) for row in connection.execute(held).mappings()]
            wanted = rows if people is None else [row for row in rows if row["person_id"] in set(people)]
            for row in self.whole(connection, wanted):
                found.setdefault(row["person_id"], []).append(row)
        return found

    def untouched(self, database: Database, before: date) -> dict[int, int]:
        """People about whom nothing was written on ``before`` or later, and how many rows there are of each: whole histories, so that what
        stands is never read from half of one."""
        rows = self.entry.c
        held = select(rows.person_id, func.count()).group_by(rows.person_id).having(func.max(rows.day) < before)
        with database.reading() as connection:
            return {int(person): int(count) for person, count in connection.execute(held)}

    def remove(self, database: Database, people: Collection[int]) -> None:
        """Remove all that was written of ``people``."""
        for person in people:
            with database.writing(alone=self.lock) as connection:
                for table in (self.text, self.entry):
                    connection.execute(delete(table).where(table.c.person_id == person))


def _some(numbers: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(numbers), SOME):
        yield numbers[start : start + SOME]
