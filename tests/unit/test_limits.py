"""A bucket of tokens by a clock of the test's own."""

from __future__ import annotations

import pytest

from serving.problems import Problem
from serving.security import limits
from serving.security.limits import Limit, spend


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_minutes_worth_at_once_and_then_as_fast_as_it_fills() -> None:
    """Harm: one caller's fault keeps everybody else from the list."""
    clock = Clock()
    limit = Limit(6, clock)  # one in ten seconds
    assert [limit.wait("a") for _ in range(8)] == [0] * 6 + [10, 10]
    assert limit.wait("b") == 0, "another's bucket is another"
    clock.now += 4
    assert limit.wait("a") == 6
    clock.now += 6
    assert [limit.wait("a"), limit.wait("a")] == [0, 10]
    clock.now += 3600
    assert [limit.wait("a") for _ in range(7)] == [0] * 6 + [10], "it holds no more than a minute's"


def test_whoever_waits_is_told_how_long() -> None:
    limit = Limit(60, Clock())
    for _ in range(60):
        spend(limit, "a")
    with pytest.raises(Problem) as told:
        spend(limit, "a")
    assert (told.value.kind, told.value.response().status_code, told.value.headers["Retry-After"]) == (
        "too-many",
        429,
        "1",
    )


def test_what_is_remembered_does_not_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "KEPT", 3)
    limit = Limit(1, Clock())
    assert [limit.wait(who) for who in "abcd"] == [0] * 4
    assert limit.wait("d") == 60
    assert limit.wait("a") == 0, "who has not asked for longest begins anew"
