"""Why somebody left, as far as the reader may know it."""

from __future__ import annotations

import pytest

from features.cohort import REASONS
from features.governance.leaving import OUT_OF_SCOPE, TOLD_TO_ALL, TOLD_TO_THE_PRACTICE, told

# reason, what the practice is told, what anybody else is told
TOLD = [
    ("died", "died", "died"),
    ("left_area", "moved away", "moved away"),
    ("risk_fell", "risk fell below the list's", OUT_OF_SCOPE),
    ("setting_changed", "the area changed how long its lists are, or who takes their places", OUT_OF_SCOPE),
    ("objection_type_1", "objects to being on a list", OUT_OF_SCOPE),
    ("objection_restricted", "objects to being on a list", OUT_OF_SCOPE),
    ("barred", "objects to being on a list", OUT_OF_SCOPE),
    ("in_care_home", "lives in a care home", OUT_OF_SCOPE),
    ("something new", OUT_OF_SCOPE, OUT_OF_SCOPE),
]


@pytest.mark.parametrize(("reason", "practice", "others"), TOLD)
def test_what_is_told(reason: str, practice: str, others: str) -> None:
    assert (told(reason, to_the_practice=True), told(reason, to_the_practice=False)) == (practice, others)


def test_outside_the_practice_nothing_but_death_and_a_move_can_be_told_apart() -> None:
    every = {*REASONS, *TOLD_TO_ALL, *TOLD_TO_THE_PRACTICE}
    assert {told(reason, to_the_practice=False) for reason in every} == {"died", "moved away", OUT_OF_SCOPE}


def test_no_words_say_which_objection_it_was() -> None:
    kinds = {told(reason, to_the_practice=True) for reason in REASONS if reason.startswith("objection_")}
    assert kinds == {"objects to being on a list"}
