"""Weights for people who were lost: by hand, against a slow account, and what they repair."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.errors import BadInput
from models import censoring
from models.censoring import weigh


def test_who_is_left_stands_for_who_was_lost() -> None:
    """Ten days. One is lost on day 2, when three are still looked for (the fourth had the event on day 1): two thirds are kept."""
    found = weigh(followed=[2, 5, 10, 1], lost=[True, False, False, False], horizon=10)
    assert found.weight.tolist() == pytest.approx([0.0, 1.5, 1.5, 1.0])
    assert found.weight.sum() == pytest.approx(4)
    assert found.told() == {"lost": 1, "strata": 1, "heaviest": 1.5, "most": 5.0, "truncated": 0, "mean": 1.3333}


def test_an_event_on_the_day_of_a_loss_could_itself_have_been_lost() -> None:
    """Lost on day 3 means that day 3 was not seen. Who had the event on day 3 was at risk of that, who had it on day 2 was not."""
    assert weigh([3, 3, 2], [True, False, False], 10).weight.tolist() == pytest.approx([0.0, 2.0, 1.0])


def test_nobody_lost_weighs_one() -> None:
    assert weigh([4, 10], [False, False], 10).weight.tolist() == [1.0, 1.0]


def test_no_row_stands_for_more_than_the_most() -> None:
    found = weigh([1] * 9 + [10], [True] * 9 + [False], 10)
    assert (found.weight[-1], found.truncated, found.heaviest) == (5.0, 1, pytest.approx(10.0))


def test_small_strata_are_not_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the old two in four are lost, of the young none: told apart the old weigh two; as one, four of six are kept."""
    followed, lost = [1, 1, 9, 9, 9, 9], [True, True, False, False, False, False]
    strata = pd.DataFrame({"age": ["old"] * 4 + ["young"] * 2})
    assert weigh(followed, lost, 9, strata).weight[2:].tolist() == pytest.approx([1.5] * 4)
    monkeypatch.setattr(censoring, "FEWEST_ROWS", 1)
    monkeypatch.setattr(censoring, "FEWEST_LOST", 0)
    assert weigh(followed, lost, 9, strata).weight[2:].tolist() == pytest.approx([2.0, 2.0, 1.0, 1.0])
    unknown = strata.assign(fifth=[None] * 6)
    assert weigh(followed, lost, 9, unknown).weight[2:].tolist() == pytest.approx([2.0, 2.0, 1.0, 1.0])


@pytest.mark.parametrize(
    ("followed", "lost"), [([1], [True, False]), ([], []), ([-1], [False]), ([11], [False]), ([10], [True])]
)
def test_days_that_do_not_fit_are_refused(followed: list[int], lost: list[bool]) -> None:
    with pytest.raises(BadInput, match="expected"):
        weigh(followed, lost, 10)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=1, max_size=30))
def test_a_slow_account_agrees(rows: list[tuple[int, bool]]) -> None:
    """Day by day: of those still to be looked for on a day, how many were lost on it. One row is always seen to the end."""
    people = [*rows, (10, False)]
    followed, lost = [day for day, _ in people], [gone for _, gone in people]

    def kept(until: int) -> float:
        share = 1.0
        for day in range(until + 1):
            at_risk = [gone for end, gone in people if min(end, 9) >= day]
            share *= 1 - sum(gone and end == day for end, gone in people) / len(at_risk)
        return share

    found = weigh(followed, lost, 10, most=1e9)
    assert found.weight.tolist() == pytest.approx([0.0 if gone else 1 / kept(min(end, 9)) for end, gone in people])
    assert found.weight.sum() == pytest.approx(len(people))


def _area(n: int, seed: int) -> tuple[pd.DataFrame, dict[str, float]]:
    """Simulated people, frail and well, who are admitted, die and move away at constant rates a day; the frail do all three more
    often. ``truth``: the risk of an admission within 365 days with death competing, a / (a + d) (1 - exp(-365 (a + d)))."""
    rng = np.random.default_rng(seed)
    kind = np.where(rng.random(n) < 0.3, "frail", "well")
    rates = {"frail": (1 / 700, 1 / 1200, 1 / 500), "well": (1 / 4000, 1 / 9000, 1 / 2500)}
    admitted, died, moved = (rng.exponential(1 / np.array([rates[k][i] for k in kind])) for i in range(3))
    end = np.minimum(np.minimum(admitted, died), 365.0)
    lost = np.ceil(moved) <= np.minimum(np.floor(end), 364)
    followed = np.where(lost, np.ceil(moved), np.minimum(np.floor(end), 365)).astype(np.int64)
    event = ~lost & (admitted <= end) & (admitted < 365)
    truth = {k: a / (a + d) * (1 - np.exp(-365 * (a + d))) for k, (a, d, _) in rates.items()}
    return pd.DataFrame(
        {"kind": kind, "followed": followed, "lost": lost, "event": event, "death": ~lost & ~event & (end < 365)}
    ), truth


def test_rows_with_a_label_alone_overstate_the_risk_and_weights_repair_it() -> None:
    """Simulated: half of the frail move away within the year and keep a label only if they were admitted first."""
    people, truth = _area(40_000, seed=1)
    weight = weigh(people["followed"], people["lost"], 365, people[["kind"]]).weight
    for kind, risk in truth.items():
        rows = ((people["kind"] == kind) & ~people["lost"]).to_numpy()
        event = people["event"].to_numpy()[rows]
        plain, weighted = event.mean(), np.average(event, weights=weight[rows])
        assert weighted == pytest.approx(risk, abs=0.012)
        if kind == "frail":
            assert plain - risk > 0.05
    whole = 0.3 * truth["frail"] + 0.7 * truth["well"]
    assert np.average(people["event"], weights=weight) == pytest.approx(whole, abs=0.006)


def test_who_moves_depends_on_frailty_so_one_stratum_does_not_do() -> None:
    """Simulated: the weights rest on being lost telling nothing of the event within a stratum. With frailty left out it does."""
    people, truth = _area(40_000, seed=2)
    whole = 0.3 * truth["frail"] + 0.7 * truth["well"]
    event = people["event"].to_numpy()
    apart = np.average(event, weights=weigh(people["followed"], people["lost"], 365, people[["kind"]]).weight)
    as_one = np.average(event, weights=weigh(people["followed"], people["lost"], 365).weight)
    assert abs(apart - whole) < 0.006 < abs(as_one - whole)


def test_death_taken_for_a_loss_would_give_the_risk_of_people_who_cannot_die() -> None:
    """Simulated: with death as a loss the estimate is 1 - exp(-365 a), which nobody's risk is."""
    people, truth = _area(40_000, seed=3)
    frail = people[people["kind"] == "frail"]
    lost = frail["lost"] | frail["death"]
    wrong = np.average(frail["event"], weights=weigh(frail["followed"], lost, 365, most=50).weight)
    assert wrong == pytest.approx(1 - np.exp(-365 / 700), abs=0.015)
    assert wrong - truth["frail"] > 0.03
