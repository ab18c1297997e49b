"""Layer two by rules: deliveries, versions, and what a feed's rhythm does to when a fact is known."""

from __future__ import annotations

import numpy as np
import pytest

from features.population.geography import make_practices
from features.population.happening.clock import date_of, day_of
from features.population.happening.history import stream
from features.population.recording.deliveries import FEEDS, Deliveries, Schedule
from features.population.recording.rows import NO_DAY, Rows, Words, revise, same
from features.record.tables import TABLES

START, END = day_of(date_of(18_262)), day_of(date_of(18_262 + 2 * 365))  # 2020 and 2021


@pytest.fixture(scope="module")
def deliveries():
    return Deliveries(make_practices(1_000, stream(1, "practices")), START, END)


def test_a_fact_is_known_with_the_first_delivery_that_reaches_beyond_it():
    # Deliveries on days 10, 20 and 30 that reach up to days 8, 18 and 28, not included.
    schedule = Schedule(np.array([10, 20, 30]), np.array([8, 18, 28]))
    which, known = schedule.first(np.array([7, 8, 17, 18, 27, 28]))
    assert known.tolist() == [10, 20, 20, 30, 30, NO_DAY]
    assert which[:5].tolist() == [0, 1, 1, 2, 2]


@pytest.mark.parametrize(
    ("rhythm", "written", "known"),
    [
        ("daily", "2020-03-04", "2020-03-05"),
        ("mondays", "2020-03-04", "2020-03-09"),  # a Wednesday, known the next Monday
        ("mondays", "2020-03-09", "2020-03-16"),
        ("monthly", "2020-03-04", "2020-04-15"),
        ("quarterly", "2020-03-31", "2020-05-16"),
        ("quarterly", "2020-04-01", "2020-08-15"),
        ("daily", "2012-05-05", "2020-01-01"),  # what was there before came with the first delivery
    ],
)
def test_rhythms(deliveries, rhythm, written, known):
    day = np.array([int(np.datetime64(written).astype(int))])
    _, got = deliveries.schedules[rhythm].first(day)
    assert date_of(got[0]).isoformat() == known


def test_every_table_about_people_has_a_feed():
    assert {f.table for f in FEEDS} == set(TABLES) - {"feed"}


def test_the_feed_file_and_the_rows_name_the_same_deliveries(deliveries):
    columns = deliveries.rows()
    keys = columns["feed"].words.take(columns["feed"].number).to_pylist()
    came = dict(zip(keys, columns["known_at"], strict=True))
    feed, known = deliveries.from_practice("gp_event", np.array([0, 3, 7]), np.array([START + 100] * 3))
    for number, day in zip(feed.number, known, strict=True):
        assert came[feed.words[int(number)].as_py()] == day


def rows(keys, known):
    n = len(keys)
    return Rows("spell", np.arange(n), same("feed", n), np.array(known), {"x": Words(np.zeros(n, int), ("v",))},
                key=np.array(keys))  # fmt: skip


@pytest.mark.parametrize(
    ("first", "second", "left"),
    [
        ([(1, 10), (2, 11)], [(2, 15)], [(1, 10, NO_DAY), (2, 11, 15)]),
        ([(1, 10)], [], [(1, 10, NO_DAY)]),
        ([(1, 10)], [(1, 10)], []),  # known the same day: the second replaces the first outright
        ([(1, 10)], [(9, 12)], [(1, 10, NO_DAY)]),  # a version of something unknown is left out
    ],
)
def test_a_second_version_ends_the_first(first, second, left):
    kept, later = revise(rows([k for k, _ in first], [d for _, d in first]),
                         rows([k for k, _ in second], [d for _, d in second]))  # fmt: skip
    until = kept.known_until if kept.known_until is not None else np.full(len(kept), NO_DAY)
    assert list(zip(kept.keys.tolist(), kept.known_at.tolist(), until.tolist(), strict=True)) == left
    assert later.keys.tolist() == [k for k, _ in second if k in {f for f, _ in first}]
