"""Identities that the record gives to things: rows, and feeds.

A row's identity is a 63-bit hash of source, table and the source's own key, begun with the identity store's salt, so that
a key which holds something personal cannot be guessed back. Without a key it is the hash of what :data:`NATURAL` names, or
else of the row's whole content, the clocks and the feed left out. A chance clash among 100 million rows of a table has a probability of about 1 in 2,000.
"""

from __future__ import annotations

import hashlib

import duckdb
import pyarrow as arrow

#: Columns that say whose, whence and since when, not what.
CLOCKS = ("known_at", "known_until")

#: What tells one thing of a table from another where the source gives no key: a person is born and dies once, and two
#: registrations with one practice do not begin on one day.
NATURAL: dict[str, tuple[str, ...]] = {
    "person": ("person_id",),
    "death": ("person_id",),
    "registration": ("person_id", "practice", "practice_scheme", "kind", "event_date"),
}


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
        return self._hashed(table, "key", arrow.table({"a": keys}))

    def of_content(self, table: str, rows: arrow.Table) -> arrow.Array:
        """Identity of each row by what it says."""
        silent = ("row_id", "feed_id", *CLOCKS)
        content = rows.select(NATURAL.get(table) or [name for name in rows.column_names if name not in silent])
        return self._hashed(table, "content", content.rename_columns([f"c{i}" for i in range(content.num_columns)]))

    def _hashed(self, table: str, kind: str, columns: arrow.Table) -> arrow.Array:
        names = columns.column_names
        text = names[0] if kind == "key" else " || chr(31) || ".join(f"coalesce({n}::VARCHAR, chr(30))" for n in names)
        self._connection.register("keyed", columns)
        made = self._connection.sql(
            f"SELECT (md5_number_lower($1 || {text}) >> 1)::BIGINT AS id FROM keyed",
            params=["\x1f".join((self._begins, table, kind, ""))],
        ).to_arrow_table()
        self._connection.unregister("keyed")
        return made["id"].combine_chunks()
