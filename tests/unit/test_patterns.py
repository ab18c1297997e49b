"""A curve for each feed that may be away: harm, a person whose practice's feed is late gets a probability that means something else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from features.coverage import BIT
from models.augment import FeedsOff, mask_of
from models.calibrate import NONE, Calibrator
from models.dataset import Dataset
from models.patterns import Curves, Pattern, away, fitted, table, tried
from models.person_interval import PersonInterval
from tests.synthetic import dataset

HELD = PersonInterval((0.0,), (0.2,), (0.6,), 100)
#: Half the odds, and twice the odds.
HALF, TWICE = (Calibrator("platt", (0.0,), (shift,), 1.0, 1.0) for shift in (-np.log(2), np.log(2)))
ALL, NO_GP = mask_of(("person", "gp_event", "spell")), mask_of(("person", "spell"))
RIGHT = {figure: {"value": value, "low": low, "high": high}
         for figure, value, low, high in (("slope", 1.0, 0.8, 1.2), ("ici", 0.01, 0.005, 0.03))}  # fmt: skip
OFF = FeedsOff({"gp_event": np.array([0, 1]), "spell": np.array([2])}, {})


def curves(*patterns: Pattern) -> Curves:
    return Curves(HALF, HELD, frozenset([ALL]), ALL, patterns)


def data(rows: int, seed: int) -> Dataset:
    return replace(dataset(rows, seed=seed), feeds=np.full(rows, ALL, np.uint64))


def test_each_pattern_of_feeds_has_a_curve_of_its_own() -> None:
    """raw 0 is 1 in 2; half the odds are 1 in 3, twice the odds 2 in 3"""
    held = curves(Pattern(("gp_event",), TWICE, HELD, RIGHT))
    feeds = np.array([ALL, NO_GP, ALL | 1 << BIT["ambulance"]], np.uint64)
    assert held.probability(np.zeros(3), feeds) == pytest.approx([1 / 3, 2 / 3, 1 / 3])
    assert held.probability(np.zeros(3)) == pytest.approx([1 / 3] * 3)
    assert np.column_stack(held.bounds(np.zeros(2), feeds[:2])) == pytest.approx(np.array([[0.2, 0.6], [0.2, 2 / 3]]))


def test_a_pattern_that_nobody_tested_is_not_served_and_has_no_interval() -> None:
    held = curves(Pattern(("gp_event",), TWICE, HELD))
    assert held.served == {ALL}
    low, high = held.bounds(np.zeros(2), np.array([ALL, NO_GP], np.uint64))
    assert np.isnan(low).tolist() == np.isnan(high).tolist() == [False, True]
    both_away = np.array([mask_of(("person",))], np.uint64)
    assert held.probability(np.zeros(1), both_away) == pytest.approx([1 / 3])
    assert np.isnan(held.bounds(np.zeros(1), both_away)[0]).all()


@pytest.mark.parametrize(
    ("slope", "ici", "served"),
    [
        ((0.95, 1.30), (0.0, 0.01), True),
        ((1.11, 1.30), (0.0, 0.01), False),
        ((0.60, 0.89), (0.0, 0.01), False),
        ((0.95, 1.05), (0.021, 0.04), False),
        ((None, None), (0.0, 0.01), False),
    ],
)
def test_a_pattern_is_served_unless_those_who_tested_it_contradict_it(
    slope: tuple[float, float], ici: tuple[float, float], served: bool
) -> None:
    ends = {name: {"value": 1.0, "low": low, "high": high} for name, (low, high) in (("slope", slope), ("ici", ici))}
    pattern = Pattern(("gp_event",), TWICE, HELD, ends)
    assert pattern.served is served
    assert curves(pattern).served == ({ALL, NO_GP} if served else {ALL})


def test_a_pattern_that_training_saw_keeps_the_complete_curve() -> None:
    held = Curves(HALF, HELD, frozenset([ALL, NO_GP]), ALL, (Pattern(("gp_event",), TWICE, HELD, RIGHT),))
    assert held.probability(np.zeros(1), np.array([NO_GP], np.uint64)) == pytest.approx([1 / 3])


def test_what_nobody_has_is_never_taken_away() -> None:
    assert away(OFF, data(50, 1)) == [("gp_event",), ("spell",)]
    assert away(OFF, replace(data(50, 1), feeds=np.full(50, NO_GP, np.uint64))) == [("spell",)]


def test_a_curve_learns_what_a_score_means_without_its_feed_and_is_tried_on_others() -> None:
    """The log-odds are -1.5 + first + 0.7 × second. Without the first, the score leans on the second twice as much as is right: its curve is
    about half as steep, and holds on others."""
    held, others = data(4000, 1), data(4000, 2)
    off = FeedsOff({"gp_event": np.array([0])}, {})

    def raw(X: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        first, second = np.nan_to_num(X[:, 0]), np.nan_to_num(X[:, 1])
        return np.asarray(-1.5 + first + np.where(np.isnan(X[:, 0]), 1.4, 0.7) * second, np.float64)

    (pattern,) = patterns = tried(fitted(raw, held, off), raw, others, off, 50)
    assert pattern.without == ("gp_event",)
    assert 0.35 < pattern.calibrator.above < 0.6
    assert pattern.served
    assert [(row["without"], row["served"]) for row in table(patterns)] == [(["gp_event"], True)]
    assert patterns == tuple(Pattern.from_json(each.to_json()) for each in patterns)


def test_patterns_without_anybody_who_tests_them_have_no_figures() -> None:
    none = replace(data(50, 1), y=np.zeros(50))
    assert tried([Pattern(("gp_event",), NONE, HELD)], lambda X: X[:, 0].astype(float), none, OFF)[0].tested is None
