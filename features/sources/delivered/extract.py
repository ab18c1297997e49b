"""An extract of deliveries read as a source: each batch of rows of each file goes through every rule of its kind."""

from __future__ import annotations

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
from features.sources.contract import FEED_SHAPE, Batch, Fault, InputFile, Rejected
from features.sources.delivered import files, meaningless, statements
from features.sources.delivered.declared import NOBODY, Layout, Rule, columns_of
from features.sources.delivered.files import Delivery
from features.sources.files import Rows, literal


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
        if faults:
            return faults
        with duckdb.connect(config={"threads": 1}) as connection:
            return [fault for one in self.deliveries for fault in meaningless.faults(connection, one)]

    def warnings(self) -> list[str]:
        if self.layout.may_be_empty or any(one.file.rows for one in self.deliveries):
            return []
        return [
            f"the {self.layout.name} extract has no rows, which is suspicious of its kind: it was taken in as a delivery with nothing in "
            "it that speaks for nobody; check that the extract is whole"
        ]

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
        return arrow.Table.from_pylist(list(rows.values()), FEED_SHAPE)

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
            # What has no rows says nothing of any practice.
            nobody = one.kind.practice != "'*'" or bool(self.warnings())
            practices = [practice for file, practice in held if file == one.file.name] or [NOBODY if nobody else "*"]
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
        return columns_of(said)

    def _batch(self, rule: Rule, one: Delivery, rows: Rows) -> Batch:
        # Dropped rows are counted apart, so that nothing else is worked out for them.
        counted = statements.dropped(rule)
        dropped = Counter(dict(self._connection.execute(counted).fetchall()) if counted else {})
        made = self._connection.sql(self._query(rule, one)).to_arrow_table()
        good = pc.is_null(made[statements.FAULT])
        return Batch(
            rule.table,
            one.file.name,
            made.filter(good).drop_columns([statements.FAULT]),
            rule=rule.name,
            dropped=dropped,
            refused=[*rows.unread, *self._refused(rule, one, made.filter(pc.invert(good)))],
        )

    def _refused(self, rule: Rule, one: Delivery, made: arrow.Table) -> list[Rejected]:
        """The rows that a test refuses, with what stands in the column at fault."""
        if not made.num_rows:
            return []
        tests = statements.refusals(rule, one.kind)
        numbers, faults = (made[name].to_pylist() for name in ("source_row", statements.FAULT))
        fields = sorted({tests[fault][0] for fault in faults})
        self._connection.register("refused", made.select(["source_row"]))
        held = self._connection.sql(
            f"SELECT source_row, {', '.join(fields)} FROM rows SEMI JOIN refused USING (source_row)"
        ).to_arrow_table()
        self._connection.unregister("refused")
        values = {row["source_row"]: row for row in held.to_pylist()}
        return [
            Rejected(number, tests[fault][0], tests[fault][1], values[number][tests[fault][0]])
            for number, fault in zip(numbers, faults, strict=True)
        ]
