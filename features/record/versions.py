"""Which of the staged rows become versions in the record, when each ends, and which held versions they end.

Within one thing (one ``row_id``), over what the record holds and what is staged together, in order of ``known_at``:

1. *One version a day.* A staged row equal to what the record holds of that day is dropped (its end, if it brings one, is
   kept); one that differs from it is refused. Of several staged rows of a day the last one that was read stands.
2. *Nothing said twice.* A staged row that says what the version before it says, while that is still in force, is dropped.
   It leaves no trace: a different version that was known in between and arrives later still is taken as the newest word.
   (Keeping every repetition of a weekly extract would make the record as large as all of them together.)
3. *Each until the next.* A version ends on its own ``known_until`` or where the next begins, whichever is earlier. A row
   that arrives late takes its place between those that are held.
4. *Handing on ends nothing that was followed.* A version that ends where the person was handed on to somebody else (a table's
   ``hands_on``; a hospital's own part of a stay that goes on in another) does not take the place of one, of another feed and then
   in force, that goes on for longer: that one knows where the person went. Staged it is dropped; held it ends on its own day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import pyarrow as arrow

from features.record.keys import CLOCKS
from features.record.tables import Table

ROW_GROUP = 100_000
_INFINITY = "DATE '9999-12-31'"


@dataclass(frozen=True)
class Fate:
    """So many staged rows of a ledger entry that do not become versions, by rule (or, for ``version_conflict``, reason)."""

    entry: int
    rule: str
    rows: int


class Versions:
    """Settles the staged rows of one table. ``connection`` has views ``staged`` and ``held`` of it."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, table: Table) -> None:
        self.connection, self.table = connection, table
        for step, sql in _steps(table).items():
            connection.execute(f"CREATE OR REPLACE TEMP TABLE {step} AS {sql}")

    def fates(self) -> list[Fate]:
        rows = self.connection.execute(
            "SELECT entry, fate, count(*) FROM settled WHERE fate IS NOT NULL GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        return [Fate(*row) for row in rows]

    def conflicts(self) -> arrow.Table:
        """Staged rows that differ from the version of the same day that is held: all their columns."""
        return self.connection.sql(
            "SELECT staged.* FROM staged JOIN settled USING (seq) WHERE fate = 'version_conflict' ORDER BY seq"
        ).to_arrow_table()

    def ends(self) -> arrow.Table:
        """New ends of held versions: ``row_id, known_at, known_until``."""
        return self.connection.sql(
            "SELECT row_id, known_at, ends AS known_until FROM kept WHERE NOT staged AND ends IS DISTINCT FROM held_end "
            "UNION ALL SELECT row_id, known_at, known_at FROM followed WHERE NOT staged AND NOT empty ORDER BY row_id, known_at"
        ).to_arrow_table()

    def accepted(self) -> Iterator[arrow.RecordBatch]:
        """The new versions in the table's columns, sorted by person."""
        columns = ", ".join(
            "CASE WHEN settled.seq IS NULL THEN r.known_until ELSE settled.ends END AS known_until"
            if name == "known_until"
            else f"r.{name}"
            for name in self.table.columns
        )
        order = [name for name in ("person_id", "event_date", "known_at", self.table.key) if name in self.table.columns]
        # Position, not name: known_until is given anew.
        places = ", ".join(f"r.{name}" for name in order)
        yield from self.connection.sql(
            f"SELECT {columns} FROM staged r LEFT JOIN settled USING (seq) WHERE settled.fate IS NULL ORDER BY {places}"
        ).to_arrow_reader(ROW_GROUP)


def _steps(table: Table) -> dict[str, str]:
    key = table.key
    silent = {key, "known_until", "feed_id"} if key == "feed_id" else {key, "feed_id", *CLOCKS}
    speaking = [name for name in table.columns if name not in silent]
    said = f"hash({', '.join(speaking)})"
    alike = " = ".join(f"hash({', '.join(f'{rows}.{name}' for name in speaking)})" for rows in ("staged", "held"))
    ends = "end_date" if table.interval else "NULL::DATE AS end_date"
    also = f"feed_id, {ends}, {table.hands_on} AS hands_on"
    fresh = "staged ANTI JOIN untold USING (seq)"
    return {
        # Most of an extract that repeats the last one; what follows never sees it.
        "untold": f"""
            SELECT seq, entry FROM staged JOIN held USING ({key}, known_at)
            WHERE staged.known_until IS NULL AND {alike}""",
        "touched": f"""
            SELECT {key} FROM {fresh} GROUP BY {key} HAVING count(*) > 1
            UNION SELECT {key} FROM {fresh} SEMI JOIN held USING ({key})""",
        "candidate": f"""
            SELECT {key} AS row_id, known_at, known_until, {said} AS said, true AS staged, seq, entry, {also}
            FROM {fresh} SEMI JOIN touched USING ({key})
            UNION ALL
            SELECT {key} AS row_id, known_at, known_until, {said} AS said, false AS staged, -1 AS seq, NULL AS entry, {also}
            FROM held SEMI JOIN touched USING ({key})""",
        # Of versions that hand on: whether the newest word of another feed, before or on that day, goes on for longer.
        "followed": f"""
            SELECT row_id, known_at, staged, seq, entry, empty FROM (
                SELECT c.row_id, c.known_at, c.staged, c.seq, c.entry, NOT c.staged AND coalesce(c.known_until <= c.known_at, false) AS empty,
                    c.end_date AS ends, arg_max({{'until': o.known_until, 'ends': o.end_date}}, o.known_at) AS word
                FROM candidate c LEFT JOIN candidate o ON o.row_id = c.row_id AND o.feed_id <> c.feed_id AND o.known_at <= c.known_at
                WHERE c.hands_on GROUP BY ALL)
            WHERE empty OR word IS NOT NULL AND coalesce(word.until, {_INFINITY}) > known_at AND coalesce(word.ends, {_INFINITY}) > ends""",
        "of_day": """
            SELECT *, bool_or(NOT staged) OVER day AS day_held,
                max(said) FILTER (WHERE NOT staged) OVER day AS held_said,
                max(known_until) FILTER (WHERE NOT staged) OVER day AS held_end,
                last_value(said) OVER (day ORDER BY seq ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS last_said,
                min(known_until) OVER alike AS alike_end,
                row_number() OVER (alike ORDER BY seq) AS place
            FROM candidate c ANTI JOIN followed f ON f.row_id = c.row_id AND f.known_at = c.known_at AND f.staged = c.staged AND f.seq = c.seq
            WINDOW day AS (PARTITION BY row_id, known_at), alike AS (PARTITION BY row_id, known_at, said)""",
        "day_settled": """
            SELECT *, CASE
                WHEN NOT staged THEN NULL
                WHEN day_held AND said <> held_said THEN 'version_conflict'
                WHEN day_held AND known_until IS NOT NULL AND known_until < coalesce(held_end, DATE '9999-12-31')
                    THEN 'ended_held_version'
                WHEN day_held THEN 'already_held'
                WHEN said <> last_said THEN 'superseded_same_day'
                WHEN place > 1 THEN 'duplicate_row'
                END AS fate
            FROM of_day""",
        "in_order": """
            SELECT row_id, known_at, alike_end AS own_end, held_end, said, staged, seq, entry,
                coalesce(said <> lag(said) OVER (PARTITION BY row_id ORDER BY known_at), true) AS changes
            FROM day_settled WHERE fate IS NULL""",
        "saying": """
            SELECT *, sum(changes::INTEGER) OVER (PARTITION BY row_id ORDER BY known_at) AS saying FROM in_order""",
        "next_saying": """
            SELECT row_id, saying, lead(min(known_at)) OVER (PARTITION BY row_id ORDER BY saying) AS next_change
            FROM saying GROUP BY row_id, saying""",
        "restated": f"""
            SELECT *,
                staged AND NOT changes
                AND before >= least(own, change) AND own >= least(before, change) AS says_nothing_new
            FROM (
                SELECT s.*, coalesce(own_end, {_INFINITY}) AS own, coalesce(next_change, {_INFINITY}) AS change,
                    coalesce(lag(own_end) OVER alike, {_INFINITY}) AS before,
                    bool_or(NOT staged) OVER (alike ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS said_by_held
                FROM saying s JOIN next_saying USING (row_id, saying)
                WINDOW alike AS (PARTITION BY row_id, saying ORDER BY known_at))""",
        "kept": """
            SELECT *, least(own_end, lead(known_at) OVER (PARTITION BY row_id ORDER BY known_at)) AS ends
            FROM restated WHERE NOT says_nothing_new""",
        "settled": """
            SELECT seq, entry, 'already_held' AS fate, NULL::DATE AS ends FROM untold
            UNION ALL
            SELECT seq, entry, 'followed_elsewhere', NULL FROM followed WHERE staged
            UNION ALL
            SELECT seq, entry, fate, NULL FROM day_settled WHERE fate IS NOT NULL
            UNION ALL
            SELECT seq, entry, CASE WHEN said_by_held THEN 'already_held' ELSE 'restated' END, NULL
            FROM restated WHERE says_nothing_new
            UNION ALL
            SELECT seq, entry, NULL, ends FROM kept WHERE staged""",
    }
