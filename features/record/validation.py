"""Rows against their table's schema: which rows fail, in which field, and why."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as arrow
from pandera.errors import SchemaErrors

from features.record.quarantine import Faults
from features.record.tables import Table

#: How the checks of a column are called when they fail; checks of a table of its own carry their own name.
_CALLED = {"not_nullable": "missing", "isin": "not_allowed", "str_matches": "malformed",
           "greater_than_or_equal_to": "out_of_range", "greater_than": "out_of_range",
           "less_than_or_equal_to": "out_of_range", "less_than": "out_of_range", "in_range": "out_of_range"}  # fmt: skip
#: The field at fault where a check looks at several.
_AT_FAULT = {"end_before_start": "end_date", "known_until_before_known_at": "known_until"}
_CODE_FIELDS = ("code", "practice", "organisation")


def validate(table: Table, rows: arrow.Table, faults: Faults) -> None:
    """Add to ``faults`` each row of ``rows`` (in the table's columns and types) that the table's schema refuses."""
    frame = rows.to_pandas(types_mapper=pd.ArrowDtype)
    try:
        table.schema.validate(frame, lazy=True)
    except SchemaErrors as errors:
        failures = errors.failure_cases
        for (context, column, check), cases in failures.groupby(["schema_context", "column", "check"], dropna=False):
            if cases["index"].isna().any():
                raise errors
            called = str(check).split("(", 1)[0]
            field = str(column) if context == "Column" else _field(table, called)
            faults.add(np.unique(cases["index"].to_numpy(dtype=np.int64)), field, _CALLED.get(called, called))


def _field(table: Table, check: str) -> str:
    if check in _AT_FAULT:
        return _AT_FAULT[check]
    return next((name for name in _CODE_FIELDS if name in table.columns), "")
