"""Which pairs are linked, which a person looks at; and how what is said of people is written to be compared."""

from __future__ import annotations

from math import log2
from typing import Any

import pandas as pd
import pytest

from features.linkage.choosing import choose
from features.linkage.matching import LEVELS
from features.linkage.particulars import compared, enough

CARE = {10: "care", 11: "care", 20: "hospital"}
OF_TEN = (
    "not sure enough",
    "the feed has another entry for this person",
    "given name differs",
    "birth date differs",
    "no name to compare, and not all else the same",
)


def chosen(*pairs: tuple[int, int, float], differs: dict[str, str] | None = None, **also: Any) -> dict[tuple[int, int], tuple[float, str]]:  # fmt: skip
    """(other, person) with probability and why not linked, of ``pairs``: other, person, odds."""
    rows = [{"other_person_id": o, "person_id": p, "weight": log2(odds), **dict.fromkeys(LEVELS, "same"), **(differs or {})}
            for o, p, odds in pairs]  # fmt: skip
    found = choose(pd.DataFrame(rows), also.pop("source", CARE), **also)
    return {
        (row["other_person_id"], row["person_id"]): (round(row["probability"], 4), row["why"])
        for row in found.to_dict("records")
    }


# what pairs have which odds, and what becomes of them: probability = odds / (1 + odds of all rivals)
CHOSEN: list[tuple[str, list[tuple[int, int, float]], dict[str, Any], dict[tuple[int, int], tuple[float, str]]]] = [
    ("999 to 1", [(10, 1, 999)], {}, {(10, 1): (0.999, "")}),
    ("9 to 1 is not enough", [(10, 1, 9)], {}, {(10, 1): (0.9, OF_TEN[0])}),
    ("nine to one is where nine in ten will do", [(10, 1, 9)], {"threshold": 0.9}, {(10, 1): (0.9, "")}),
    ("1 to 99 is not worth a look", [(10, 1, 1 / 99)], {}, {}),
    ("twice as likely as a rival is not sure", [(10, 1, 2000), (10, 2, 1000)], {},
     {(10, 1): (0.6664, OF_TEN[0]), (10, 2): (0.3332, OF_TEN[0])}),
    ("a rival a thousand times less likely does not matter", [(10, 1, 1e6), (10, 2, 1e3)], {}, {(10, 1): (0.999, "")}),
    ("two entries of one feed for one person", [(10, 1, 1e6), (11, 1, 1e6)], {}, {(10, 1): (0.5, OF_TEN[0]), (11, 1): (0.5, OF_TEN[0])}),
    ("an entry each of two feeds", [(10, 1, 1e6), (20, 1, 1e6)], {}, {(10, 1): (1.0, ""), (20, 1): (1.0, "")}),
    ("the feed has the person already", [(10, 1, 1e6)], {"taken": {("care", 1)}}, {(10, 1): (1.0, OF_TEN[1])}),
    ("another feed has", [(10, 1, 1e6)], {"taken": {("hospital", 1)}}, {(10, 1): (1.0, "")}),
    ("a twin", [(10, 1, 1e6)], {"differs": {"given_name": "differs"}}, {(10, 1): (1.0, OF_TEN[2])}),
    ("a namesake", [(10, 1, 1e6)], {"differs": {"birth_date": "differs"}}, {(10, 1): (1.0, OF_TEN[3])}),
    ("another family name may be by marriage", [(10, 1, 1e6)], {"differs": {"family_name": "differs"}}, {(10, 1): (1.0, "")}),
    ("no name, and all else the same", [(10, 1, 1e6)], {"differs": dict.fromkeys(("given_name", "family_name"), "missing")}, {(10, 1): (1.0, "")}),
    ("no name, and another postcode", [(10, 1, 1e6)], {"differs": {"given_name": "missing", "postcode": "sector"}}, {(10, 1): (1.0, OF_TEN[4])}),
    ("said by a person to be two", [(10, 1, 1e6)], {"apart": {(10, 1)}}, {}),
    ("linked already", [(10, 1, 1e6)], {"source": {}}, {}),
]  # fmt: skip


@pytest.mark.parametrize(("case", "pairs", "also", "expected"), CHOSEN, ids=[case[0] for case in CHOSEN])
def test_choosing(case: str, pairs: list[tuple[int, int, float]], also: dict[str, Any], expected: object) -> None:
    assert chosen(*pairs, **also) == expected


# what a source says, and what of it is compared
SAID = [
    ({"given_name": "Zoë Ann", "family_name": "O'Neill-Smith"}, ("zoe", "oneillsmith", None, None)),
    ({"full_name": "Mrs Ada Mary Example"}, ("ada", "example", None, None)),
    ({"full_name": "Example"}, (None, "example", None, None)),
    ({"birth_date": "1940-02-29"}, (None, None, "1940-02-29", None)),
    ({"birth_date": "1940-02-30"}, (None, None, None, None)),
    ({"birth_date": "1900-01-01"}, (None, None, None, None)),
    ({"postcode": "xa1 2bc"}, (None, None, None, "XA12BC")),
    ({"postcode": "ZZ99 3VZ"}, (None, None, None, None)),
    ({"postcode": "nowhere"}, (None, None, None, None)),
]


# what is said, and whether it can tell one person from others
ENOUGH = [
    ({"given_name": "A", "family_name": "B", "birth_date": "1940-01-02"}, True),
    ({"family_name": "B", "birth_date": "1940-01-02"}, True),
    ({"given_name": "A", "family_name": "B", "postcode": "XA1 2BC"}, True),
    ({"birth_date": "1940-01-02", "postcode": "XA1 2BC"}, True),
    ({"given_name": "A", "family_name": "B"}, False),
    ({"given_name": "A", "postcode": "XA1 2BC"}, False),
    ({"birth_date": "1940-01-02"}, False),
]


@pytest.mark.parametrize(("told", "expected"), ENOUGH)
def test_what_is_enough_to_compare(told: dict[str, str], expected: bool) -> None:
    assert enough(compared(told)) == expected


@pytest.mark.parametrize(("told", "expected"), SAID)
def test_what_is_compared(told: dict[str, str], expected: tuple[str | None, ...]) -> None:
    assert tuple(compared(told).values()) == expected
