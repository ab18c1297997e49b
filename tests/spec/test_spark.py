"""Spark reads what the reader would: later versions, refused feeds, barred people and links between people."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as arrow
import pytest

from features.engine import spark
from features.engine.blocks import blocks
from features.engine.language import Kind, Predictor, facts
from features.engine.plan import plan
from features.engine.rows import Rows
from features.record.permission import AllowAll, FeedInfo, Purpose
from features.record.reader import Record
from features.record.tables import PERSON_TABLES
from features.record.writer import CLOSURE, Transaction
from tests.records import record
from tests.spark import session

pytestmark = [pytest.mark.part("java"), pytest.mark.xdist_group("spark")]

T = (date(2024, 3, 1) - date(1970, 1, 1)).days
ALL = 2 ** len(PERSON_TABLES) - 1
PLAN = plan([Predictor("seen", Kind.COUNT, facts("ed_attendance"), "test", "{n}", 365),
             Predictor("called", Kind.COUNT, facts("ambulance"), "test", "{n}", 365)])  # fmt: skip


class Barring(AllowAll):
    """Person 3 and the feed of ambulances may not be read."""

    def refuses_feed(self, feed: FeedInfo, purpose: Purpose) -> str | None:
        return "not this one" if feed.table == "ambulance" else None

    def barred_people(self, purpose: Purpose) -> list[int]:
        return [3]


def test_links_refused_feeds_and_barred_people_are_as_the_reader_has_them(tmp_path: Path) -> None:
    attended = [{"person_id": person, "event_date": "2024-02-10"} for person in (1, 1, 2, 3, 4)]
    folder = record(
        tmp_path / "record",
        ed_attendance=attended,
        ambulance=[{"person_id": 1, "event_date": "2024-02-11"}],
        person_link=[{"person_id": 1, "other_person_id": 2, "known_at": "2024-02-01"}],
    )
    rows = Rows.of([1, 2, 3, 4], [T] * 4, [ALL] * 4)
    with Record(folder, purpose="evaluation", permissions=Barring()) as opened:
        (block,) = blocks(opened, PLAN, rows)
        found = spark.matrix(session(), opened, PLAN, rows).toArrow().sort_by("person_id")
    assert found.column("person_id").to_pylist() == [1, 2, 3, 4]
    # Person 2 is person 1 by then: whichever of the two is the one has all three.
    seen = found.column("seen").to_numpy()
    assert sorted(seen[:2].tolist()) == [0, 3]
    assert seen[2:].tolist() == [0, 1]
    assert found.column("called").to_pylist() == [0, 0, 0, 0]
    np.testing.assert_array_equal(seen, block.values[:, PLAN.chosen[0]])


def test_an_earlier_version_ends_where_a_later_delivery_says(tmp_path: Path) -> None:

    folder = record(tmp_path / "record", ed_attendance=[{"row_id": 7, "event_date": "2024-02-10"}])
    with Transaction(folder) as transaction:
        ended = {"row_id": [7], "known_at": [date(2024, 2, 10)], "known_until": [date(2024, 2, 20)]}
        transaction.close_versions("ed_attendance", arrow.table(ended, schema=CLOSURE))
        transaction.commit()
    rows = Rows.of([1, 1], [T - 15, T], [ALL] * 2)
    with Record(folder, purpose="evaluation") as opened:
        found = spark.matrix(session(), opened, PLAN, rows).toArrow().sort_by("index_date")
    assert found.column("seen").to_pylist() == [1, 0]
