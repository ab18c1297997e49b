"""Codes that the law forbids to be passed on, as a table that rules join.

The code sets ``restricted_<system>`` list them: gender recognition (Gender Recognition Act 2004, section 22), assisted conception
(Human Fertilisation and Embryology Act 1990, section 33A) and sexually transmitted infection (NHS Trusts and Primary Care Trusts (Sexually
Transmitted Diseases) Directions 2000). Rows with them are dropped by the rule :data:`RULE` before anything else looks at them.
"""

from __future__ import annotations

import duckdb

from features import codelists
from features.codelists import HIERARCHICAL
from features.governance.restricted import DROPPED as RULE

PREFIX = "restricted_"


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table ``restricted_code`` (``system``, ``code``, ``beneath``: whether it stands for what is beneath it)."""
    connection.execute("CREATE OR REPLACE TABLE restricted_code (system VARCHAR, code VARCHAR, beneath BOOLEAN)")
    rows = []
    for name in codelists.names():
        if name.startswith(PREFIX):
            held = codelists.load(name)
            # A dm+d code is a SNOMED CT identifier: a set of either holds for both.
            systems = ("snomed", "dmd") if held.system.name in ("snomed", "dmd") else (held.system.name,)
            rows += [(system, code.replace(".", ""), held.system.name in HIERARCHICAL) for system in systems for code in held.codes]  # fmt: skip
    if rows:
        connection.executemany("INSERT INTO restricted_code VALUES (?, ?, ?)", rows)


def drop(*codes: tuple[str, str]) -> tuple[str, str]:
    """The drop rule for a row with any of ``codes``: pairs of system and SQL of the code."""
    tests = [
        f"EXISTS (SELECT 1 FROM restricted_code q WHERE q.system = '{system}' AND (q.code = {code} OR q.beneath AND "
        f"starts_with(replace({code}, '.', ''), q.code)))"
        for system, code in codes
    ]
    return RULE, " OR ".join(tests)
