"""What is said of a predictor's value as a reason: never a number that the record does not hold, never that nothing happened where nobody
would have told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from features.coverage import tables_of

#: In place of a predictor's phrase where it reads rows that are the person's by probability alone.
UNCONFIRMED = "{}: rests on records not yet confirmed to be this person's"
SUPPORT = "support in place: {}"


class Declared(Protocol):
    """What a reason needs of a predictor's declaration."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def domain(self) -> str: ...
    @property
    def actionable(self) -> bool: ...
    @property
    def tables(self) -> Sequence[str]: ...
    def phrase(self, value: float) -> str: ...


def says(predictor: Declared, value: float, feeds: int) -> str:
    """The predictor's value in words; an absent one says whether nobody sent the data, or else what its absence means."""
    if np.isnan(value):
        unfed = [table.replace("_", " ") for table in predictor.tables if table not in tables_of(feeds)]
        if unfed:
            return f"{predictor.title}: not known, no {' or '.join(unfed)} feed"
    return predictor.phrase(value)


def says_when(
    predictor: Declared, value: float, feeds: int, values: Mapping[str, float], beside: Sequence[Declared]
) -> str:
    """The same, and of a number of facts when the latest of them was, where a predictor ``beside`` knows it: one of the time since
    the very same facts, its value within the window."""
    said = says(predictor, value, feeds)
    if not value > 0 or getattr(predictor, "how", "") != "count":
        return said
    for other in beside:
        same = getattr(other, "how", "") == "days_since_last" and _facts(other) == _facts(predictor)
        if same and values[other.name] <= (getattr(predictor, "within", None) or np.inf):
            return f"{said}, most recently {_ago(values[other.name])}"
    return said


def _facts(predictor: Any) -> Any:
    return predictor.of, predictor.lasting, predictor.ago


def _ago(days: float) -> str:
    return (
        "the day before"
        if days == 1
        else f"{days:.0f} days before"
        if days < 61
        else f"{days / 30.4375:.0f} months before"
    )
