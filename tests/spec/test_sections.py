"""Who is listed apart, as small tables. Each rule names the harm that it prevents."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.errors import WrongUsage
from features.record.permission import AllowAll
from features.record.reader import Record
from risk import monitoring, plans, sections
from risk.lists import draw, set_apart
from risk.run import listing
from tests import released
from tests.records import PRACTICE, record

T = datetime.date(2024, 6, 1)
KEY = bytes(range(32))
EOL, HOME, LITTLE = sections.NAMES
LONG_AGO = {"practice": PRACTICE, "event_date": "2015-01-01"}
PLAN = {"event_date": "2024-02-01", "kind": "end_of_life_plan"}
IN_HOME = {"event_date": "2024-02-01", "kind": "nursing_home", "care_home_id": "1-1"}


def section(folder: Path, **tables: Any) -> tuple[str, str | None]:
    held = record(folder, **{"registration": [LONG_AGO], **tables})
    with Record(held, purpose="case_finding", follow="confirmed") as opened:
        (row,) = sections.beside(opened, T, pd.DataFrame({"person_id": [1]})).to_dict("records")
    return row["section"], None if pd.isna(row["home"]) else row["home"]


@pytest.mark.parametrize(
    ("tables", "found"),
    [
        ({}, ("", None)),
        ({"preference": [PLAN]}, (EOL, None)),
        ({"preference": [{**PLAN, "kind": "palliative_register"}]}, (EOL, None)),
        ({"preference": [{**PLAN, "end_date": "2024-05-31"}]}, ("", None)),  # withdrawn the day before
        ({"preference": [{**PLAN, "known_at": "2024-06-01"}]}, ("", None)),  # nobody knew yet
        ({"preference": [{**PLAN, "kind": "respect"}]}, ("", None)),  # a directive, which is no end-of-life record
        ({"preference": [{**PLAN, "kind": "power_of_attorney"}]}, ("", None)),
        ({"residence": [IN_HOME]}, (HOME, "1-1")),
        ({"residence": [{**IN_HOME, "care_home_id": None}]}, (HOME, None)),
        ({"residence": [IN_HOME, {"event_date": "2024-03-01", "kind": "own_home"}]}, ("", None)),  # moved out again
        ({"registration": [{**LONG_AGO, "event_date": "2023-06-03"}]}, (LITTLE, None)),  # 364 days
        ({"registration": [{**LONG_AGO, "event_date": "2023-06-02"}]}, ("", None)),  # 365 days
        # moved practice last week, and the record knows of the one before
        ({"registration": [{"practice": "B86023", "event_date": "2015-01-01", "end_date": "2024-05-20"},
                           {"practice": PRACTICE, "event_date": "2024-05-20"}]}, ("", None)),
        ({"preference": [PLAN], "residence": [IN_HOME]}, (EOL, None)),  # the plan comes first
        ({"residence": [IN_HOME], "registration": [{**LONG_AGO, "event_date": "2024-02-01"}]}, (HOME, "1-1")),
    ],
)  # fmt: skip
def test_who_is_in_which_section(tmp_path: Path, tables: dict[str, Any], found: tuple[str, str | None]) -> None:
    """Somebody near the end of life is offered what their plan says no to; a home's residents are seen one by one by people who
    never go there; a score with nothing to go by is taken for a low or a high one."""
    assert section(tmp_path / "r", **tables) == found


def drawn(*people: str, fraction: float = 0.3, inside: tuple[str, ...] = ()) -> pd.DataFrame:
    """People of one practice from the highest risk to the lowest, by their section."""
    frame = pd.DataFrame({
        "person_id": np.arange(1, len(people) + 1, dtype=np.int64), "practice_scheme": "ods", "practice": PRACTICE,
        "raw": np.arange(len(people), 0, -1.0), "section": list(people),
    })  # fmt: skip
    frame[["rank", "listed", "k", "threshold"]] = draw(frame, fraction, KEY)
    return set_apart(frame, inside)


@pytest.mark.parametrize(
    ("people", "inside", "listed", "threshold"),
    [
        # ten people, three places; raw scores 10, 9, ... 1
        (("",) * 10, (), [1, 2, 3], 8),
        (("", EOL, "", "", "", "", "", "", "", ""), (), [1, 2, 3, 4], 7),  # the place goes to the next
        (("", EOL, "", "", "", "", "", "", "", ""), (EOL,), [1, 2, 3], 8),  # unless the area keeps them inside
        (("", "", "", "", EOL, "", "", "", "", ""), (), [1, 2, 3], 8),  # a risk below the list's is not listed
        ((EOL, HOME, LITTLE, "", "", "", "", "", "", ""), (), [1, 2, 3, 4, 5, 6], 5),
        ((EOL, HOME, LITTLE, "", "", "", "", "", "", ""), (HOME, LITTLE), [1, 2, 3, 4], 7),
        # a fourth above the cut is listed as the third is
        ((HOME, HOME, HOME, HOME, "", "", "", "", "", ""), (), [1, 2, 3, 4, 5, 6, 7], 4),
        ((HOME, HOME, HOME, HOME, "", "", "", HOME, "", ""), (), [1, 2, 3, 4, 5, 6, 7], 4),
        ((HOME,) * 9 + ("",), (), [1, 2, 3, 10], 1),  # places are free: who would be on a list without sections
        ((HOME,) * 10, (), [1, 2, 3], 8),
    ],
)
def test_who_takes_the_places(people: tuple[str, ...], inside: tuple[str, ...], listed: list[int], threshold: int) -> None:  # fmt: skip
    """People whom a plan or a home already looks after take the places of those whom nobody looks after; or vanish for it."""
    found = drawn(*people, inside=inside)
    assert found.loc[found["listed"], "rank"].tolist() == listed
    assert found["threshold"].unique().tolist() == [threshold]


def test_sections_change_neither_ranks_nor_denominators() -> None:
    """Left out of the count, they would make a practice of many homes look well, and its list short."""
    found = drawn(EOL, HOME, "", LITTLE, "", "", "", "", "", "")
    assert (found["rank"].tolist(), found["k"].unique().tolist(), len(found)) == (list(range(1, 11)), [3], 10)


def test_one_practice_takes_no_place_of_another() -> None:
    two = pd.concat([drawn(EOL, "", "", "", ""), drawn("", "", "", "", "").assign(practice="B86023")], ignore_index=True)  # fmt: skip
    found = set_apart(two)
    assert found["listed"].tolist() == [True, True, True, False, False, True, True, False, False, False]


def test_nobody_gives_an_empty_list() -> None:
    assert drawn().empty


def test_homes_are_told_apart_by_a_number_that_names_none() -> None:
    """A home's own name or code beside a pseudonym says who somebody is."""
    listed = pd.DataFrame({"scheme": "ods", "practice": [PRACTICE] * 4 + ["B86023"], "rank": [1, 2, 3, 4, 1],
                           "home": ["1-77", None, "1-5", "1-77", "1-5"]})  # fmt: skip
    assert sections.numbered(listed).tolist() == [1, pd.NA, 2, 1, 1]


def entry(section: str, rank: int = 1, flags: dict[str, Any] | None = None) -> dict[str, Any]:
    scores = pd.DataFrame([{"scheme": "ods", "practice": PRACTICE, "rank": rank, "person_id": 5, "raw": 1.0, "probability": 0.5,
                            "low": None, "high": None, "band": "high", "age_band": "80-84", "sex": "female", "section": section,
                            "home": None, "listed": True}])  # fmt: skip
    practices = pd.DataFrame([{"practice_scheme": "ods", "practice": PRACTICE, "k": 3, "scored": 150}])
    reasons = {"raises": [{"says": "a fall", "actionable": True}], "lowers": [], "rest": 0.1}
    (row,) = listing.entries(scores, practices, {5: reasons}, {5: flags or {}})
    return row


@pytest.mark.parametrize(
    ("section", "rank", "why"),
    [
        ("", 3, "among the 3 highest risks of 150 people scored in the practice"),
        (
            "",
            4,
            "next by risk of 150 people scored in the practice, in a place left by those listed in sections of their own",
        ),
        (HOME, 2, "Care-home residents: a risk as high as the list's, listed apart"),
    ],
)
def test_why_somebody_is_listed(section: str, rank: int, why: str) -> None:
    """Somebody is told to be among the highest three who is not."""
    assert entry(section, rank)["reason"] == why


@pytest.mark.parametrize(
    ("flags", "planned"),
    [
        ({"respect": {"value": "yes", "on": "2024-01-01"}}, ["respect"]),
        ({"end_of_life_plan": {"value": "yes", "on": None}, "advance_decision": {"value": "yes", "on": None}},
         ["advance_decision", "end_of_life_plan"]),
        ({"respect": {"value": "not recorded", "on": None}}, []),
        ({"power_of_attorney": {"value": "yes", "on": None}}, []),
        ({"palliative_register": True}, ["palliative_register"]),  # as runs of earlier versions kept flags
    ],
)  # fmt: skip
def test_where_there_is_a_plan_actions_give_way(flags: dict[str, Any], planned: list[str]) -> None:
    """A team acts on a score against what somebody decided for the end of their life."""
    told = plans.followed(flags)
    assert ([plan["name"] for plan in told["plans"]] if told else []) == planned
    actionable = b'"actionable":true' in entry("", flags=flags)["reasons"]
    assert actionable is not bool(planned)


def test_a_section_that_is_not_there_is_refused() -> None:
    assert sections.inside(" little_history, care_home ") == (HOME, LITTLE)
    with pytest.raises(WrongUsage, match="found hospice"):
        sections.inside("care_home,hospice")


def test_a_trial_of_a_model_lists_as_a_run_does(tmp_path: Path) -> None:
    """Harm: what a model finds is told of another list than the one that teams work from. 60 people, ceil(0.05 x 60) = 3 places; the three at the
    highest risk tie, and one of them has a plan."""
    people = range(1, 61)
    held = record(
        tmp_path / "r",
        person=[{"person_id": n, "birth_month": "1930-05-01" if n < 4 else "1990-05-01"} for n in people],
        registration=[{**LONG_AGO, "person_id": n} for n in people],
        spell=[{"person_id": n, "event_date": f"2024-0{m}-02", "end_date": f"2024-0{m}-05", "admission_method": "21"}
               for n in (1, 2, 3) for m in (2, 3, 4)],
        preference=[PLAN],
    )  # fmt: skip
    bundle = released.release(tmp_path / "models")
    with Record(held, purpose="evaluation", permissions=AllowAll()) as opened:
        listed = {
            inside: int(monitoring.tried(opened, bundle, T, 0.05, inside).listed.sum()) for inside in ((), (EOL,))
        }
    assert listed == {(): 4, (EOL,): 3}
