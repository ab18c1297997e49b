"""What is said of a care home as a whole: residents in, measures out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from risk import care_homes
from risk.care_homes import MEASURES, PREDICTORS, measures

#: practice, rank, listed, band, home (None: outside a home), admissions, attendances, conveyed (None: no feed), falls
Resident = tuple[str, int, bool, str, str | None, float, float, float | None, float]
NOT_RECORDED = "not recorded"
NO_PLANS = {"yes": 0, "no_feed": 0, "not_recorded": 0, "no": 0}


def of(rows: list[Resident], plans: tuple[int, ...] = ()) -> dict[Any, list[dict[str, Any]]]:
    """``plans``: places of those with an end-of-life plan, who are listed in a section of their own and under no home."""
    planned = pd.Series([place in plans for place in range(len(rows))])
    told = {place: "yes" if place in plans else NOT_RECORDED for place in range(len(rows))}
    practice, rank, listed, band, home, *values = map(list, zip(*rows, strict=True))
    scores = pd.DataFrame({"person_id": range(len(rows)), "practice_scheme": "ods", "practice": practice, "rank": rank, "listed": listed, "band": band,
                           "lives_in": pd.Series(home, dtype="str"), "home": pd.Series(home, dtype="str").mask(planned)})  # fmt: skip
    counted = {name: np.array(column, dtype=np.float32) for name, column in zip(PREDICTORS, values, strict=True)}
    return measures(scores, counted, told)


def test_a_home_is_measured_by_all_its_residents_of_the_practice_and_by_no_others() -> None:
    """Harm: a home is judged by the few of its residents who are on the list, or by another practice's."""
    found = of([
        ("A1", 1, True, "high", "north", 2, 3, 1, 1), ("A1", 2, True, "high", "south", 1, 1, 0, 0), ("A1", 9, False, "low", "north", 0, 1, 0, 4),
        ("A1", 3, True, "high", None, 7, 7, 7, 7), ("A2", 1, True, "medium", "north", 5, 5, 5, 5),
    ])  # fmt: skip
    assert found == {
        ("ods", "A1"): [
            {"home": 1, "residents": 2, "listed": 1, "high": 1, "emergency_admissions": 2 + 0, "ed_attendances": 3 + 1, "conveyed": 1 + 0,
             "falls": 1 + 4, "plans": {**NO_PLANS, "not_recorded": 2}},
            {"home": 2, "residents": 1, "listed": 1, "high": 1, "emergency_admissions": 1, "ed_attendances": 1, "conveyed": 0,
             "falls": 0, "plans": {**NO_PLANS, "not_recorded": 1}},
        ],
        ("ods", "A2"): [{"home": 1, "residents": 1, "listed": 1, "high": 0, "emergency_admissions": 5, "ed_attendances": 5, "conveyed": 5,
                         "falls": 5, "plans": {**NO_PLANS, "not_recorded": 1}}],
    }  # fmt: skip


def test_who_is_listed_under_their_plan_is_no_less_a_resident() -> None:
    """Harm: a home whose frailest residents all have a plan looks as if nobody there were ever admitted."""
    rows: list[Resident] = [("A1", 1, True, "high", "north", 4, 2, 1, 0), ("A1", 2, True, "high", "north", 1, 1, 0, 0)]
    ((home,),) = of(rows, plans=(0,)).values()
    assert (home["home"], home["residents"], home["emergency_admissions"]) == (1, 2, 4 + 1)
    ((home,),) = of(rows, plans=(0, 1)).values()
    assert (home["home"], home["residents"], home["listed"]) == (1, 2, 2)
    assert home["plans"] == {**NO_PLANS, "yes": 2}


def test_what_no_feed_tells_of_a_resident_is_not_known_of_the_home() -> None:
    """Harm: a home whose ambulance service sends nothing looks as if nobody was ever taken to hospital."""
    ((home,),) = of(
        [("A1", 1, True, "high", "north", 2, 3, None, 1), ("A1", 2, False, "low", "north", 0, 1, 4, 0)]
    ).values()
    assert (home["emergency_admissions"], home["conveyed"]) == (2, None)
    assert care_homes.said(home) == (
        "Home 1, as at the run: 2 residents of the practice, 1 listed, 1 in the high band; in the last year 2 emergency admissions (1.0 a resident), "
        "4 A&E attendances (2.0 a resident); in two years 1 falls recorded by the practice (0.5 a resident); "
        "a plan made ahead: yes 0, no feed 0, not recorded 2, no 0; not known: taken to hospital by ambulance."
    )


# end-of-life plan, ReSPECT plan and advance decision as the resident's flags say, what the resident counts under, and the harm of another answer
PLANNED = [
    (("yes", "no", "no feed"), "yes", "a plan that is there is overlooked because another feed is not"),
    (
        ("no", "not recorded", "not recorded"),
        "not recorded",
        "one plan that ended is read as word that there is none of any kind",
    ),
    (("no feed", "no", "not recorded"), "no feed", "a home is blamed for plans that nobody could have sent"),
    (("not recorded",) * 3, "not recorded", "silence is read as no"),
    (("no",) * 3, "no", "what is known is not said"),
]


@pytest.mark.parametrize(("flags", "counts_as"), [case[:2] for case in PLANNED], ids=[case[2] for case in PLANNED])
def test_a_plan_that_is_not_known_of_is_not_one_that_a_resident_lacks(flags: tuple[str, ...], counts_as: str) -> None:
    assert care_homes.with_plan({name: [said] for name, said in zip(care_homes.PLANS, flags, strict=True)}) == [
        counts_as
    ]


def test_a_home_that_an_earlier_version_measured_is_said_still() -> None:
    """Harm: after an upgrade last week's list cannot be read, or says that nobody fell."""
    home = {
        "home": 1,
        "residents": 2,
        "listed": 1,
        "high": 0,
        "emergency_admissions": 2,
        "ed_attendances": None,
        "conveyed": 0,
    }
    assert care_homes.said(home) == (
        "Home 1, as at the run: 2 residents of the practice, 1 listed, 0 in the high band; in the last year 2 emergency admissions (1.0 a resident), "
        "0 taken to hospital by ambulance (0.0 a resident); not known: A&E attendances."
    )


def test_homes_have_the_numbers_of_the_list_and_those_without_anybody_on_it_follow() -> None:
    """Somebody kept off the list by lot ranks first, and gives no home another number than the list's."""
    ((first, second, third),) = of([
        ("A1", 1, False, "high", "held out", 1, 0, 0, 0), ("A1", 2, True, "high", "east", 2, 0, 0, 0), ("A1", 8, True, "low", "west", 3, 0, 0, 0),
    ]).values()  # fmt: skip
    assert [home["emergency_admissions"] for home in (first, second, third)] == [2, 3, 1]
    assert set(first) == {"home", "residents", "listed", "high", "plans", *MEASURES}
