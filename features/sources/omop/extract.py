"""An OMOP extract read as a source: every row of every table offered, refused with a reason, or dropped by a named rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as arrow
import pyarrow.compute as pc

from features.coding import LOCAL, ODS
from features.errors import WrongUsage
from features.progress import Progress
from features.record.intake import native_columns
from features.record.tables import TABLES
from features.sources.contract import FEED_COLUMNS, Batch, Fault, InputFile, Rejected
from features.sources.files import Rows
from features.sources.omop import cdm
from features.sources.omop.lookups import TABLES_OF_VISITS, Lookups
from features.sources.omop.rules import Rule, rules
from features.sources.omop.settings import Settings

#: A closed extract says nothing of its deliveries: it is taken to have come monthly, for so many years back.
YEARS_OF_DELIVERIES = 10
_FATES = ("its_drop", "its_field", "its_reason", "its_value")


class Omop:
    """A :class:`~features.sources.contract.Source`."""

    name = "omop"

    def __init__(self, path: Path, practice: str, settings: Settings, settings_files: Sequence[InputFile]) -> None:
        if not LOCAL.well_formed(practice):
            raise WrongUsage(f"expected a practice's code of 1 to 64 characters, found {practice!r}")
        self.path, self.practice, self.settings, self._settings_files = path, practice, settings, settings_files
        self.scheme = "ods" if ODS.well_formed(practice) else "local"
        self._tables, self._strange = cdm.find(path) if path.exists() else ({}, [])

    def inputs(self) -> list[InputFile]:
        return [*(table.file.input for table in self._tables.values()), *self._settings_files,
                InputFile("practice", self.practice)]  # fmt: skip

    def check(self) -> list[Fault]:
        return [*self._strange, *cdm.faults_of(self.path, self._tables)]

    def about(self) -> dict[str, str]:
        people = self._tables["person"].file.rows
        return {"kind": self.settings.kind, "title": self.settings.title or f"{people:,} people in OMOP tables"}

    def feeds(self) -> arrow.Table:
        received, lag = self._lookups.received, timedelta(days=self.settings.lag_days)
        rows = [
            {"feed": self._feed(table, on), "known_at": on + lag, "source": self.name, "table_name": table,
             "organisation": self.practice, "organisation_scheme": self.scheme, "covers": self.practice,
             "period_from": self._first_day, "period_to": on, "purposes": "*"}
            for table in self._fed
            for on in _monthly(received)
        ]  # fmt: skip
        days = ("known_at", "known_until", "period_from", "period_to")
        types = {name: arrow.date32() if name in days else arrow.string() for name in ("feed", *FEED_COLUMNS)}
        return arrow.table({name: arrow.array([row.get(name) for row in rows], type_) for name, type_ in types.items()})

    def batches(self, progress: Progress) -> Iterator[Batch]:
        progress.stage("reading rows", sum(table.file.rows for table in self._tables.values()))
        for name, table in self._tables.items():
            chosen = [rule for rule in self._rules if rule.of == name]
            for rows in table.file.batches():
                named = _by_model_names(rows, [*cdm.USED.get(name, ()), *cdm.MAYBE.get(name, ())])
                for rule in chosen:
                    yield self._batch(rule, table.file.name, named)
                if not chosen:
                    yield self._not_used(name, table.file.name, named)
                progress.advance(rows.frame.num_rows)

    @cached_property
    def _lookups(self) -> Lookups:
        return Lookups(self._tables, self.settings)

    @cached_property
    def _rules(self) -> tuple[Rule, ...]:
        return rules(self.settings, self.practice, self.scheme, self._lookups.received.isoformat())

    @cached_property
    def _first_day(self) -> date:
        ((first,),) = self._lookups.connection.execute("SELECT min(observed_from) FROM people").fetchall()
        return first or self._lookups.received

    @property
    def _fed(self) -> list[str]:
        """Tables of the record that the extract can speak for."""
        tables = dict.fromkeys(rule.table for rule in self._rules if rule.of in self._tables)
        told = self._lookups.fed()
        return [table for table in tables if table in told or table not in (*TABLES_OF_VISITS, "diagnosis", "death")]

    def _feed(self, table: str, received: date) -> str:
        return f"{table}/{received}"

    def _batch(self, rule: Rule, file: str, rows: Rows) -> Batch:
        connection = self._lookups.connection
        if rule.source:
            self._lookups.systems_of(pc.unique(rows.frame[rule.source].cast(arrow.string())).to_pylist())
        connection.register("rows", rows.frame.append_column("source_row", arrow.array(rows.numbers.astype(np.int64))))
        made = connection.sql(f"{rule.sql(self.settings.lag_days)} ORDER BY r.source_row").to_arrow_table()
        connection.unregister("rows")
        kept = pc.is_null(made["its_drop"])
        refused = made.filter(pc.and_(kept, pc.is_valid(made["its_reason"])))
        told = (refused[name].to_pylist() for name in ("source_row", "its_field", "its_reason", "its_value"))
        offered = made.filter(pc.and_(kept, pc.is_null(made["its_reason"]))).drop_columns(list(_FATES))
        key = self._feed(rule.table, self._lookups.received)
        return Batch(
            rule.table,
            file,
            offered.append_column("feed", arrow.repeat(key, offered.num_rows).cast(arrow.string())),
            rule=rule.name,
            dropped=Counter(made["its_drop"].drop_null().to_pylist()),
            refused=[*_whose(rows.unread), *(Rejected(*row) for row in zip(*told, strict=True))],
        )

    def _not_used(self, name: str, file: str, rows: Rows) -> Batch:
        """Count a table that is not used; a row of it whose person there is not is caught all the same."""
        table, refused = cdm.NOT_USED[name], _whose(rows.unread)
        if "person_id" in rows.frame.column_names:
            self._lookups.connection.register("rows", rows.frame.append_column("n", arrow.array(rows.numbers)))
            strangers = self._lookups.connection.execute(
                "SELECT n, 'person_id', 'person_not_in_person_table', CAST(r.person_id AS VARCHAR) FROM rows r "
                "WHERE trim(CAST(r.person_id AS VARCHAR)) NOT IN (SELECT person_id FROM people) ORDER BY n"
            ).fetchall()
            refused += [Rejected(*row) for row in strangers]
        rule = "vocabulary" if name in cdm.VOCABULARY else "table_not_used"
        count = rows.frame.num_rows - (len(refused) - len(rows.unread))
        nothing = arrow.schema(list(native_columns(TABLES[table]).items())).empty_table()
        return Batch(table, file, nothing, rule=rule, dropped={rule: count} if count else {}, refused=refused)


def _monthly(received: date) -> list[date]:
    """The first of each month, and the day of the extract."""
    first = (received.year - YEARS_OF_DELIVERIES) * 12 + received.month
    days = [date(month // 12, month % 12 + 1, 1) for month in range(first, received.year * 12 + received.month)]
    return [*(day for day in days if day < received), received]


def _by_model_names(rows: Rows, wanted: Sequence[str]) -> Rows:
    """Columns under the model's names; those that the extract lacks are there and empty."""
    frame = rows.frame.rename_columns([name.strip().lower() for name in rows.frame.column_names])
    for name in wanted:
        if name not in frame.column_names:
            frame = frame.append_column(name, arrow.nulls(frame.num_rows, arrow.string()))
    return replace(rows, frame=frame)


def _whose(unread: Sequence[Rejected]) -> list[Rejected]:
    """Rows whose values cannot be told apart by column: whose they are is what matters most of what is lost."""
    return [replace(row, field="person_id") for row in unread]
