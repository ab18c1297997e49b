"""Codes by which a practice tells that a patient objects to what is recorded of them being shared (a type 1 opt-out).

What keeps an entry or a whole record from being taken in does not keep out that its subject objects: to overlook an objection because
it was marked confidential would show to others what they have been asked not to see. A withdrawal that is marked so stays unread.
"""

from __future__ import annotations

import duckdb

from features import codelists
from features.governance.choices import CODES

OBJECTION = "type_1_objection"


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table ``objection_code`` (``code``)."""
    held = codelists.load(CODES)
    connection.execute("CREATE OR REPLACE TABLE objection_code (code VARCHAR)")
    rows = [(code,) for code in held.codes if held.categories[code] == OBJECTION]
    connection.executemany("INSERT INTO objection_code VALUES (?)", rows)


def objects(code: str) -> str:
    """SQL of whether the SNOMED CT code that the SQL ``code`` gives is one of objection."""
    return f"coalesce({code} IN (SELECT o.code FROM objection_code o), false)"
