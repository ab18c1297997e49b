"""The code sets of published scores, code for code against a package that somebody else wrote."""

from __future__ import annotations

import pandas as pd
import pycomorb
import pytest

from features.codelists import load, plain

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
THREE = [f"{letter}{number:02d}" for letter in LETTERS for number in range(100)]


def theirs(score: str, codes: list[str], column: str) -> dict[str, float]:
    """Their score of somebody with that code alone, aged 40: an age that has no points."""
    people = pd.DataFrame({"id": codes, "code": codes, "age": 40})
    found = pycomorb.comorbidity(score, people)
    return dict(zip(found["id"], found[column].astype(float), strict=True))


def ours(name: str, code: str) -> float:
    """Points of the longest code of the set that ``code`` begins with."""
    held = load(name)
    known = {plain(own): held.points[category] for own, category in held.categories.items()}
    return next((known[code[:n]] for n in range(len(code), 0, -1) if code[:n] in known), 0.0)


def test_the_hospital_frailty_risk_score_weighs_every_three_character_code_as_they_do():
    published = theirs("hfrs", THREE, "HFRS Score")
    assert {code: ours("hfrs_icd10", code) for code in THREE} == pytest.approx(published, abs=1e-9)
    weights = load("hfrs_icd10").points
    assert len(weights) == 109
    assert sum(weights.values()) == pytest.approx(173.2)
    assert weights["s06"] == 2.4  # 2.5 in some copies


def test_the_charlson_index_weighs_every_four_character_code_as_they_do():
    codes = THREE + [f"{code}{digit}" for code in THREE for digit in range(10)]
    published = theirs("charlson", codes, "Charlson Comorbidity Index")
    assert {code: ours("charlson_icd10", code) for code in codes} == published
    assert len(load("charlson_icd10").points) == 17
