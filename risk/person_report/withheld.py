"""What a report on one person leaves out and what of it somebody must read before it is given, and by which rule.

Sources: Data Protection Act 2018, schedule 2 paragraph 16 (information about others) and schedule 3 paragraph 5 (serious harm, health data), whose judgement
is the controller's with the appropriate health professional; UK GDPR article 15(4).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import orjson

#: Columns that name or number somebody else, by what stands in their place.
OTHERS: dict[str, str] = dict.fromkeys(
    ("by", "user_id", "reviewed_by", "other_person_id", "actor"), "withheld: another person"
)
#: Columns that say nothing of anybody: numbers of the product's own, and hashes.
MECHANICAL = frozenset({"person_id", "request", "asked", "hash", "previous", "id_hash", "row_id", "feed_id"})
#: Columns of words that somebody typed, in which another person or something that harms could stand.
TYPED = frozenset({"text", "reason", "words"})
TO_READ = "to be read first"
SAYS = (
    {"what": "names and numbers of members of staff and of other people", "marked": OTHERS["by"],
     "why": "information about others (Data Protection Act 2018, schedule 2, paragraph 16); roles and organisations are given"},
    {"what": "words that somebody typed: what meetings wrote, and reasons in the audit", "marked": TO_READ,
     "why": "they may speak of somebody else, or of what would cause serious harm (schedule 2, paragraph 16; schedule 3, paragraph 5): the controller reads "
            "them, with a health professional, before the report is given"},
    {"what": "scores, reasons and flags of health", "marked": "in whole",
     "why": "whether knowing them would cause serious harm (schedule 3, paragraph 5) is the controller's to judge; nothing of them is left out here"},
    {"what": "rows in quarantine whose identifier cannot be read", "marked": "not searched",
     "why": "nobody can tell whose they are; they are sealed, and destroyed when their time is over"},
    {"what": "backups, extracts as they were sent, and what others have pulled", "marked": "not searched",
     "why": "backups hold nothing that is not held here or was until lately; the others are in other hands, and the audit says whose"},
)  # fmt: skip


def told(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of any table as the report has it: JSON, nothing mechanical, others withheld, typed words marked."""
    return {
        name: OTHERS[name]
        if name in OTHERS
        else {TO_READ: value}
        if name in TYPED and isinstance(value, str)
        else _plain(value)
        for name, value in row.items()
        if name not in MECHANICAL and value is not None
    }


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError:
            return value.hex()
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value if isinstance(value, str | int | float | bool | list | dict) or value is None else str(value)
