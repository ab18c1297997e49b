"""Text in braces that stands for a value, and patterns of file names that capture some."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta

_HOLE = re.compile(r"\{(\w+)\}")


def holes(text: str) -> list[str]:
    """The names in braces."""
    return _HOLE.findall(text)


def fill(text: str, values: Mapping[str, str]) -> str:
    """``text`` with each name in braces replaced by its value; one that has none is left as it is."""
    return _HOLE.sub(lambda found: values.get(found.group(1), found.group(0)), text)


def day(text: str, values: Mapping[str, str], plus: str = "0") -> date:
    """The day that ``text`` (ISO) names, and ``plus`` days more. :class:`ValueError` where either does not read."""
    return date.fromisoformat(fill(text, values)[:10]) + timedelta(days=int(fill(plus, values)))


def pattern(text: str) -> re.Pattern[str]:
    """What matches the names of files: ``*`` is any text but a slash, ``?`` one character, ``{name}`` a part to capture."""
    parts = re.split(r"(\{\w+\}|\*|\?)", text)
    made = [
        f"(?P<{part[1:-1]}>[^/._]+)"
        if _HOLE.fullmatch(part)
        else {"*": "[^/]*", "?": "[^/]"}.get(part) or re.escape(part)
        for part in parts
    ]
    return re.compile("".join(made))
