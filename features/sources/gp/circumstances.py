"""Who stands beside a person, as GP codes tell of it, by the code set ``social_snomed``: whether they live alone, and have a carer.

The latest code of either decides, so all of a person's are versions of one row. That somebody lives in a care home is left to the
match of addresses: no code says that they have left it.
"""

from __future__ import annotations

import duckdb

from features import codelists

CODES = "social_snomed"
#: Categories that are read: the table they tell of, and what they say there.
READ = {"lives_alone": ("residence", "true"), "has_carer": ("carer", "true"), "no_carer": ("carer", "false")}
#: Joins ``s`` to a row whose SNOMED CT code is in ``{code}``.
JOIN = "LEFT JOIN social_code s ON s.code = {code}"


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table ``social_code`` (``code``, ``of``, ``says``)."""
    held = codelists.load(CODES)
    connection.execute("CREATE OR REPLACE TABLE social_code (code VARCHAR, of VARCHAR, says BOOLEAN)")
    rows = [(code, *READ[held.categories[code]]) for code in held.codes if held.categories[code] in READ]
    connection.executemany("INSERT INTO social_code VALUES (?, ?, ?)", rows)


def drop(table: str) -> tuple[str, str]:
    """The drop rule for a row whose code tells nothing of ``table``."""
    return "not_a_circumstance", f"s.of IS DISTINCT FROM '{table}'"
