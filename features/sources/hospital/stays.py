"""An extract of episodes read as a source of stays: each delivery is put to all that came before, and what is new is told."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import duckdb
import pyarrow as arrow

from features.errors import WrongUsage
from features.progress import Progress
from features.sources.contract import Batch, InputFile, Rejected
from features.sources.delivered import statements
from features.sources.delivered.declared import Layout
from features.sources.delivered.extract import Delivered
from features.sources.delivered.files import Delivery
from features.sources.delivered.opening import opener
from features.sources.hospital import spells, telling

#: Stays are known by the same keys, and patients by the same numbers, in every extract that tells of them.
SHARED = "hes"


class Stays(Delivered):
    """A source of ``spell``, and where its layout has it ``diagnosis``. The layout's first rule reads episodes.

    ``at_home`` are the sites under whose codes the area's providers record hospital at home (virtual wards): a stay all of which is at such
    keeps somebody out of a bed. No code of the NHS Data Dictionary says so of an admission, so only the area can.
    """

    def __init__(self, *arguments: Any, at_home: Sequence[str] = ()) -> None:
        super().__init__(*arguments)
        self.name, self.at_home = SHARED, sorted(set(at_home))

    def inputs(self) -> list[InputFile]:
        sites = [InputFile("hospital at home", "|".join(self.at_home))] if self.at_home else []
        return [*super().inputs(), *sites]

    @cached_property
    def _connection(self) -> duckdb.DuckDBPyConnection:
        connection = super()._connection
        connection.execute("CREATE TABLE home_site (code VARCHAR PRIMARY KEY)")
        if self.at_home:
            connection.executemany("INSERT INTO home_site VALUES (?)", [(code,) for code in self.at_home])
        return connection

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


class Opener(Protocol):
    """What ``open_source`` of an extract of stays is."""

    def __call__(self, path: Path, *, hospital_at_home: Sequence[str] | None = None, organisation: str | None = None, scheme: str = "local",
                 title: str | None = None, kind: str = "real", purposes: str = "*", lag_days: int | None = None, history: str | None = None) -> Stays: ...  # fmt: skip


def stays_of(layout: Layout) -> Opener:
    """``open_source`` of ``layout``."""

    def open_source(path: Path, *, hospital_at_home: Sequence[str] | None = None, organisation: str | None = None, scheme: str = "local",
                    title: str | None = None, kind: str = "real", purposes: str = "*", lag_days: int | None = None, history: str | None = None) -> Stays:  # fmt: skip
        """As :func:`~features.sources.delivered.opening.opener` says; ``hospital_at_home`` are the codes of sites under which hospital at
        home is recorded. :class:`WrongUsage` where one is no ODS code."""
        sites = [hospital_at_home] if isinstance(hospital_at_home, str) else list(hospital_at_home or ())
        if not all(isinstance(site, str) and re.fullmatch(r"[A-Z0-9]{3,12}", site) for site in sites):
            raise WrongUsage(
                f'expected `hospital_at_home` of the {layout.name} extract to be codes of sites, as ["RX1VW"], found something else'
            )

        def made(*arguments: Any) -> Stays:
            return Stays(*arguments, at_home=sites)

        opened = opener(layout, made)(path, organisation=organisation, scheme=scheme, title=title, kind=kind, purposes=purposes, lag_days=lag_days, history=history)  # fmt: skip
        assert isinstance(opened, Stays)
        return opened

    return open_source


def class_of(site: str, otherwise: str) -> str:
    """SQL of a stay's class: hospital at home where its ``site`` is one of the area's, else ``otherwise``."""
    return f"CASE WHEN upper({site}) IN (SELECT code FROM home_site) THEN 'hospital_at_home' ELSE {otherwise} END"
