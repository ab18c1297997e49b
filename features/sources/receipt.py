"""The day on which a delivery was received, as the name of its file or folder says it: the last date in it, ``2024-05-15`` or
``20240515``."""

from __future__ import annotations

import re
from datetime import date

from features.sources.contract import Fault

_DATE = re.compile(r"(?<!\d)(\d{4})-?(\d{2})-?(\d{2})(?!\d)")


def received(name: str) -> date | None:
    """The day, or None where the name has none."""
    for parts in reversed(_DATE.findall(name)):
        try:
            return date(*(int(part) for part in parts))
        except ValueError:
            continue
    return None


def fault(name: str, example: str) -> Fault | None:
    """What is wrong with a name that has no day in it."""
    if received(name) is not None:
        return None
    return Fault(name, "its name", f"the day on which it was received, as in {example}", "none", "put it there")
