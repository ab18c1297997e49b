"""A predictor's number in the words of its declaration."""

from __future__ import annotations

import pytest

from features.engine.language import Kind, Misdeclared, Predictor, facts
from features.predictors import CATALOGUE, named


@pytest.mark.parametrize(
    ("days", "says"),
    [
        (1, "a day since the last A&E attendance"),
        (60, "60 days since the last A&E attendance"),
        (61, "2 months since the last A&E attendance"),
        (366, "12 months since the last A&E attendance"),
        (729, "24 months since the last A&E attendance"),
        (731, "2 years since the last A&E attendance"),
        (12_511, "34 years since the last A&E attendance"),  # 12,511 / 365.25 = 34.25
    ],
)
def test_a_time_since_is_said_as_people_say_it(days, says):
    (since,) = named(["days_since_ed"])
    assert since.phrase(float(days)) == says


def test_none_and_absent_have_words_of_their_own():
    (count, since) = named(["emergency_admissions_1y", "days_since_ed"])
    assert count.phrase(2.0) == "emergency admissions in the last year: 2"
    assert count.phrase(0.0) == "no emergency admission in the last year"
    assert since.phrase(float("nan")) == "no A&E attendance on record"


@pytest.mark.parametrize("predictor", CATALOGUE, ids=lambda predictor: predictor.name)
def test_every_predictor_can_be_said(predictor):
    for number in (0.0, 1.0, 2.5, 400.0, float("nan")):
        said = predictor.phrase(number)
        assert said
        assert "{" not in said
        assert "nan" not in said


def test_a_time_since_must_be_said_in_days():
    with pytest.raises(Misdeclared, match="said as"):
        Predictor("since", Kind.DAYS_SINCE_LAST, facts("ed_attendance"), "test", "{n} ago")
