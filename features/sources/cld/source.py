"""Submissions as rows of ``social_care``, ``person``, ``carer`` and ``residence``, one after the other in the order of receipt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as arrow
import pyarrow.compute as pc

from features.progress import Progress
from features.sources.cld import circumstances, statements
from features.sources.cld.columns import COLUMNS, IDENTIFYING, NEEDED
from features.sources.cld.wording import rows as wording_rows
from features.sources.contract import FEED_SHAPE, Batch, Fault, InputFile, Rejected
from features.sources.delivered.declared import NOBODY
from features.sources.files import ENDINGS, DataFile, nearest
from features.sources.receipt import fault, received

#: Tables that a submission feeds, and for whom it speaks there: of carers and dwellings it tells some things of some.
FEEDS = {"social_care": "*", "person": "*", **dict.fromkeys(circumstances.TABLES, NOBODY)}
#: Column of the raw file by the reason for which a row cannot be read.
_FIELD = {"value_not_mapped": "Event_Type", "missing": "Event_End_Date", "not_a_date": "Event_Start_Date"}


def open_source(path: Path, *, organisation: str | None = None, scheme: str = "ods", title: str = "Client level data",
                kind: str = "real", purposes: str = "*") -> ClientLevelData:  # fmt: skip
    """The submissions at ``path``: a folder, or one file. ``organisation`` (in ``scheme``) is the council; without it, it is the
    ``LA_Code`` of the rows, a local code."""
    return ClientLevelData(Path(path), organisation, scheme, {"kind": kind, "title": title}, purposes)


@dataclass(frozen=True)
class Submission:
    """A file, and the day on which it was received (None where its name does not say)."""

    file: DataFile
    received: date | None

    @staticmethod
    def of(path: Path) -> Submission:
        return Submission(DataFile(path, path.name), received(path.name))

    @cached_property
    def columns(self) -> dict[str, str]:
        """Columns of the contract, and what the file calls them."""
        held = {name.casefold(): name for name in self.file.columns}
        return {name: held[name.casefold()] for name in COLUMNS if name.casefold() in held}


@dataclass
class ClientLevelData:
    """A :class:`~features.sources.contract.Source`."""

    path: Path
    organisation: str | None
    scheme: str
    what: dict[str, str]
    purposes: str
    name: str = field(default="cld", init=False)

    def inputs(self) -> list[InputFile]:
        options = "|".join((self.organisation or "", self.scheme, self.purposes, self.what["kind"]))
        return [*(one.file.input for one in self.submissions), InputFile("options", options)]

    def about(self) -> dict[str, str]:
        return self.what

    def check(self) -> list[Fault]:
        if not self.submissions:
            return [Fault(str(self.path.name), "", f"submissions ({', '.join(ENDINGS)})", "none", "give their folder")]
        return [found for one in self.submissions for found in _faults(one)]

    def warnings(self) -> list[str]:
        return [
            f"{one.file.name} has no rows, which is suspicious of a council's submission: it was taken in as one with nothing in it that "
            "closes no service and speaks for nobody; check that the file is whole"
            for one in self.submissions if not one.file.rows
        ]  # fmt: skip

    def feeds(self) -> arrow.Table:
        rows = []
        for one in (one for one in self.submissions if one.file.rows):
            first, end, council = self._covered[one.file.name]
            for table, covers in FEEDS.items():
                rows.append({"feed": _feed(one, table), "known_at": one.received, "known_until": None, "source": self.name,
                             "table_name": table, "organisation": self.organisation or council,
                             "organisation_scheme": self.scheme if self.organisation else "local", "covers": covers,
                             "period_from": first, "period_to": end, "purposes": self.purposes})  # fmt: skip
        return arrow.Table.from_pylist(rows, FEED_SHAPE)

    def batches(self, progress: Progress) -> Iterator[Batch]:
        progress.stage("reading submissions", len(self.submissions))
        with duckdb.connect(config={"threads": 1}) as connection:
            prepare(connection)
            newest: date | None = None
            for one in (one for one in self.submissions if one.file.rows):
                first, end, _ = self._covered[one.file.name]
                unread = read(connection, one)
                late = newest is not None and end <= newest
                span = {"period_start": first, "period_end": end}
                connection.execute(statements.SETTLED, {**span, "late": late})
                yield _events(connection, one, unread, late, end)
                if newest is not None and not late:
                    yield _batch(connection.sql(statements.CLOSED, params={"before": newest}).to_arrow_table(), one,
                                 "social_care", "closed_by_absence")  # fmt: skip
                connection.execute(statements.REMEMBER, {"period_end": end})
                yield _batch(connection.sql(statements.UNMATCHED).to_arrow_table(), one, "person", "without_number")
                if not late:
                    yield from _circumstances(connection, one, newest, end)
                newest = end if newest is None else max(newest, end)
                progress.advance()

    @cached_property
    def submissions(self) -> list[Submission]:
        """In the order of receipt; of one day, by name."""
        paths = (
            [self.path] if self.path.is_file() else sorted(p for p in self.path.glob("*") if p.name.endswith(ENDINGS))
        )
        return sorted(
            (Submission.of(path) for path in paths), key=lambda one: (one.received or date.max, one.file.name)
        )

    @cached_property
    def _covered(self) -> dict[str, tuple[date, date, str]]:
        """What each submission covers (half-open), and its council."""
        out = {}
        with duckdb.connect(config={"threads": 1}) as connection:
            prepare(connection)
            for one in self.submissions:
                read(connection, one)
                found = connection.execute(statements.PERIOD, {"received": one.received}).fetchall()[0]
                council = connection.execute("SELECT any_value(LA_Code) FROM plain").fetchall()[0][0]
                came = one.received or date.min
                first, end = (day or came for day in found)
                out[one.file.name] = (min(first, end), min(end, came), str(council or ""))
        return out


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the tables that outlast a submission."""
    connection.execute("CREATE TABLE wording (field VARCHAR, said VARCHAR, means VARCHAR, rank INTEGER)")
    connection.executemany("INSERT INTO wording VALUES (?, ?, ?, ?)", wording_rows())
    connection.execute(circumstances.HELD)
    connection.execute("""CREATE TABLE service (key VARCHAR PRIMARY KEY, period_end DATE, NHS_Number VARCHAR, local_id VARCHAR,
        starts DATE, ends DATE, service_type VARCHAR, component VARCHAR, units DOUBLE, outcome VARCHAR)""")


def read(connection: duckdb.DuckDBPyConnection, one: Submission) -> list[Rejected]:
    """Put a submission's rows into the tables ``raw``, ``plain`` and ``said``; rows that could not be read."""
    columns = ", ".join(f"{name} VARCHAR" for name in COLUMNS)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE raw (source_row BIGINT, {columns})")
    unread: list[Rejected] = []
    for rows in one.file.batches():
        unread += rows.unread
        held: dict[str, Any] = {"source_row": arrow.array(rows.numbers)}
        for name in COLUMNS:
            there = one.columns.get(name)
            held[name] = pc.cast(rows.frame[there], arrow.string()) if there else arrow.nulls(rows.frame.num_rows, arrow.string())  # fmt: skip
        connection.register("batch", arrow.table(held))
        connection.execute("INSERT INTO raw SELECT * FROM batch")
        connection.unregister("batch")
    connection.execute(statements.PLAIN)
    connection.execute(statements.READ)
    return unread


def _events(
    connection: duckdb.DuckDBPyConnection, one: Submission, unread: list[Rejected], late: bool, end: date
) -> Batch:
    frame = connection.sql(statements.EVENTS, params={"late": late, "period_end": end}).to_arrow_table()
    dropped = dict(connection.execute(
        "SELECT coalesce(outside, merged), count(*) FROM settled WHERE reason IS NULL AND coalesce(outside, merged) IS NOT NULL GROUP BY 1"
    ).fetchall())  # fmt: skip
    bad = connection.execute(
        "SELECT source_row, reason, CASE WHEN reason = 'value_not_mapped' THEN Event_Type END FROM settled "
        "WHERE reason IS NOT NULL ORDER BY source_row"
    ).fetchall()
    refused = [Rejected(row, _FIELD[reason], reason, value) for row, reason, value in bad]
    return _batch(frame, one, "social_care", "events", dropped, [*unread, *refused])


def _circumstances(
    connection: duckdb.DuckDBPyConnection, one: Submission, before: date | None, end: date
) -> Iterator[Batch]:
    """How people live, where the submission says something new of it; ``before`` is the end of the period before."""
    connection.execute(circumstances.WORDS, {"period_end": end})
    for table in circumstances.TABLES:
        told = {f"{table}s_told": connection.sql(circumstances.news(table)).to_arrow_table()}
        if before is not None:
            gone = connection.sql(circumstances.ended(table), params={"before": before})
            told[f"{table}s_no_longer_told"] = gone.to_arrow_table()
        yield from (_batch(frame, one, table, rule) for rule, frame in told.items() if frame.num_rows)
    for statement in circumstances.REMEMBER:
        connection.execute(statement)


def _batch(frame: arrow.Table, one: Submission, table: str, rule: str, dropped: dict[str, int] | None = None,
           refused: list[Rejected] | None = None) -> Batch:  # fmt: skip
    """Rows of the submission for ``table``, with the delivery that brought them."""
    count = frame.num_rows
    if "source_row" not in frame.column_names:
        frame = frame.append_column("source_row", arrow.array(np.zeros(count, np.int64)))
    frame = frame.append_column("feed", arrow.array([_feed(one, table)] * count, arrow.string()))
    frame = frame.append_column("known_at", arrow.array([one.received] * count, arrow.date32()))
    return Batch(table, one.file.name, frame, rule, dropped=Counter(dropped or {}), refused=refused or ())


def _feed(one: Submission, table: str) -> str:
    return f"{one.file.name}:{table}"


def _faults(one: Submission) -> list[Fault]:
    broken = one.file.fault()
    if broken:
        return [broken]
    undated = fault(one.file.name, "cld_2024-05-15.csv")
    faults = [undated] if undated else []
    for name in NEEDED:
        if name not in one.columns:
            found = f"none{nearest(name, one.file.columns)}"
            faults.append(
                Fault(one.file.name, f"column {name}", "a column of that name", found, "export it with the rest")
            )
    if not any(name in one.columns for name in IDENTIFYING):
        faults.append(Fault(one.file.name, "", f"a column {' or '.join(IDENTIFYING)}", "neither", "export one of them"))
    return faults
