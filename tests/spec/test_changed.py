"""Which reasons changed most, as small tables."""

from __future__ import annotations

from typing import Any

import pytest

from risk.changed import most


def reasons(**contributions: float) -> dict[str, Any]:
    told = [
        {"driver": name, "title": name, "domain": "d", "says": f"{name} now", "contribution": value}
        for name, value in contributions.items()
    ]
    return {
        "raises": [one for one in told if one["contribution"] > 0],
        "lowers": [one for one in told if one["contribution"] < 0],
    }


@pytest.mark.parametrize(
    ("now", "before", "found"),
    [
        ({"falls": 1.0}, {"falls": 0.2}, [("falls", 1.0, 0.2)]),
        ({"falls": 1.0, "age": 0.5}, {"falls": 0.9, "age": 0.1}, [("age", 0.5, 0.1), ("falls", 1.0, 0.9)]),
        ({"falls": 1.0}, {"age": 0.4}, [("falls", 1.0, None), ("age", None, 0.4)]),  # new among those told, and gone from them
        ({"falls": -0.5}, {"falls": 0.5}, [("falls", -0.5, 0.5)]),
        ({"falls": 1.0}, {"falls": 1.0}, []),
        ({"a": 1.0, "b": 1.1, "c": 1.2, "e": 1.3}, {"a": 0.1}, [("e", 1.3, None), ("c", 1.2, None), ("b", 1.1, None)]),  # three at the most
    ],
)  # fmt: skip
def test_the_greatest_changes_first(
    now: dict[str, float], before: dict[str, float], found: list[tuple[str, float | None, float | None]]
) -> None:
    """A reader looks at what was so for years, and not at what is new."""
    told = most(reasons(**now), reasons(**before))
    assert [(one["driver"], one["contribution"], one["contribution_before"]) for one in told] == found


def test_nothing_is_said_of_whom_the_run_before_did_not_score() -> None:
    """Everything about somebody new to the area reads as new."""
    assert most(reasons(falls=1.0), None) == []
