"""How feeds are: volumes against their own history, feeds that stopped, codes that are found no longer, and the page that says so."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest

from features.health import Health, health
from features.health.flow import flows
from features.health.practices import silent
from features.health.volumes import FEWEST, judged
from features.record.reader import Record
from risk.feeds_page import page
from tests.records import PRACTICE, record

MONDAY = date(2023, 1, 2)
AT = date(2024, 12, 2)
OTHER = "B86023"


def weeks(counts: list[int], whole: int | None = None) -> list[tuple[date, int, bool]]:
    return [
        (MONDAY + timedelta(days=7 * i), count, i < (len(counts) if whole is None else whole))
        for i, count in enumerate(counts)
    ]


@pytest.mark.parametrize(
    ("counts", "last"),
    [
        ([100] * FEWEST + [100], ""),
        ([100] * FEWEST + [81], ""),  # a fifth of the median is no wonder, however steady the history
        ([100] * FEWEST + [79], "low"),
        ([100] * FEWEST + [121], "high"),
        ([80, 120] * 8 + [45], ""),  # median 100, deviation 20: from 11 to 189
        ([80, 120] * 8 + [10], "low"),
        ([80, 120] * 8 + [190], "high"),
        ([100] * (FEWEST - 1) + [0], ""),  # too little history to judge by
        ([0] * FEWEST + [5], ""),
    ],
)
def test_a_week_is_judged_by_the_year_before(counts: list[int], last: str) -> None:
    """Median and three times 1.4826 median absolute deviations (Leys and others 2013)."""
    assert judged(weeks(counts))[-1].unusual == last


def test_weeks_that_have_not_wholly_come_are_neither_judged_nor_history() -> None:
    found = judged(weeks([100] * FEWEST + [0, 0], whole=FEWEST))
    assert [week.unusual for week in found[-2:]] == ["", ""]
    assert (found[-1].low, found[-1].high) == (80, 120)


@pytest.mark.parametrize(
    ("days", "gap", "stopped"), [(21, 7, False), (22, 7, True), (69, 31, False), (70, 31, True), (22, None, True), (9, 1, False), (10, 1, True)]
)  # fmt: skip
def test_a_feed_is_silent_after_two_of_its_usual_gaps_and_a_week(days: int, gap: float | None, stopped: bool) -> None:
    assert silent(days, gap) is stopped


def weekly(feed: int, table: str, until: date, covers: str = "*", source: str = "gp") -> list[dict[str, Any]]:
    """Deliveries every Monday of the two years up to ``until``, each in force until the next."""
    days = [AT - timedelta(days=7 * i) for i in range(104, -1, -1)]
    days = [day for day in days if day <= until]
    return [
        {"feed_id": feed, "table_name": table, "source": source, "organisation": covers if covers != "*" else "RQ1",
         "organisation_scheme": "local", "covers": covers, "known_at": str(day), "known_until": str(after) if after else None,
         "period_from": "2022-11-01", "period_to": str(day)}
        for day, after in zip(days, [*days[1:], None], strict=True)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Health:
    """Two practices, of which the second stopped eight weeks ago; a hospital; frailty codes that came until a year ago."""
    stopped = AT - timedelta(days=56)
    events = []
    for week in range(104):
        day = AT - timedelta(days=7 * (104 - week))
        for practice, feed in ((PRACTICE, 71), (OTHER, 72)):
            if practice == OTHER and day >= stopped:
                continue
            events += [{"person_id": 1 if practice == PRACTICE else 2, "feed_id": feed, "event_date": str(day), "known_at": str(day + timedelta(days=7)),
                        "code": "925791000000100" if week < 52 and one == 0 else "73211009", "row_id": 1000 * week + 10 * feed + one}
                       for one in range(5)]  # fmt: skip
    path = record(
        tmp_path_factory.mktemp("health") / "r",
        about="simulated",
        gp_event=events,
        registration=[{"person_id": 1}, {"person_id": 2, "practice": OTHER}],
        feed=[*weekly(71, "gp_event", AT, PRACTICE), *weekly(72, "gp_event", stopped, OTHER), *weekly(80, "spell", AT - timedelta(days=30), source="apc")],
    )  # fmt: skip
    with Record(path, purpose="planning") as opened:
        return health(opened, AT)


def test_a_practice_that_stopped_sending_shows_as_such(state: Health) -> None:
    assert [(one.practice, one.state) for one in state.practices] == [(OTHER, "stopped"), (PRACTICE, "sending")]
    assert f"practice {OTHER} has sent nothing since 2024-10-07 (gp_event)" in state.troubles


def test_a_sender_for_the_whole_area_that_stopped_is_named(state: Health) -> None:
    assert "apc from RQ1 has sent no spell since it was due" in state.troubles


def test_what_a_feed_covers_and_how_late_it_is(state: Health) -> None:
    (gp,) = [feed for feed in state.feeds if feed.source == "gp"]
    assert (gp.senders, gp.period_from, gp.period_to, gp.received) == (2, date(2022, 11, 1), AT, AT)
    assert (gp.gap, gp.lag, gp.lag_most) == (7, 7, 7)
    assert gp.rows == 5 * 104 + 5 * 96


def test_codes_that_are_found_no_longer_are_named(state: Health) -> None:
    (frailty,) = [one for one in state.codes if one.code_set == "frailty_snomed"]
    assert (frailty.rows, frailty.before, frailty.lost) == (0, 104, True)
    assert any("codes of frailty_snomed, 104 a year before" in one for one in state.troubles)


def test_the_page_says_it_all_in_words_too(state: Health) -> None:
    text = page(state, {"kind": "simulated", "title": "two people"})
    words = re.sub(r"<style.*?</style>|<[^>]+>", " ", text, flags=re.S)
    assert words.split()[:2] == ["Feeds", "of"], "the title"
    assert "nobody in it exists" in words
    for trouble in state.troubles:
        assert trouble in words
    charts = re.findall(r"<svg.*?</svg>", text, flags=re.S)
    assert len(charts) == 1
    assert 'role="img"' in charts[0]
    assert "1,000 rows in 105 weeks" in charts[0]
    ids = re.findall(r'id="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert not re.findall(r'(?:src|href)="', text), "the page is one file and fetches nothing"


def test_each_sender_against_the_same_days_of_the_year_before_as_they_were_known_then(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """A practice that sends 3 rows a week sent 4 a year before, of which one came a year late: 3 were known then. 12 whole weeks of
    the 90 days hold a Tuesday's rows: 13 Tuesdays."""
    day = [AT - timedelta(days=6 + 7 * i) for i in range(80)]
    rows = [
        {"person_id": 1, "feed_id": 81, "event_date": str(on), "row_id": 10 * i + one,
         "known_at": str(on + timedelta(days=400 if one == 3 else 1))}
        for i, on in enumerate(day) for one in range(4)
        if one < 3 or on + timedelta(days=400) < AT
    ]  # fmt: skip
    path = record(tmp_path_factory.mktemp("flow") / "r", gp_event=rows, feed=weekly(81, "gp_event", AT, PRACTICE))
    with Record(path, purpose="case_finding") as held:
        (one,) = flows(held, AT, ["gp_event"])
        assert flows(held, AT, ["spell"]) == []
    assert (one.covers, one.days_since, one.gap) == (PRACTICE, 0, 7.0)
    assert (one.rows, one.rows_before) == (13 * 3, 13 * 3)
