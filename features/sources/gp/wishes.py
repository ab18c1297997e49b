"""Preferences and plans that GP codes tell of, by the code set ``preferences_snomed``.

Its categories are the kinds of ``preference``; a category that ends in ``_ended`` is a code that says the thing no longer is. The
latest code of a kind decides, so all codes of a person and kind are versions of one row.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from features import codelists

CODES = "preferences_snomed"
#: Joins ``w`` to a row whose SNOMED CT code is in ``{code}``.
JOIN = "LEFT JOIN preference_code w ON w.code = {code}"


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table ``preference_code`` (``code``, ``kind``, ``over``)."""
    held = codelists.load(CODES)
    connection.execute("CREATE OR REPLACE TABLE preference_code (code VARCHAR, kind VARCHAR, over BOOLEAN)")
    rows = [
        (code, held.categories[code].removesuffix("_ended"), held.categories[code].endswith("_ended"))
        for code in held.codes
    ]
    connection.executemany("INSERT INTO preference_code VALUES (?, ?, ?)", rows)


def columns(on: str) -> Mapping[str, str]:
    """Columns of ``preference`` for a code entered of the day ``on`` (SQL). What is over is an empty interval on its day."""
    return {"event_date": on, "end_date": f"CASE WHEN w.over THEN {on} END", "kind": "w.kind"}
