"""An extract of episodes read as a source of stays: each delivery is put to all that came before, and what is new is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pyarrow as arrow

from features.progress import Progress
from features.sources.contract import Batch, Rejected
from features.sources.delivered import statements
from features.sources.delivered.extract import Delivered
from features.sources.delivered.files import Delivery
from features.sources.hospital import spells, telling

#: Stays are known by the same keys, and patients by the same numbers, in every extract that tells of them.
SHARED = "hes"


class Stays(Delivered):
    """A source of ``spell``, and where its layout has it ``diagnosis``. The layout's first rule reads episodes."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.name = SHARED

    @property
    def finished(self) -> bool:
        """Whether the extract is of finished stays, which settle what a daily file said."""
        return any(rule.table == "diagnosis" for rule in self.layout.rules)

    def feeds(self) -> arrow.Table:
        rows = super().feeds()
        named = arrow.array([self.layout.name] * rows.num_rows, arrow.string())
        return rows.set_column(rows.column_names.index("source"), "source", named)

    def batches(self, progress: Progress) -> Iterator[Batch]:
        progress.stage("putting episodes together", sum(one.file.rows for one in self.deliveries))
        for statement in telling.HELD:
            self._connection.execute(statement)
        for one in self.deliveries:
            dropped, refused = self._collect(one, progress)
            self._settle(one)
            yield from self._told(one, dropped, refused)
            for statement in telling.TELL:
                self._connection.execute(statement)

    def _collect(self, one: Delivery, progress: Progress) -> tuple[Counter[str], list[Rejected]]:
        """Put the delivery's episodes into the table ``fresh``; the rows that are none."""
        rule = self.layout.of(one.kind.name)[0]
        dropped: Counter[str] = Counter()
        refused: list[Rejected] = []
        self._connection.execute("CREATE OR REPLACE TEMP TABLE fresh AS SELECT * FROM episode LIMIT 0")
        for rows in one.file.batches():
            statements.put(self._connection, one.kind, rows, one.received)
            batch = self._batch(rule, one, rows)
            dropped.update(batch.dropped)
            refused += batch.refused
            self._connection.register("read_episodes", batch.frame)
            columns = ", ".join(telling.COLUMNS[1:])
            self._connection.execute(
                f"INSERT INTO fresh SELECT nextval('places'), $file, source_row, coalesce(eid, $file || '/' || source_row), {columns} "
                "FROM (SELECT * FROM read_episodes ORDER BY happened, source_row)",
                {"file": one.file.name},
            )
            self._connection.unregister("read_episodes")
            progress.advance(batch.frame.num_rows)
        return dropped, refused

    def _settle(self, one: Delivery) -> None:
        when = {"received": one.received}
        for statement in telling.remember(self.finished):
            self._connection.execute(statement, when if "$received" in statement else None)
        spells.build(self._connection)
        self._connection.execute(telling.STAYS, {**when, "first": self._is_first(one), "lag": self.lag_days})
        for statement in (telling.CODES, telling.NEWS):
            self._connection.execute(statement)
        self._connection.execute(telling.GONE, when)

    def _told(self, one: Delivery, dropped: Counter[str], refused: list[Rejected]) -> Iterator[Batch]:
        feed = {table: self._key(table, "*", one.received) for table in ("spell", "diagnosis")}
        file, of = {"file": one.file.name}, {"feed": feed["spell"], "settles": self.finished}
        again = "duplicate_episode" if self.finished else "earlier_word_of_stay"
        fates = dropped + Counter(dict(self._connection.execute(telling.FATES, {"again": again}).fetchall()))
        yield Batch(
            "spell", one.file.name, self._rows(telling.SPELLS, {**file, **of}), "stays", dropped=fates, refused=refused
        )
        yield from self._beside("spell", one, "stays_continued", self._rows(telling.CONTINUED, {**file, **of}))
        gone = self._rows(telling.WITHDRAWN, of)
        yield from self._beside("spell", one, "stays_withdrawn", gone)
        if self.finished:
            of = {"feed": feed["diagnosis"]}
            left = dict(self._connection.execute(telling.DROPPED_CODES).fetchall())
            yield Batch(
                "diagnosis", one.file.name, self._rows(telling.DIAGNOSES, {**file, **of}), "diagnoses", dropped=left
            )
            gone = self._rows(telling.UNCODED, {**of, "received": one.received})
            yield from self._beside("diagnosis", one, "diagnoses_withdrawn", gone)

    def _beside(self, table: str, one: Delivery, rule: str, frame: arrow.Table) -> Iterator[Batch]:
        """Rows that no row of the file stands for."""
        if frame.num_rows:
            yield Batch(table, one.file.name, frame, rule)

    def _rows(self, query: str, given: dict[str, Any]) -> arrow.Table:
        return self._connection.sql(query, params=given).to_arrow_table()
