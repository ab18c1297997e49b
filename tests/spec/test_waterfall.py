"""The picture of a person's reasons, and the same in words."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from risk.waterfall import BACKGROUND, BEGINS, ELSE, SCORE, bars, in_words, svg

REASONS = {
    "baseline": -2.5, "raw": -0.9,
    "raises": [{"says": "falls < 2 & more in the last year: 3", "contribution": 1.25}, {"says": "heart failure", "contribution": 0.5}],
    "lowers": [{"says": "aged 60", "contribution": -0.35}],
    "rest": 0.2, "rest_of": {"background": 0.3, "support": 0.0, "other": -0.1},
}  # fmt: skip
NAMED = "{http://www.w3.org/2000/svg}"


def test_each_bar_begins_where_the_last_ended_and_the_last_is_the_score() -> None:
    first, *steps, last = bars(REASONS)
    assert (first.says, first.begin, first.end) == (BEGINS, 0.0, -2.5)
    assert [step.begin for step in steps] == pytest.approx([-2.5, -1.25, -0.75, -1.10, -0.80])
    assert steps[-1].end == pytest.approx(-0.9)
    assert (last.says, last.end) == (SCORE, -0.9)


def test_support_in_place_has_no_bar_of_its_own_and_what_is_left_over_no_colour_of_a_reason() -> None:
    helped = {**REASONS, "rest": 0.5, "raw": -0.6, "rest_of": {"background": 0.3, "support": 0.3, "other": -0.1}}
    *_, background, last_step, score = bars(helped)
    assert [(bar.says, bar.number, bar.reason) for bar in (background, last_step)] == [
        (BACKGROUND, "+0.30", False),
        (ELSE, "+0.20", False),
    ]
    assert score.end == -0.6


def test_a_part_of_the_rest_that_is_nothing_has_no_bar() -> None:
    assert ELSE not in [bar.says for bar in bars({**REASONS, "rest": 0.3})]


def test_long_words_go_onto_a_second_line_and_no_number_is_cut() -> None:
    says = "emergency admissions in the last year: 4, most recently 12 days before"
    drawn = svg({**REASONS, "raises": [{"says": says, "contribution": 1.75}]})
    assert ">emergency admissions in the last year: 4, most</text>" in drawn
    assert ">recently 12 days before</text>" in drawn
    assert "…" not in drawn


def test_it_is_read_out_whole_where_it_is_not_seen() -> None:
    said = in_words(REASONS)
    assert said.startswith(
        "Everybody begins at −2.50. falls < 2 & more in the last year: 3: +1.25; heart failure: +0.50; aged 60: −0.35;"
    )
    assert said.endswith("Together −0.90, on the scale of log-odds.")
    drawn = ElementTree.fromstring(svg(REASONS))
    assert drawn.get("role") == "img"
    named = {part.get("id"): part.text for part in drawn if part.get("id")}
    assert [named[name] for name in str(drawn.get("aria-labelledby")).split()] == ["What this score goes with", said]


def test_bars_lie_within_the_picture_and_are_as_long_as_what_they_add() -> None:
    drawn = ElementTree.fromstring(svg(REASONS))
    width = float(str(drawn.get("width")))
    _, *bars_ = drawn.iter(f"{NAMED}rect")
    spans = [(float(str(bar.get("x"))), float(str(bar.get("width")))) for bar in bars_]
    assert len(spans) == 7
    assert all(x >= 430 and x + length <= width for x, length in spans)
    # 1.25 : 0.5 : 0.35
    assert spans[1][1] / spans[2][1] == pytest.approx(2.5, rel=0.01)
    assert spans[3][1] / spans[2][1] == pytest.approx(0.7, rel=0.01)


def test_reasons_of_a_run_from_before_drivers_can_be_drawn() -> None:
    older = {key: held for key, held in REASONS.items() if key != "rest_of"}
    assert [bar.says for bar in bars(older)][-2:] == [ELSE, SCORE]
