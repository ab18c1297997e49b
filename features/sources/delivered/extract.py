"""An extract of deliveries read as a source: each batch of rows of each file goes through every rule of its kind."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as arrow
import pyarrow.compute as pc

from features.progress import Progress
from features.sources.contract import FEED_COLUMNS, Batch, Fault, InputFile, Rejected
from features.sources.delivered import files, statements
from features.sources.delivered.declared import NOBODY, Layout, Rule, day
from features.sources.delivered.files import Delivery
from features.sources.files import Rows, literal

#: Rows of each file that a check tries.
TRIED_ROWS = 2_000


class Delivered:
    """A :class:`~features.sources.contract.Source`. ``organisation`` (in ``scheme``) is who sends the extract; ``purposes`` those that
    the sender permits; ``lag_days`` replaces the layout's own; ``history`` is the day from which the first delivery of a file is
    taken to stand for weekly ones, so that earlier index dates have a feed."""

    def __init__(self, layout: Layout, path: Path, organisation: str, scheme: str, about: Mapping[str, str], purposes: str,
                 lag_days: int | None = None, history: date | None = None) -> None:  # fmt: skip
        self.layout, self.path, self.name = layout, Path(path), layout.name
        self.organisation, self.scheme, self.purposes, self._about = organisation, scheme, purposes, dict(about)
        self.history = history
        self.lag_days = layout.lag_days if lag_days is None else int(lag_days)
        self.deliveries, self._strange = files.find(self.path, layout)

    def inputs(self) -> list[InputFile]:
        options = (
            self.organisation,
            self.scheme,
            self.purposes,
            str(self.lag_days),
            str(self.history),
            self._about["kind"],
        )
        return [*(one.file.input for one in self.deliveries), InputFile("options", "|".join(options))]

    def about(self) -> dict[str, str]:
        return self._about

    def check(self) -> list[Fault]:
        if not self.deliveries:
            return self._strange
        faults = [*self._strange, *files.faults_of(self.deliveries, self.layout)]
        return faults or [fault for one in self.deliveries for fault in self._nothing_reads(one)]

    def feeds(self) -> arrow.Table:
        rows: dict[str, dict[str, Any]] = {}
        for one in self.deliveries:
            for sent, upto in self._covered[one.file.name].items():
                for table in self._fed(one, sent):
                    practice = NOBODY if table in one.kind.adds_to else sent
                    for came, to in [*self._before(one), (one.received, upto)]:
                        key = self._key(table, practice, came)
                        reached = rows[key]["period_to"] if key in rows else date.min
                        rows[key] = {
                            "feed": key, "known_at": came, "source": self.name, "table_name": table,
                            "organisation": self.organisation, "organisation_scheme": self.scheme, "covers": practice,
                            "period_from": min(self._begins, to), "period_to": max(to, reached), "purposes": self.purposes,
                        }  # fmt: skip
        days = ("known_at", "known_until", "period_from", "period_to")
        types = {name: arrow.date32() if name in days else arrow.string() for name in ("feed", *FEED_COLUMNS)}
        return arrow.table(
            {name: arrow.array([row.get(name) for row in rows.values()], type_) for name, type_ in types.items()}
        )

    def batches(self, progress: Progress) -> Iterator[Batch]:
        progress.stage("reading rows", sum(one.file.rows for one in self.deliveries))
        for one in self.deliveries:
            if self.layout.each:
                self.layout.each(self._connection, one.received)
            for rows in one.file.batches():
                statements.put(self._connection, one.kind, rows, one.received)
                for rule in self.layout.of(one.kind.name):
                    yield self._batch(rule, one, rows)
                progress.advance(rows.frame.num_rows)

    @cached_property
    def _connection(self) -> duckdb.DuckDBPyConnection:
        """A connection with the layout's lookups, and ``covered`` (file, practice, upto)."""
        connection = duckdb.connect(config={"threads": 2, "memory_limit": "1GB"})
        connection.execute("CREATE TABLE covered (file VARCHAR, practice VARCHAR, upto DATE)")
        connection.execute("CREATE TABLE filled (file VARCHAR, practice VARCHAR, of VARCHAR)")
        for lookup in self.layout.lookups:
            names = ", ".join(f"{name} VARCHAR" for name in lookup.columns)
            connection.execute(f"CREATE TABLE {lookup.name} (received DATE, {names})")
        for one in self.deliveries:
            for rows in one.file.batches():
                statements.put(connection, one.kind, rows, one.received, self._looked_up(one))
                connection.execute(
                    f"INSERT INTO covered SELECT {literal(one.file.name)}, coalesce({one.kind.practice}, '*'), "
                    f"max({one.kind.upto}) FROM rows r GROUP BY ALL"
                )
                for table, test in one.kind.only_where.items():
                    connection.execute(
                        f"INSERT INTO filled SELECT DISTINCT {literal(one.file.name)}, coalesce({one.kind.practice}, '*'), "
                        f"{literal(table)} FROM rows r WHERE {test}"
                    )
                for lookup in self.layout.lookups:
                    if lookup.of == one.kind.name:
                        chosen = ", ".join(lookup.columns.values())
                        connection.execute(f"INSERT INTO {lookup.name} SELECT DISTINCT received, {chosen} FROM rows r")
        if self.layout.prepare:
            self.layout.prepare(connection)
        return connection

    @cached_property
    def _covered(self) -> dict[str, dict[str, date]]:
        """For each file, whom it speaks for and the day after the last that it covers."""
        made: dict[str, dict[str, date]] = {}
        found = self._connection.execute(
            "SELECT file, practice, max(upto) FROM covered GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        held = {(file, practice): upto for file, practice, upto in found}
        for one in self.deliveries:
            practices = [practice for file, practice in held if file == one.file.name] or ["*"]
            made[one.file.name] = {
                practice: min(upto + timedelta(days=1), one.received) if (upto := held.get((one.file.name, practice))) else one.received
                for practice in practices
            }  # fmt: skip
        return made

    @cached_property
    def _filled(self) -> set[tuple[str, str, str]]:
        return set(self._connection.execute("SELECT DISTINCT file, practice, of FROM filled").fetchall())

    @cached_property
    def _begins(self) -> date:
        first = self.history or min(one.received for one in self.deliveries)
        return min(self.layout.begins or first, first)

    def _key(self, table: str, practice: str, came: date) -> str:
        return "/".join((table, practice, came.isoformat()))

    def _before(self, one: Delivery) -> list[tuple[date, date]]:
        """The weekly deliveries that a first one stands for: when each came, and the day after the last that it covered."""
        if self.history is None or not self._is_first(one):
            return []
        days = range((one.received - self.history).days, 0, -7)
        return [(came, came) for came in (one.received - timedelta(days=back) for back in days)]

    def _is_first(self, one: Delivery) -> bool:
        return one.received == min(other.received for other in self.deliveries if other.kind is one.kind)

    def _fed(self, one: Delivery, practice: str) -> list[str]:
        """Tables of the record that a file speaks of: those that only some senders fill count where a row fills them."""
        tables = dict.fromkeys(rule.table for rule in self.layout.of(one.kind.name))
        return [
            table
            for table in tables
            if table not in one.kind.only_where or (one.file.name, practice, table) in self._filled
        ]

    def _query(self, rule: Rule, one: Delivery) -> str:
        covers = literal(NOBODY) if rule.table in one.kind.adds_to else f"coalesce({one.kind.practice}, '*')"
        feed = f"{literal(rule.table + '/')} || {covers} || {literal('/' + one.received.isoformat())}"
        return statements.query(rule, one.kind, feed, one.received, self.lag_days, self._is_first(one))

    def _looked_up(self, one: Delivery) -> set[str]:
        """Columns that the first reading of a file looks at."""
        lookups = [
            sql for lookup in self.layout.lookups if lookup.of == one.kind.name for sql in lookup.columns.values()
        ]
        said = (one.kind.practice, one.kind.upto, *one.kind.only_where.values(), *lookups)
        return {found for text in said for found in re.findall(r"\br\.(\w+)", text)}

    def _batch(self, rule: Rule, one: Delivery, rows: Rows) -> Batch:
        # Dropped rows are counted apart, so that nothing else is worked out for them.
        sql = self._query(rule, one)
        counted = self._connection.execute(
            f"SELECT its_drop, count(*) FROM ({sql}) WHERE its_drop IS NOT NULL GROUP BY ALL ORDER BY ALL"
        )
        dropped = Counter(dict(counted.fetchall()))
        made = self._connection.sql(
            f"SELECT * FROM ({sql}) WHERE its_drop IS NULL ORDER BY source_row"
        ).to_arrow_table()
        refused = made.filter(pc.is_valid(made["its_reason"]))
        told = (refused[name].to_pylist() for name in ("source_row", "its_field", "its_reason", "its_value"))
        return Batch(
            rule.table,
            one.file.name,
            made.filter(pc.is_null(made["its_reason"])).drop_columns(list(statements.FATES)),
            rule=rule.name,
            dropped=dropped,
            refused=[*rows.unread, *(Rejected(*row) for row in zip(*told, strict=True))],
        )

    def _nothing_reads(self, one: Delivery) -> list[Fault]:
        """Columns of dates of which the file's first rows hold values, and not one that reads: their shape has changed. (A few that
        do not read are quarantined one by one.)"""
        first = next((rows for rows in one.file.batches() if rows.frame.num_rows), None)
        if first is None:
            return []
        with duckdb.connect(config={"threads": 1}) as connection:
            statements.put(
                connection, one.kind, Rows(first.frame.slice(0, TRIED_ROWS), first.numbers[:TRIED_ROWS]), one.received
            )
            faults = []
            for name, column in one.kind.columns.items():
                if not (column.metadata or {}).get("date"):
                    continue
                sql = f"SELECT count(r.{name}), count({day(f'r.{name}')}) FILTER (r.{name} IS NOT NULL) FROM rows r WHERE left(r.{name}, 4) NOT IN ('1800', '1801', '1900')"  # fmt: skip
                said, read = connection.execute(sql).fetchall()[0]
                if said and not read:
                    faults.append(Fault(one.file.name, f"column {name}", "dates as 2024-11-30, 30/11/2024 or 20241130", f"none in its first {said:,} values", "export it again"))  # fmt: skip
        return faults
