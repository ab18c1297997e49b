"""The report: what data it is from comes first; its figures are those judged; its page stands alone."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest

from features.errors import Refused
from models import logistic
from models.baselines import past_admissions
from models.card import card
from models.charts import Chart, ticks
from models.discrimination import Ranking
from models.drawings import charts_of, forests_of
from models.page import page
from models.public import public
from models.report import Subject, compose, first_line, metrics
from models.split import split_dates
from models.validate import Scored, judge
from models.wording import chance, figure
from tests.synthetic import dataset

DATA = dataset(1500, dates=("2020-01-01", "2020-04-01"))
RAW = np.nan_to_num(DATA.X[:, 0]).astype(float) - 1.5
SCORED = {
    "ours": Scored(RAW, "a score", logistic.sigmoid(RAW)),
    "past_admissions": Scored(past_admissions(DATA), "the plainest rule"),
    "truth": Scored(DATA.truth, "the true risk", DATA.truth),
}
JUDGED = judge(DATA, SCORED, times=40)
SUBJECT = Subject(
    name="unplanned_admission_365", version=3, outcome="unplanned_admission", title="Unplanned hospital admission",
    definition="A stay begins.", horizon=365, minimum_age=18, about={"kind": "simulated", "title": "an area of 1,500"},
    split=split_dates([DATA.index_date[0].item()], 365).to_json(),
    flow={"cohort": [{"date": "2020-01-01", "people": 1500}], "left_out": [], "censored": {"left_area": 7},
          "used": {}, "parts": {"train": {"rows": 7000, "people": 3500, "events": 900}, "calibrate": {"rows": 1500, "people": 1500, "events": 190}, "test": {"rows": 3000, "people": 1500, "events": DATA.events}}},
    recipe={"trees": 10}, calibration={"method": "none", "loss": {}}, bands={"high": 0.5, "medium": 0.2}, predictors=6,
    importance=[("predictor_0", 0.5)], provenance={"record": "0" * 64},
)  # fmt: skip
REPORT = compose(SUBJECT, JUDGED, None)


@pytest.mark.parametrize(
    ("kind", "said"),
    [("simulated", "Simulated data (an area): nobody in it exists, and no figure here is clinical performance."),
     ("demonstration", "Demonstration data (an area): the figures show that the product works"),
     ("real", "Data: an area. The figures hold for"), ("unknown", "Data of unstated origin (an area)"),
     ("something else", "Data of unstated origin (an area)")],
)  # fmt: skip
def test_what_data_it_is_from_is_the_first_thing_said(kind: str, said: str) -> None:
    about = {"kind": kind, "title": "an area"}
    assert first_line(about).startswith(said)
    report = compose(replace(SUBJECT, about=about), JUDGED, None)
    assert card(report).splitlines()[0].strip("*").startswith(said)
    body = page(report).split("<main>")[1]
    assert re.sub(r"<[^>]*>", "", body).strip().startswith(said)


def test_the_figures_are_those_of_the_rows() -> None:
    ranked = Ranking(RAW, DATA.y)
    whole = np.ones((1, len(DATA)))
    ours = REPORT["performance"]["ours"]
    assert ours["auroc"]["value"] == pytest.approx(float(ranked.auroc(whole)[0]))
    assert ours["top"][2]["ppv"]["value"] == pytest.approx(float(ranked.top(whole)["ppv_2"][0]))
    assert ours["auroc"]["low"] < ours["auroc"]["value"] < ours["auroc"]["high"]
    assert REPORT["test"] == {
        "rows": 3000, "people": 1500, "events": DATA.events, "dates": ["2020-01-01", "2020-04-01"], "risk": DATA.y.mean(),
        "fewest": min(len(set(DATA.person_id[DATA.y == told])) for told in (0, 1)),
    }  # fmt: skip


def test_ours_is_set_beside_the_baseline_and_the_best_possible() -> None:
    ours, past, truth = (REPORT["performance"][way]["auroc"]["value"] for way in ("ours", "past_admissions", "truth"))
    assert past < ours < truth
    assert REPORT["differences"]["past_admissions"]["auroc"]["value"] == pytest.approx(ours - past)
    assert REPORT["of_best"]["auroc"]["value"] == pytest.approx(ours / truth)
    assert "truth" not in REPORT["differences"]


def test_a_practices_lists_are_drawn_at_each_date() -> None:
    places = sum(
        int(np.ceil(0.02 * len(rows)))
        for _, rows in DATA.slices.assign(day=DATA.index_date).groupby(["practice", "day"])
    )
    drawn = REPORT["performance"]["ours"]["per_practice"]
    assert drawn["ppv"]["value"] * places == pytest.approx(drawn["sensitivity"]["value"] * DATA.events)


def test_slices_are_shares_of_the_whole_and_small_ones_are_not_shown() -> None:
    sexes = [row for row in REPORT["slices"] if row["by"] == "sex"]
    assert sum(row["share_of_list"]["value"] for row in sexes) == pytest.approx(1)
    assert sum(row["events"] for row in sexes) == DATA.events
    frame = DATA.slices.assign(ethnicity=["rare"] * 12 + ["white"] * (len(DATA) - 12))
    few = judge(replace(DATA, slices=frame), {"ours": SCORED["ours"]}, times=2)["slices"]
    rare = next(row for row in few if row["level"] == "rare")
    assert rare["too_few"]
    assert not {"auroc", "ppv", "share_of_list"} & set(rare)
    assert rare["rows"] == 12


def test_the_document_is_json_without_numbers_that_are_none() -> None:
    assert json.loads(json.dumps(REPORT, allow_nan=False)) == REPORT


def test_the_figures_for_the_registry_are_flat_numbers() -> None:
    flat = metrics(REPORT)
    assert flat["ours.auroc"] == REPORT["performance"]["ours"]["auroc"]["value"]
    assert flat["ours.ppv_top_2"] == REPORT["performance"]["ours"]["top"][2]["ppv"]["value"]
    assert all(value is None or isinstance(value, float) for value in flat.values())


def test_the_page_needs_nothing_from_elsewhere() -> None:
    html = page(REPORT)
    assert "<script" not in html
    assert not re.search(r'src=|href="[^#]|url\(|@import', html)
    assert html.count("TRIPOD+AI") >= 1
    assert all(f"<td>{item}</td>" in html for item in range(1, 28))


def test_every_link_leads_to_a_section_and_every_item_says_where_it_is_answered() -> None:
    for report in (REPORT, compose(SUBJECT, {"not_validated": "too few"}, None)):
        html = page(report)
        anchors = re.findall(r'id="([a-z0-9-]+)"', html)
        assert set(re.findall(r'href="#([^"]+)"', html)) <= set(anchors)
        assert len(anchors) == len(set(anchors))
    assert [row["item"] for row in REPORT["tripod_ai"]] == list(range(1, 28))
    assert [row["item"] for row in REPORT["tripod_ai"] if not row["section"]] == [3, 17, 19]


def test_every_chart_says_in_words_what_it_draws() -> None:
    charts = charts_of(REPORT)
    assert set(charts) == {"roc", "precision_recall", "calibration", "net_benefit", "lists", "found"}
    plots = forests_of(REPORT)
    assert set(plots) == {"forest_auroc", "forest_calibration", "forest_ppv", "forest_practices"}
    for chart in (*charts.values(), *plots.values()):
        drawing = ET.fromstring(chart.svg())
        names = {element.get("id"): element.text for element in drawing.iter() if element.get("id")}
        labelled = drawing.get("aria-labelledby").split()
        assert [names[name] for name in labelled] == [chart.title, chart.said]
        assert any(char.isdigit() for char in chart.said)


def test_a_chart_places_points_on_its_axes() -> None:
    chart = Chart("t", "s", "x", "y", (0, 10), (0, 1))
    (left, bottom), (right, top) = chart.at((0, 0)), chart.at((10, 1))
    assert chart.at((5, 0.5)) == ((left + right) / 2, (bottom + top) / 2)
    assert bottom > top
    assert chart.at((99, 7)) == (right, top)
    assert ticks(0, 1) == [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]


def test_words_in_a_chart_cannot_become_markup() -> None:
    assert "<b>" not in Chart("<b>", "<b>", "<b>", "<b>").svg()


@pytest.mark.parametrize(("probability", "said"), [(0.23, "23 in 100"), (0.004, "4.0 in 1,000"), (0.7, "70 in 100")])
def test_a_probability_is_said_as_people_say_it(probability: float, said: str) -> None:
    assert chance(probability) == said


def test_a_figure_is_shown_with_its_interval_or_not_at_all() -> None:
    assert figure({"value": 0.7812, "low": 0.77, "high": 0.79}) == "0.781 (0.770 to 0.790)"
    assert figure({"value": None, "low": None, "high": None}) == "–"
    assert figure(None) == "–"


def told(value: float) -> dict[str, float]:
    return {"value": value, "low": value - 0.05, "high": value + 0.05}


def test_the_interval_the_feeds_that_do_not_come_and_the_look_for_leakage_are_on_the_page_and_the_card() -> None:
    row = {"without": ["spell"], "says": "without hospital", "method": "platt", "served": False,
           "auroc": told(0.71), "slope": told(1.31), "ici": told(0.06), "observed_expected": told(1.2)}  # fmt: skip
    groups = [{"rows": 1500, "low": 0.1, "observed": 0.987, "high": 0.2}]
    report = compose(SUBJECT, {
        **JUDGED, "patterns": [row, {**row, "says": "without community", "served": True, "slope": told(1.01)}],
        "interval": {"within": 0.95, "mean_width": 0.041, "middle_width": 0.021, "groups": groups},
        "leakage": {"alarms": [{"what": "weight_1y", "auroc": 0.931, "says": "AUROC over 0.9"}], "highest": []},
    }, None)  # fmt: skip
    html, said = page(report), card(report)
    assert "1.31 (1.26 to 1.36)" in html
    assert 'href="#patterns"' in html
    assert "<td>0.987</td>" in html
    assert "weight 1y, AUROC 0.931" in html
    assert "95% of groups" in said
    assert "calibration slope 1.01 to 1.31; refused: without hospital" in said
    assert "Leakage alarms: weight 1y." in said
    assert "<td>0.987</td>" not in page(public(report)), "how many of a group had the event is a count"


def test_what_knowing_who_people_are_does_is_on_the_page_and_short_lists_are_not_on_the_public_one() -> None:
    way = {"says": "with female", "auroc": told(0.7), "ppv_2": told(0.31), "overlap": 1.0, "less_reference": None}
    gaps = [
        {"by": "sex", "figure": figure, "with": told(0.123), "without": told(0.234)}
        for figure in ("sensitivity", "observed_expected")
    ]
    deep = {"rows": 900, "people": 800, "practices": 3, "not_had": {}, "practices_left_out": [],
            "background": {"predictors": ["female"], "ways": [way], "gaps": gaps}}  # fmt: skip
    report = {**REPORT, "thorough": deep}
    assert page(report).count("0.234 (0.184 to 0.284)") == 2
    assert "0 of 3 practices were left out" in page(report)
    assert page(public(report)).count("0.234 (0.184 to 0.284)") == 1


def test_a_page_without_those_says_nothing_of_them() -> None:
    assert 'id="patterns"' not in page(REPORT)
    assert 'id="leakage"' not in page(REPORT)


def test_a_card_holds_what_a_public_report_may_tell() -> None:
    assert card(REPORT) == card(public(REPORT))
    assert figure(REPORT["performance"]["ours"]["auroc"]) in card(REPORT)
    small = judge(replace(DATA, y=(np.arange(len(DATA)) < 8).astype(float)), {"ours": SCORED["ours"]}, times=2)
    assert "fewer than 10 of the test people had the event" in card(compose(SUBJECT, small, None))


def test_a_public_page_says_for_whom_it_is() -> None:
    html = page(public(REPORT))
    assert "For readers outside the analyst's role" in html.replace("&#39;", "'")
    assert "For readers outside" not in page(REPORT)


def test_a_model_that_could_not_be_judged_says_so() -> None:
    report = compose(SUBJECT, {"not_validated": "0 of the 9 rows that test had the event"}, None)
    assert "Not validated: 0 of the 9 rows" in page(report)
    assert "Not validated: no figure of the test people can be told" in card(report)
    with pytest.raises(Refused, match="0 events in 3000 rows"):
        judge(replace(DATA, y=np.zeros(len(DATA))), SCORED)
