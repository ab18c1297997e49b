"""Taking people out of a record: every file that holds a row of theirs is written anew without it, and the old one goes.

What the record held before and what it holds now still add up: the erasure has a ledger of its own, in which the rows that went
are accepted less, and dropped under the rule ``forgotten``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np
import pyarrow as arrow
import pyarrow.compute as pc
import pyarrow.parquet as parquet

from features.record.ledger import Ledger
from features.record.manifest import DataFile
from features.record.tables import TABLES
from features.record.trouble import said_plainly
from features.record.writer import Transaction, discard_prepared, remove_unnamed

RULE = "forgotten"


def erase(record: Path, people: Collection[int]) -> dict[str, int]:
    """Remove every row about ``people`` from the record; rows removed by table. Nothing of them is left in a file of data.

    Doing it again changes nothing, and finishes what a kill left. :class:`~features.record.writer.RecordBusy` while another writer has
    the record.
    """
    with said_plainly(record), Transaction(record) as transaction:
        ids = arrow.array(sorted(people), arrow.int64())
        removed: dict[str, int] = {}
        rows: dict[str, list[np.ndarray]] = {}
        for file in transaction.held.files:
            columns = _about(file.table)
            if columns and (gone := _rows_of(record, file, columns, ids)) is not None:
                rows.setdefault(file.table, []).append(gone)
                removed[file.table] = removed.get(file.table, 0) + len(gone)
                transaction.drop(file)
                transaction.add(file.table, _others(record, file, columns, ids))
        for file in transaction.held.closures:
            if file.table in rows:
                _without_ends(record, file, np.concatenate(rows[file.table]), transaction)
        held = transaction.held
        discard_prepared(record)
        if removed:
            _ledger(transaction.batch, removed).write(record)
            held = transaction.commit()
        remove_unnamed(record, held)
    return removed


def holds(record: Path, people: Collection[int]) -> dict[str, int]:
    """Rows about ``people`` by table, in every file on disk, whether the record names it or not."""
    ids = arrow.array(sorted(people), arrow.int64())
    found: dict[str, int] = {}
    for path in sorted((record / "data").rglob("*.parquet")):
        columns = [name for name in parquet.read_schema(path).names if name.endswith("person_id")]
        for name in columns:
            held = parquet.read_table(path, columns=[name])[name]
            if rows := int(pc.sum(pc.is_in(held, ids)).as_py() or 0):
                found[path.name.rsplit("-", 1)[0]] = found.get(path.name.rsplit("-", 1)[0], 0) + rows
    return found


def _about(table: str) -> list[str]:
    return [name for name in TABLES[table].columns if name.endswith("person_id")]


def _theirs(rows: arrow.Table | arrow.RecordBatch, columns: list[str], ids: arrow.Array) -> arrow.Array:
    mask = pc.is_in(rows[columns[0]], ids)
    for name in columns[1:]:
        mask = pc.or_(mask, pc.is_in(rows[name], ids))
    return mask


def _rows_of(record: Path, file: DataFile, columns: list[str], ids: arrow.Array) -> np.ndarray | None:
    """``row_id`` of the rows about the people; None where there are none."""
    held = parquet.read_table(record / file.path, columns=[*columns, "row_id"])
    found = held.filter(_theirs(held, columns, ids))
    return found["row_id"].to_numpy() if found.num_rows else None


def _others(record: Path, file: DataFile, columns: list[str], ids: arrow.Array) -> Iterator[arrow.RecordBatch]:
    for batch in parquet.ParquetFile(record / file.path).iter_batches():
        yield batch.filter(pc.invert(_theirs(batch, columns, ids)))


def _without_ends(record: Path, file: DataFile, rows: np.ndarray, transaction: Transaction) -> None:
    ends = parquet.read_table(record / file.path)
    gone = pc.is_in(ends["row_id"], arrow.array(rows, arrow.int64()))
    if pc.any(gone).as_py():
        transaction.drop(file)
        transaction.close_versions(file.table, ends.filter(pc.invert(gone)))


def _ledger(batch: str, removed: dict[str, int]) -> Ledger:
    ledger = Ledger(batch, RULE)
    for table, rows in sorted(removed.items()):
        entry = ledger.entries[ledger.number_of("record", table, RULE)]
        entry.accepted, entry.dropped[RULE] = -rows, rows
    return ledger
