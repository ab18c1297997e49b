"""Watching a model: distributions, control limits and triggers, by small tables."""

from __future__ import annotations

import dataclasses
import json
from datetime import date
from math import log, sqrt
from typing import Any

import numpy as np
import pytest

from features.errors import BadInput
from features.record.tables import PERSON_TABLES
from models.monitor import TRIGGERS, Reference, Watched, watch
from models.monitor.happened import calibration, happened, on_list, slope
from models.monitor.reference import levels
from models.monitor.shift import Histogram, by_chance, psi
from models.monitor.triggers import SEVERITIES, Reading, fired
from tests import synthetic

DAY = date(2024, 1, 1)


@pytest.mark.parametrize(
    ("then", "now", "expected"),
    [
        ([500, 500], [500, 500], 0.0),
        # Shares 0.8 / 0.2 then, 0.6 / 0.4 now, half a row added to each bin (of 10,000 it changes nothing to 3 places).
        ([8000, 2000], [6000, 4000], (0.6 - 0.8) * log(0.6 / 0.8) + (0.4 - 0.2) * log(0.4 / 0.2)),
        # A bin that emptied counts, and is not infinite: half a row of 1,001 in it.
        ([500, 500], [0, 1000], (0.5 / 1001 - 0.5) * log(0.5 / 1001 / 0.5) + (1000.5 / 1001 - 0.5) * log(1000.5 / 1001 / 0.5)),
        ([500, 500, 0], [500, 500, 0], 0.0),
        ([1000], [5], 0.0),
    ],
)  # fmt: skip
def test_the_stability_index(then: list[int], now: list[int], expected: float) -> None:
    assert psi(np.array(now), np.array(then)) == pytest.approx(expected, abs=1e-3)
    assert psi(np.array(now), np.array(then)) == pytest.approx(psi(np.array(then), np.array(now)), abs=1e-12)


@pytest.mark.parametrize(
    ("bins", "quantile"), [(2, 10.828), (10, 27.877), (20, 43.820)]
)  # the 99.9% quantile of chi-squared with 1, 9 and 19 degrees of freedom
def test_what_the_index_is_by_chance(bins: int, quantile: float) -> None:
    then, now = np.full(bins, 100), np.full(bins, 20)
    assert by_chance(now, then) == pytest.approx(quantile * (1 / (100 * bins) + 1 / (20 * bins)), rel=0.035)


def test_few_rows_that_did_not_move_stay_under_what_chance_gives() -> None:
    draw = np.random.default_rng(3)
    held = Histogram.of(draw.normal(size=2000))
    over = 0
    for _ in range(200):
        now = held.count(draw.normal(size=150))
        over += psi(now, held.all) > by_chance(now, held.all)
    assert over <= 2


@pytest.mark.parametrize(
    ("values", "edges", "counts", "absent"),
    [
        ([0] * 90 + [1] * 20 + [2] * 10, [0, 1], [90, 20, 10], 0),
        ([0] * 90 + [1] * 20 + [2] * 9, [0], [90, 29], 0),  # nine people are joined with their neighbours
        ([0] * 90 + [1] * 20 + [np.nan] * 10, [0], [90, 20], 10),
        ([0] * 90 + [1] * 20 + [np.nan] * 9, [0], [90, 20], 0),  # nine without a value count as none
        ([np.nan] * 50, [], [0], 50),
        (list(range(1, 201)), [20, 40, 60, 80, 100, 120, 140, 160, 180], [20] * 10, 0),
        ([5.0] * 30, [], [30], 0),
    ],
)
def test_a_histogram_of_a_predictor(values: list[float], edges: list[float], counts: list[int], absent: int) -> None:
    held = Histogram.of(np.array(values, np.float32))
    assert (held.edges.tolist(), held.counts.tolist(), held.absent) == (edges, counts, absent)
    assert Histogram.from_json(json.loads(json.dumps(held.to_json()))).to_json() == held.to_json()


def test_a_value_counts_in_the_bin_up_to_its_edge() -> None:
    held = Histogram(np.array([0.0, 1.0]), np.array([90, 20, 10]), 0)
    assert held.count(np.array([-1, 0, 0.5, 1, 7, np.nan], np.float32)).tolist() == [2, 2, 1, 1]


def test_small_levels_are_counted_together() -> None:
    assert levels(np.array(["a"] * 20 + ["b"] * 9 + ["c"] * 3)) == {"a": 20, "others, fewer than 10 each": 12}
    assert levels(np.array(["a"] * 20 + ["b"] * 9)) == {"a": 20}


def test_what_is_kept_of_training_holds_nobody() -> None:
    data = synthetic.dataset(people=300)
    held = Reference.of(data, np.linspace(-3, 1, 100))
    kept = json.dumps(held.to_json())
    assert not any(str(person) in kept for person in data.person_id.tolist())
    small = [n for h in (*held.predictors.values(), held.score) for n in h.all.tolist() if 0 < n < 10]
    assert small == []
    assert Reference.from_json(json.loads(kept)).to_json() == held.to_json()
    with pytest.raises(BadInput, match="format 9"):
        Reference.from_json({"format": 9})


def test_control_limits_by_hand() -> None:
    # 400 people at 0.2: 80 expected, variance 400 × 0.2 × 0.8 = 64, standard error 8: a tenth of what is expected.
    y = np.r_[np.ones(100), np.zeros(300)]
    found = calibration(y, np.full(400, 0.2))
    assert found["expected"] == pytest.approx(80)
    assert found["observed_expected"] == pytest.approx(1.25)
    assert found["warning"] == pytest.approx([0.8, 1.2])
    assert found["action"] == pytest.approx([0.7, 1.3])


def test_the_slope_and_its_interval_by_hand() -> None:
    # Two groups of 100: odds 1:3 and 3:1, so the log-odds happened are -ln 3 and ln 3; given were -2 ln 3 and 2 ln 3.
    given = 1 / (1 + np.exp(-np.repeat([-2 * log(3), 2 * log(3)], 100)))
    y = np.r_[np.ones(25), np.zeros(75), np.ones(75), np.zeros(25)]
    found = slope(y, given)
    # The slope is a difference of log-odds over 4 ln 3; each log-odds has variance 1/25 + 1/75.
    error = sqrt(2 * (1 / 25 + 1 / 75)) / (4 * log(3))
    assert found["value"] == pytest.approx(0.5, abs=1e-6)
    assert found["high"] - found["value"] == pytest.approx(1.96 * error, rel=1e-4)


def test_the_list_as_published() -> None:
    y, listed = (
        np.r_[np.ones(30), np.zeros(70)],
        np.r_[np.ones(12, bool), np.zeros(18, bool), np.ones(8, bool), np.zeros(62, bool)],
    )
    found = on_list(listed, y)
    assert found is not None
    assert (found["listed"], found["hits"]) == (20, 12)
    assert found["ppv"]["value"] == pytest.approx(12 / 20)
    assert found["sensitivity"]["value"] == pytest.approx(12 / 30)
    assert on_list(np.zeros(100, bool), y) is None


def watched(n: int = 4000, ratio: float = 1.0, shift: float = 0.0, seed: int = 1, **changed: Any) -> Watched:
    """People whose predictor ``x`` is normal, whose log-odds are x - 2, and whose events are ``ratio`` times as likely as they are
    given; moved by ``shift``."""
    draw = np.random.default_rng(seed)
    x = draw.normal(size=n).astype(np.float32)
    raw = np.asarray(x, np.float64) - 2
    probability = 1 / (1 + np.exp(-raw))
    return dataclasses.replace(
        Watched("run 1", DAY, 1, raw + shift, probability, np.full(n, 1, np.uint64), raw >= np.quantile(raw, 0.98),
                (draw.random(n) < np.clip(ratio * probability, 0, 1)).astype(np.float64), synthetic.slices(draw, n, x > 1), lambda _: x),
        **changed,
    )  # fmt: skip


def reference() -> Reference:
    held = watched(seed=2)
    data = dataclasses.replace(synthetic.dataset(people=4000), slices=held.slices, feeds=held.feeds)
    made = Reference.of(data, held.raw, PERSON_TABLES[:2])
    return dataclasses.replace(made, predictors={"x": Histogram.of(held.values("x"))})  # type: ignore[misc]


REFERENCE = reference()
REPORT = {
    "performance": {
        "ours": {"auroc": {"value": 0.74}, "per_practice": {"ppv": {"value": 0.5}, "sensitivity": {"value": 0.07}}}
    }
}


def fires(held: Watched) -> dict[str, str]:
    """Severity by trigger and subject."""
    told = watch([held], {1: REFERENCE}, {1: REPORT}, {"x": ("spell",)})
    return {f"{row['trigger']} {row['subject']}": row["severity"] for row in told["dates"][0]["triggers"]}


def test_nothing_fires_where_nothing_moved() -> None:
    told = watch([watched()], {1: REFERENCE}, {1: REPORT}, {})
    assert told["severity"] is None
    assert told["fired"] == {"watch": 0, "act": 0, "stop": 0}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"shift": 0.35}, {"score raw score": "watch"}),
        ({"shift": 1.0}, {"score raw score": "stop"}),
        (
            {"values": lambda _: np.full(4000, np.nan, np.float32)},
            {"predictor x": "act", "predictors all predictors": "stop"},
        ),
        ({"feeds": np.r_[np.full(3000, 1, np.uint64), np.zeros(1000, np.uint64)]}, {f"feed {PERSON_TABLES[0]}": "act"}),
        ({"feeds": np.zeros(4000, np.uint64)}, {f"feed {PERSON_TABLES[0]}": "stop"}),
        ({"ratio": 1.6}, {"calibration everybody": "stop"}),
        ({"ratio": 0.55}, {"calibration everybody": "stop"}),
        ({"y": np.full(4000, np.nan)}, {}),
    ],
)
def test_what_fires_and_how_gravely(changed: dict[str, Any], expected: dict[str, str]) -> None:
    found = fires(watched(**changed))
    assert {name: found.get(name) for name in expected} == expected
    if not expected:
        assert found == {}


def test_people_whose_outcome_is_not_known_are_not_taken_for_well() -> None:
    held = watched()
    half = np.where(np.arange(4000) % 2 == 0, held.y, np.nan)
    found = happened(dataclasses.replace(held, y=half))
    assert found is not None
    assert found["people"] == 2000
    assert found["observed_expected"] == pytest.approx(1, abs=0.2)
    assert happened(dataclasses.replace(held, y=np.full(4000, np.nan))) is None


def test_a_kind_of_people_that_the_model_fails_is_named() -> None:
    held = watched(n=8000)
    assert held.slices is not None
    men = (held.slices["sex"] == "male").to_numpy()
    more = np.where(men & (np.arange(8000) % 8 == 0), 1.0, held.y)
    assert fires(dataclasses.replace(held, y=more))["subgroup_calibration sex: male"] == "act"


def test_few_people_are_named_and_not_counted() -> None:
    held = watched()
    assert held.slices is not None
    rare = held.slices.assign(ethnicity=np.where(np.arange(4000) < 9, "black", "white"))
    found = happened(dataclasses.replace(held, slices=rare))
    assert found is not None
    (row,) = [row for row in found["subgroups"] if row["level"] == "black"]
    assert row == {"by": "ethnicity", "level": "black", "too_few": True}


@pytest.mark.parametrize(
    ("value", "sure", "severity"),
    [(0.09, True, None), (0.1, True, "watch"), (0.1999, True, "watch"), (0.2, True, "act"), (0.25, True, "stop"), (9, False, None)],
)  # fmt: skip
def test_severity_is_the_highest_threshold_reached(value: float, sure: bool, severity: str | None) -> None:
    (trigger,) = [trigger for trigger in TRIGGERS if trigger.name == "score"]
    assert trigger.severity(Reading("raw score", value, sure, "")) == severity


def test_every_trigger_says_what_to_check_and_where_it_comes_from() -> None:
    assert len({trigger.name for trigger in TRIGGERS}) == len(TRIGGERS)
    for trigger in TRIGGERS:
        assert trigger.check
        assert trigger.source
        given = [getattr(trigger, name) for name in SEVERITIES]
        assert given == sorted(given), f"{trigger.name}: thresholds ascend"
        assert given[0] < float("inf")


def test_a_model_without_what_it_was_made_of_is_watched_by_what_happened_alone() -> None:
    told = watch([watched(ratio=1.6)], {}, {1: REPORT}, {})
    assert "train it again" in told["dates"][0]["score"]["not_told"]
    assert told["severity"] == "stop"
    assert {row["trigger"] for row in told["dates"][0]["triggers"]} <= {"calibration", "slope", "discrimination", "list_ppv",
                                                                         "list_sensitivity", "subgroup_calibration"}  # fmt: skip


def test_facts_that_do_not_fit_are_refused() -> None:
    with pytest.raises(BadInput, match="run 1: expected 4000 rows of everything, found y of 3"):
        watched(y=np.zeros(3))


def test_the_gravest_comes_first() -> None:
    told = watch([watched(shift=1.0, ratio=0.93, n=4000)], {1: REFERENCE}, {1: REPORT}, {})
    grave = [SEVERITIES.index(row["severity"]) for row in told["dates"][0]["triggers"]]
    assert grave == sorted(grave, reverse=True)
    assert fired({**told["dates"][0], "happened": None, "people_by": [], "feeds": [], "inputs": None})
