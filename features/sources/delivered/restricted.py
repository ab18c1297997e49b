"""Codes that the law forbids to be passed on, as a table that rules join.

The code sets ``restricted_…`` list them (gender recognition: Gender Recognition Act 2004, section 22; assisted conception: Human
Fertilisation and Embryology Act 1990, section 33A; sexually transmitted infection: NHS Trusts and Primary Care Trusts (Sexually Transmitted
Diseases) Directions 2000), and an area's mapping of dm+d to BNF knows more of the drugs. Rows with them are dropped by the rule :data:`RULE`
before anything else looks at them.
"""

from __future__ import annotations

import duckdb
import pyarrow as arrow

from features.codelists import HIERARCHICAL
from features.governance.by_bnf import bnf_of_dmd
from features.governance.restricted import DROPPED as RULE
from features.governance.restricted import is_restricted, sets

SYSTEMS = ("snomed", "dmd", "icd10", "bnf")


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table ``restricted_code`` (``system``, ``code``)."""
    connection.execute("CREATE OR REPLACE TABLE restricted_code (system VARCHAR, code VARCHAR)")
    rows = {(system, code.replace(".", "")) for system in SYSTEMS for held in sets(system) for code in held.codes}
    rows |= {("dmd", code) for code in bnf_of_dmd() if is_restricted("dmd", code)}
    columns = [arrow.array(column, arrow.string()) for column in zip(*sorted(rows), strict=True)]
    connection.register("restricted_rows", arrow.table(columns, names=["system", "code"]))
    connection.execute("INSERT INTO restricted_code SELECT * FROM restricted_rows")
    connection.unregister("restricted_rows")


def drop(*codes: tuple[str, str]) -> tuple[str, str]:
    """The drop rule for a row with any of ``codes``: pairs of system and SQL of the code."""
    return RULE, " OR ".join(_beneath(*pair) if pair[0] in HIERARCHICAL else _itself(*pair) for pair in codes)


def _itself(system: str, code: str) -> str:
    # Codes that stand for themselves alone are hashed: there may be thousands, and a row for each prescription.
    return f"coalesce({code} IN (SELECT q.code FROM restricted_code q WHERE q.system = '{system}'), false)"


def _beneath(system: str, code: str) -> str:
    return (
        f"EXISTS (SELECT 1 FROM restricted_code q WHERE q.system = '{system}' AND "
        f"starts_with(replace({code}, '.', ''), q.code))"
    )
