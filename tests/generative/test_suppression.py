"""Nobody can work out from a public report a count that it hides."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from models import logistic
from models.public import public
from models.suppression import SMALL, Nested, hidden
from models.validate import Scored, judge
from tests.synthetic import dataset

COUNTS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=1, max_size=8)


@given(COUNTS)
def test_what_is_hidden_is_two_kinds_or_more_that_add_up_to_ten_or_everything(cells: list[tuple[int, int]]) -> None:
    out = hidden(cells)
    shown = [counts for i, counts in enumerate(cells) if i not in out]
    assert all(min(counts) >= SMALL for counts in shown)
    if out and shown:
        left = [sum(counts) for counts in zip(*(cells[i] for i in out), strict=True)]
        assert len(out) >= 2
        assert min(left) >= SMALL, "the whole less what is shown gives a small count away"


@given(COUNTS)
def test_nothing_is_hidden_without_a_small_count(cells: list[tuple[int, int]]) -> None:
    if all(min(counts) >= SMALL for counts in cells):
        assert hidden(cells) == set()


@given(st.lists(st.integers(0, 25), min_size=1, max_size=40), st.lists(st.integers(0, 25), min_size=40, max_size=40))
def test_groups_within_groups_differ_by_ten_or_not_at_all(events: list[int], others: list[int]) -> None:
    nested = np.cumsum([events, others[: len(events)]], axis=1).T.tolist()
    whole = nested[-1]
    if min(whole) < SMALL:
        return
    offered = Nested(whole)
    told = [counts for counts in nested if offered.offer(counts)]
    apart([[0, 0], *told, whole])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(40, 700), st.floats(-4, 0), st.booleans())
def test_a_public_report_gives_no_small_count_away(seed: int, people: int, base: float, twice: bool) -> None:
    dates = ("2020-01-01", "2021-01-01") if twice else ("2020-01-01",)
    data = dataset(people, seed=seed, base=base, dates=dates)
    if not SMALL <= data.events <= len(data) - SMALL:
        return
    uneven = np.random.default_rng(seed).choice(
        ["white", "asian", "black", "mixed"], len(data), p=[0.8, 0.12, 0.05, 0.03]
    )
    data = replace(data, slices=data.slices.assign(ethnicity=uneven))
    raw = np.nan_to_num(data.X[:, 0]).astype(float) + base
    report = {**judge(data, {"ours": Scored(raw, "a score", logistic.sigmoid(raw))}, times=2),
              "flow": {"cohort": [], "left_out": [], "censored": {}, "parts": {}}}  # fmt: skip
    told = public(report)
    assert small_counts(told) == []
    if "not_validated" in told:
        return
    events, rows = told["test"]["events"], told["test"]["rows"]
    apart([[0, 0], *groups(told, events, rows - events), [events, rows - events]])
    for by in {row["by"] for row in told["slices"]}:
        remainders(by, told, report)


def groups(told: dict[str, Any], events: int, others: int) -> list[list[int]]:
    """Every group of the highest scores of which the public report tells how many had the event, in one way or another."""
    found = [[row["found"], row["listed"] - row["found"]] for row in told["performance"]["ours"]["top"] if row["listed"] is not None]  # fmt: skip
    found += [[row["found"], row["acted"] - row["found"]] for row in told["net_benefit"] if row["acted"] is not None]
    curve = told["curves"]["ours"]
    found += [
        [round(r * events), round(f * others)]
        for r, f in zip(curve["recall"], curve["false_positive_rate"], strict=True)
    ]
    reached = [0, 0]
    for row in reversed(told["calibration"]["tenths"]):
        happened = round(row["people"] * row["observed"])
        reached = [reached[0] + happened, reached[1] + row["people"] - happened]
        found.append(list(reached))
    return found


def apart(nested: list[list[int]]) -> None:
    for less, more in pairwise(sorted(nested, key=sum)):
        gap = [b - a for a, b in zip(less, more, strict=True)]
        assert max(gap) == 0 or min(gap) >= SMALL, f"{more} less {less} is a small count"


def remainders(by: str, told: dict[str, Any], report: dict[str, Any]) -> None:
    """The whole less the levels shown, for the kind's people and for whom its lists hold."""
    rows = [row for row in told["slices"] if row["by"] == by]
    levels = [row for row in report["slices"] if row["by"] == by]
    for name in ("rows", "listed"):
        out = [i for i, row in enumerate(rows) if row[name] is None]
        if not out or len(out) == len(rows):
            continue
        assert len(out) >= 2
        whole = [cells(level, name) for level in levels]
        shown = [cells(level, name) for i, level in enumerate(levels) if i not in out]
        left = [sum(a) - sum(b) for a, b in zip(zip(*whole, strict=True), zip(*shown, strict=True), strict=True)]
        assert min(left) >= SMALL, (by, name, left)


def cells(level: dict[str, Any], name: str) -> tuple[int, ...]:
    events, rows, listed, found = (level[key] for key in ("events", "rows", "listed", "found"))
    if name == "rows":
        return events, rows - events
    return found, listed - found, events - found, rows - events - listed + found


def small_counts(told: Any, name: str = "") -> list[tuple[str, int]]:
    """Counts from 1 to 9 anywhere in a report."""
    if isinstance(told, dict):
        return [small for key, value in told.items() for small in small_counts(value, str(key))]
    if isinstance(told, list):
        return [small for value in told for small in small_counts(value, name)]
    counted = name in {"rows", "people", "events", "listed", "found", "acted", "new_listed", "new_found", "new_events"}
    return [(name, told)] if counted and isinstance(told, int) and 0 < told < SMALL else []
