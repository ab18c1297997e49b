"""Who is on a list, as small tables. Each rule names the harm that it prevents."""

from __future__ import annotations

import hmac

import numpy as np
import pandas as pd
import pytest

from features.errors import WrongUsage
from risk.lists import area_cut, draw, known, places
from risk.run.scoring import practices

KEY = bytes(range(32))


def scored(*practices: tuple[str, list[float]], scheme: str = "ods") -> pd.DataFrame:
    """People of each practice in turn, ids from 1, with these raw scores."""
    rows = [(scheme, practice, raw) for practice, scores in practices for raw in scores]
    frame = pd.DataFrame(rows, columns=["practice_scheme", "practice", "raw"])
    return frame.assign(person_id=np.arange(1, len(frame) + 1, dtype=np.int64))


@pytest.mark.parametrize(
    ("adults", "fraction", "k"),
    [
        (1, 0.02, 1),  # a practice of one still has a place: nobody is beyond reach because the practice is small
        (49, 0.02, 1),
        (50, 0.02, 1),  # 0.02 x 50 = 1 exactly
        (51, 0.02, 2),  # 1.02, and a part of a place is a place
        (100, 0.02, 2),
        (101, 0.02, 3),
        (100, 0.07, 7),  # in floating point 0.07 x 100 = 7.000000000000001, whose ceiling is 8
        (1150, 0.02, 23),
        (7, 1, 7),
        (0, 0.02, 0),
    ],
)
def test_a_list_holds_the_ceiling_of_the_share(adults: int, fraction: float, k: int) -> None:
    assert places(adults, fraction) == k


def test_the_denominator_is_the_scored_adults_of_the_practice_itself() -> None:
    """A large neighbour must not take a small practice's places."""
    drawn = draw(scored(("A", [9.0] * 151), ("B", [1.0, 2.0, 3.0])), 0.02, KEY)
    assert drawn["k"][:151].unique().tolist() == [4]  # ceil(0.02 x 151) = ceil(3.02)
    assert drawn["k"][151:].tolist() == [1, 1, 1]
    assert drawn["listed"][151:].tolist() == [False, False, True]


def test_rank_threshold_and_listing_are_given_for_everyone() -> None:
    drawn = draw(scored(("A", [0.1, 0.4, 0.2, 0.3])), 0.5, KEY)
    assert drawn.to_dict("list") == {
        "rank": [4, 1, 3, 2],
        "listed": [False, True, False, True],
        "k": [2, 2, 2, 2],
        "threshold": [0.3, 0.3, 0.3, 0.3],
    }


def test_one_code_in_two_schemes_is_two_practices() -> None:
    local = scored(("A", [1.0, 2.0]), scheme="local")
    ods = scored(("A", [3.0, 4.0])).assign(person_id=[3, 4])
    drawn = draw(pd.concat([local, ods], ignore_index=True), 0.02, KEY)
    assert drawn["listed"].tolist() == [False, True, False, True]


def test_ties_go_by_the_keyed_hash_and_by_nothing_else() -> None:
    """Not by person id, nor by the order of the rows: neither may decide who is helped."""
    people = scored(("A", [5.0] * 6))
    drawn = draw(people, 0.5, KEY)
    by_hash = sorted(range(1, 7), key=lambda person: hmac.digest(KEY, person.to_bytes(8, "big"), "sha256"))
    assert people["person_id"].iloc[np.argsort(drawn["rank"])].tolist() == by_hash

    shuffled = people.iloc[[3, 0, 5, 1, 4, 2]]
    assert draw(shuffled, 0.5, KEY).loc[people.index].equals(drawn)


def test_another_key_breaks_ties_otherwise_but_moves_nobody_else() -> None:
    people = scored(("A", [9.0] + [5.0] * 20 + [1.0]))
    ranks = {key: draw(people, 0.5, bytes([key]) * 32)["rank"] for key in range(4)}
    assert len({tuple(rank) for rank in ranks.values()}) == 4
    assert {(rank.iloc[0], rank.iloc[-1]) for rank in ranks.values()} == {(1, 22)}


def test_a_list_never_holds_more_than_its_places_when_all_tie() -> None:
    drawn = draw(scored(("A", [0.5] * 51)), 0.02, KEY)
    assert int(drawn["listed"].sum()) == 2
    assert drawn["threshold"].unique().tolist() == [0.5]


def test_a_score_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="1 of 2 raw scores are not finite"):
        draw(scored(("A", [0.1, float("nan")])), 0.02, KEY)


def test_a_person_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="two rows"):
        draw(scored(("A", [0.1, 0.2])).assign(person_id=1), 0.02, KEY)


def test_the_areas_cut_beside_the_practices() -> None:
    """A practice of many at high risk is thought well served by a list as long as anybody's: its list says how many the area's would hold.

    100 people of two practices and two places in the area: both are of the first, which has one."""
    people = scored(("A", [9.0, 8.0, *[1.0] * 48]), ("B", [7.0, *[1.0] * 49])).assign(probability=0.5)
    people.loc[0, "probability"] = 0.9
    people[["rank", "listed", "k", "threshold"]] = draw(people, 0.02, KEY)
    assert area_cut(people["raw"].to_numpy(), 0.02) == 8.0
    told = practices(people, {"A": 70, "B": 80}, 0.02).set_index("practice")
    assert told[["k", "cut", "above_area_cut"]].T.to_dict("list") == {"A": [1, 0.9, 2], "B": [1, 0.5, 0]}
    assert np.isnan(area_cut(np.zeros(0), 0.02))


def test_nobody_gives_an_empty_draw() -> None:
    drawn = draw(scored(), 0.02, KEY)
    assert drawn.empty
    assert list(drawn) == ["rank", "listed", "k", "threshold"]


@pytest.mark.parametrize(
    ("capacity", "k"),
    [
        ({}, {"A": 1, "B": 1}),  # ceil(0.02 x 4) and ceil(0.02 x 3)
        ({"A": 3}, {"A": 3, "B": 1}),  # the other practice keeps the share
        ({"A": 3, "B": 2}, {"A": 3, "B": 2}),
        ({"A": 9}, {"A": 4, "B": 1}),  # never more than are scored
    ],
)
def test_a_practices_list_is_as_long_as_its_team_can_take_on(capacity: dict[str, int], k: dict[str, int]) -> None:
    """Harm: a team that can see three people is given ninety, picks whom it knows, and the highest risk is not seen."""
    scores = scored(("A", [4.0, 3.0, 2.0, 1.0]), ("B", [3.0, 2.0, 1.0]))
    drawn = scores.join(draw(scores, 0.02, KEY, capacity))
    found = drawn.groupby("practice").agg(k=("k", "first"), listed=("listed", "sum"))
    assert found["k"].to_dict() == found["listed"].to_dict() == k


def test_a_capacity_of_a_practice_that_there_is_not_is_refused() -> None:
    """Harm: a code is mistyped, the list is as long as the share says, and nobody sees why."""
    assert known({"A": 3}, ["A", "B"]) == {"A": 3}
    with pytest.raises(WrongUsage, match="list_capacity, found C"):
        known({"A": 3, "C": 1}, ["A", "B"])
