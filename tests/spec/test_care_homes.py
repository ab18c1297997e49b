"""What is said of a care home as a whole: residents in, measures out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from risk import care_homes
from risk.care_homes import MEASURES, PREDICTORS, measures

#: practice, rank, listed, band, home (None: outside a home), admissions, attendances, conveyed (None: no feed)
Resident = tuple[str, int, bool, str, str | None, float, float, float | None]


def of(rows: list[Resident], plans: tuple[int, ...] = ()) -> dict[Any, list[dict[str, Any]]]:
    """``plans``: places of those with an end-of-life plan, who are listed in a section of their own and under no home."""
    planned = pd.Series([place in plans for place in range(len(rows))])
    practice, rank, listed, band, home, *values = map(list, zip(*rows, strict=True))
    scores = pd.DataFrame({"practice_scheme": "ods", "practice": practice, "rank": rank, "listed": listed, "band": band,
                           "lives_in": pd.Series(home, dtype="str"), "home": pd.Series(home, dtype="str").mask(planned)})  # fmt: skip
    return measures(
        scores, {name: np.array(column, dtype=np.float32) for name, column in zip(PREDICTORS, values, strict=True)}
    )


def test_a_home_is_measured_by_all_its_residents_of_the_practice_and_by_no_others() -> None:
    """Harm: a home is judged by the few of its residents who are on the list, or by another practice's."""
    found = of([
        ("A1", 1, True, "high", "north", 2, 3, 1), ("A1", 2, True, "high", "south", 1, 1, 0), ("A1", 9, False, "low", "north", 0, 1, 0),
        ("A1", 3, True, "high", None, 7, 7, 7), ("A2", 1, True, "medium", "north", 5, 5, 5),
    ])  # fmt: skip
    assert found == {
        ("ods", "A1"): [
            {"home": 1, "residents": 2, "listed": 1, "high": 1, "emergency_admissions": 2 + 0, "ed_attendances": 3 + 1, "conveyed": 1 + 0},
            {"home": 2, "residents": 1, "listed": 1, "high": 1, "emergency_admissions": 1, "ed_attendances": 1, "conveyed": 0},
        ],
        ("ods", "A2"): [{"home": 1, "residents": 1, "listed": 1, "high": 0, "emergency_admissions": 5, "ed_attendances": 5, "conveyed": 5}],
    }  # fmt: skip


def test_who_is_listed_under_their_plan_is_no_less_a_resident() -> None:
    """Harm: a home whose frailest residents all have a plan looks as if nobody there were ever admitted."""
    rows: list[Resident] = [("A1", 1, True, "high", "north", 4, 2, 1), ("A1", 2, True, "high", "north", 1, 1, 0)]
    ((home,),) = of(rows, plans=(0,)).values()
    assert (home["home"], home["residents"], home["emergency_admissions"]) == (1, 2, 4 + 1)
    ((home,),) = of(rows, plans=(0, 1)).values()
    assert (home["home"], home["residents"], home["listed"]) == (1, 2, 2)


def test_what_no_feed_tells_of_a_resident_is_not_known_of_the_home() -> None:
    """Harm: a home whose ambulance service sends nothing looks as if nobody was ever taken to hospital."""
    ((home,),) = of([("A1", 1, True, "high", "north", 2, 3, None), ("A1", 2, False, "low", "north", 0, 1, 4)]).values()
    assert (home["emergency_admissions"], home["conveyed"]) == (2, None)
    assert care_homes.said(home) == (
        "Home 1: 2 residents of the practice, 1 listed, 1 in the high band; in the last year 2 emergency admissions, 4 A&E attendances; "
        "not known: taken to hospital by ambulance."
    )


def test_homes_have_the_numbers_of_the_list_and_those_without_anybody_on_it_follow() -> None:
    """Somebody kept off the list by lot ranks first, and gives no home another number than the list's."""
    ((first, second, third),) = of([
        ("A1", 1, False, "high", "held out", 1, 0, 0), ("A1", 2, True, "high", "east", 2, 0, 0), ("A1", 8, True, "low", "west", 3, 0, 0),
    ]).values()  # fmt: skip
    assert [home["emergency_admissions"] for home in (first, second, third)] == [2, 3, 1]
    assert set(first) == {"home", "residents", "listed", "high", *MEASURES}
