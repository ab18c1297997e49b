"""Identities that the record gives to things: rows, and feeds.

A row's identity is a 63-bit hash of source, table and the source's own key, begun with the identity store's salt, so that
a key which holds something personal cannot be guessed back. Without a key it is the hash of what :data:`NATURAL` names, or
else of the row's whole content, the clocks and the feed left out. A chance clash among 100 million rows of a table has a
probability of about 1 in 1,800 (n² / 2 over 2⁶³).
"""

from __future__ import annotations

import hashlib

import duckdb
import numpy as np
import pyarrow as arrow
import pyarrow.compute as pc

#: Columns that say whose, whence and since when, not what.
CLOCKS = ("known_at", "known_until")

#: What tells one thing of a table from another where the source gives no key: a person is born and dies once, and two
#: registrations with one practice do not begin on one day.
NATURAL: dict[str, tuple[str, ...]] = {
    "person": ("person_id",),
    "death": ("person_id",),
    "registration": ("person_id", "practice", "practice_scheme", "kind", "event_date"),
}

#: Stands for null: the bits of one of the many not-a-numbers, none of which reaches a row.
_NULL = 0x7FF8_DEAD_0000_0001


def feed_identity(source: str, table: str, scheme: str, organisation: str, covers: str) -> int:
    """``feed_id``: the same for every delivery of one feed."""
    digest = hashlib.sha256("\x1f".join((source, table, scheme, organisation, covers)).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


class RowIdentities:
    """Row ids of one source, made with the identity store's salt. ``connection`` must keep rows in their order."""

    def __init__(self, salt: str, source: str, connection: duckdb.DuckDBPyConnection) -> None:
        self._begins = f"{salt}\x1f{source}"
        self._connection = connection

    def of_keys(self, table: str, keys: arrow.Array) -> arrow.Array:
        """Identity of each thing of ``table`` by the source's key; null where the key is."""
        self._connection.register("keyed", arrow.table({"key": keys}))
        made = self._connection.sql(
            "SELECT (md5_number_lower($1 || key) >> 1)::BIGINT AS id FROM keyed", params=[self._prefix(table, "key")]
        ).to_arrow_table()
        self._connection.unregister("keyed")
        return made["id"].combine_chunks()

    def of_content(self, table: str, rows: arrow.Table) -> arrow.Array:
        """Identity of each row by what it says: the values of its columns, mixed one after the other into 64 bits."""
        silent = ("row_id", "feed_id", *CLOCKS)
        names = NATURAL.get(table) or [name for name in rows.column_names if name not in silent]
        mixed = np.full(rows.num_rows, _digest(self._prefix(table, "content")), dtype=np.uint64)
        for name in names:
            mixed = _mix(mixed ^ _mix(_bits(rows[name]) + np.uint64(_digest(name))))
        return arrow.array((mixed >> np.uint64(1)).astype(np.int64))

    def _prefix(self, table: str, kind: str) -> str:
        return "\x1f".join((self._begins, table, kind, ""))


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.md5(text.encode(), usedforsecurity=False).digest()[8:], "little")


def _bits(column: arrow.ChunkedArray) -> np.ndarray:
    """64 bits of each value: text by its hash, a number or a day by its own bits. Null has bits that no number has."""
    held = arrow.concat_arrays(column.chunks) if column.num_chunks else arrow.array([], column.type)
    if held.type == arrow.string():
        encoded = held.dictionary_encode()
        hashes = np.array([*(_digest(text) for text in encoded.dictionary.to_pylist()), _NULL], dtype=np.uint64)
        return hashes[pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False)]
    if held.type == arrow.float64():
        # Adding 0 makes -0.0 and 0.0 the same number.
        bits = (pc.fill_null(held, 0.0).to_numpy() + 0.0).view(np.uint64)
    else:
        whole = held.cast(arrow.int32()) if held.type == arrow.date32() else held
        bits = pc.fill_null(whole.cast(arrow.int64()), 0).to_numpy().astype(np.uint64)
    return np.where(pc.is_null(held).to_numpy(zero_copy_only=False), np.uint64(_NULL), bits)


def _mix(bits: np.ndarray) -> np.ndarray:
    """The finaliser of SplitMix64 (Steele, Lea and Flood 2014): every bit of the input changes half of the output's."""
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))
