"""An extract read by its mapping: each batch of rows of each file goes through every rule of the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as arrow
import pyarrow.compute as pc

from features.progress import Progress
from features.sources.contract import Batch, Fault, InputFile, Rejected
from features.sources.files import Rows
from features.sources.mapped import declared as d
from features.sources.mapped.deliveries import Delivered, delivered, feed_rows
from features.sources.mapped.matching import Matched, faults_of_files, match
from features.sources.mapped.querying import FATES, Reading, query
from features.sources.mapped.reading import HeldMapping

#: Rows that one batch may offer, all entries of a ``for_each`` together.
BATCH_ROWS = 250_000
#: Rows of each file that a check tries.
TRIED_ROWS = 2_000


class Mapped:
    """A :class:`~features.sources.contract.Source`."""

    def __init__(self, path: Path, mapping: HeldMapping) -> None:
        self.path, self.mapping, self.name = path, mapping, mapping.declared.source.name

    def inputs(self) -> list[InputFile]:
        return [*(one.file.input for one in self._matched), *self.mapping.files]

    def check(self) -> list[Fault]:
        mapping = self.mapping.declared
        faults = faults_of_files(self.path, mapping, self._matched)
        if not faults:
            for rule, one in self._work:
                try:
                    self._feed(rule, one)
                except ValueError as error:
                    faults.append(Fault(one.file.name, f"feeds.{rule.feed}", "days and days' numbers that read, with the parts of the file's name", str(error), "mend the feed, or the file's name"))  # fmt: skip
        return faults or [fault for one in self._matched for fault in self._nothing_reads(one)]

    def about(self) -> dict[str, str]:
        return self.mapping.declared.about.model_dump()

    def feeds(self) -> arrow.Table:
        return feed_rows(self.name, {self._feed(rule, one): None for rule, one in self._work})

    def batches(self, progress: Progress) -> Iterator[Batch]:
        progress.stage("reading rows", sum(one.file.rows for one in self._matched))
        with duckdb.connect() as connection:
            for one in self._matched:
                for rows in one.file.batches():
                    for rule in self._rules(one):
                        yield from self._batches(connection, rule, one, rows)
                    progress.advance(rows.frame.num_rows)

    @cached_property
    def _matched(self) -> list[Matched]:
        return match(self.path, self.mapping.declared) if self.path.exists() else []

    @property
    def _work(self) -> Iterator[tuple[d.Rule, Matched]]:
        return ((rule, one) for one in self._matched for rule in self._rules(one))

    def _rules(self, one: Matched) -> list[d.Rule]:
        return [rule for rule in self.mapping.declared.rules if rule.file == one.kind]

    def _feed(self, rule: d.Rule, one: Matched) -> Delivered:
        mapping = self.mapping.declared
        return delivered(mapping.feeds[rule.feed], rule.table, {**mapping.parameters, **one.captured})

    def _batches(
        self, connection: duckdb.DuckDBPyConnection, rule: d.Rule, one: Matched, rows: Rows
    ) -> Iterator[Batch]:
        """A row that could not be read counts once for each entry that the rule would have made of it."""
        unread = [row for row in rows.unread for _ in rule.entries]
        step = max(BATCH_ROWS // len(rule.entries), 1)
        for first in range(0, max(rows.frame.num_rows, 1), step):
            part = Rows(rows.frame.slice(first, step), rows.numbers[first : first + step])
            yield self._batch(connection, rule, one, part, unread if first == 0 else [])

    def _batch(
        self, connection: duckdb.DuckDBPyConnection, rule: d.Rule, one: Matched, rows: Rows, unread: list[Rejected]
    ) -> Batch:
        made = self._run(connection, rule, one, rows)
        kept = pc.is_null(made["its_drop"])
        unread_here = made.filter(pc.and_(kept, pc.is_valid(made["its_reason"])))
        told = (unread_here[name].to_pylist() for name in ("source_row", "its_field", "its_reason", "its_value"))
        return Batch(
            rule.table,
            one.file.name,
            made.filter(pc.and_(kept, pc.is_null(made["its_reason"]))).drop_columns(list(FATES)),
            rule=rule.name,
            dropped=Counter(made["its_drop"].drop_null().to_pylist()),
            refused=[*unread, *(Rejected(*row) for row in zip(*told, strict=True))],
        )

    def _run(self, connection: duckdb.DuckDBPyConnection, rule: d.Rule, one: Matched, rows: Rows) -> arrow.Table:
        files = self.mapping.declared.files[one.kind]
        reading = Reading(
            dict(zip(rows.frame.schema.names, rows.frame.schema.types, strict=True)), files, self.mapping.declared.parameters
        )  # fmt: skip
        connection.register("rows", rows.frame.append_column("source_row", arrow.array(rows.numbers.astype(np.int64))))
        sql = query(rule, self._feed(rule, one).key, reading, one.captured)
        made = connection.sql(sql).to_arrow_table()
        connection.unregister("rows")
        return made

    def _nothing_reads(self, one: Matched) -> list[Fault]:
        """Columns of which the file's first rows hold values, and not one that reads: a wrong date format, or a value map
        that is for another column. (A few that do not read are quarantined one by one.)"""
        first = next((rows for rows in one.file.batches() if rows.frame.num_rows), None)
        if first is None:
            return []
        tried = Rows(first.frame.slice(0, TRIED_ROWS), first.numbers[:TRIED_ROWS])
        faults: dict[str, Fault] = {}
        with duckdb.connect() as connection:
            for rule in self._rules(one):
                made = self._run(connection, rule, one, tried)
                kept = made.filter(pc.is_null(made["its_drop"]))
                if not kept.num_rows or kept["its_reason"].null_count:
                    continue
                for name in dict.fromkeys(kept["its_field"].to_pylist()):
                    reasons = pc.unique(kept.filter(pc.equal(kept["its_field"], name))["its_reason"]).to_pylist()
                    faults[f"{rule.name} {name}"] = self._unread(rule, one, name, reasons[0], kept.num_rows)
        return list(faults.values())

    def _unread(self, rule: d.Rule, one: Matched, name: str, reason: str, rows: int) -> Fault:
        cell = rule.cells[name]
        formats = cell.date_format or self.mapping.declared.files[one.kind].date_format
        expected, remedy = {
            "not_a_date": (f"dates written as {' or '.join(formats)}", "declare date_format"),
            "not_a_number": ("numbers", "name another column"),
        }.get(reason, (f"one of {', '.join(cell.map)}", "mend the value map, or say otherwise"))
        return Fault(one.file.name, f"column {', '.join(cell.origins)} (rule {rule.name}, {name})", expected, f"none in its first {rows:,} rows", remedy)  # fmt: skip
