"""What is read straight from the record's files is what the reader's views show: ended versions, refused feeds, barred people, links,
files of an older shape, and people cut by the end of a stretch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as arrow
import pyarrow.parquet as parquet
import pytest

from features.engine import oracle
from features.engine.blocks import Source, blocks
from features.engine.files import Files
from features.engine.language import Declared, Kind, Predictor, facts
from features.engine.plan import Plan, plan
from features.engine.rows import Rows
from features.engine.scan import Scan
from features.record import manifest
from features.record.permission import AllowAll, FeedInfo, Purpose
from features.record.reader import Record
from features.record.tables import PERSON_TABLES, TABLES
from features.record.writer import CLOSURE, Transaction
from tests.records import record, table

T = date(2024, 3, 1)
DAY = (T - date(1970, 1, 1)).days
ALL = 2 ** len(PERSON_TABLES) - 1
SEEN = plan([Predictor("seen", Kind.COUNT, facts("ed_attendance"), "test", "{n}", 365)])
#: Every way of making facts from a record.
SOURCES = [Files, Scan]


def _values(folder: Path, planned: Plan, people: Sequence[int], at: Sequence[int], source: type[Source], permissions: AllowAll | None = None,
            each: int = 1000) -> list[list[float]]:  # fmt: skip
    pairs = [(person, day) for person in people for day in at]
    rows = Rows.of([person for person, _ in pairs], [day for _, day in pairs], [ALL] * len(pairs))
    with Record(folder, purpose="evaluation", permissions=permissions) as opened:
        made = [block.values[:, planned.chosen] for block in blocks(opened, planned, rows, each, source=source)]
    found: list[list[float]] = np.concatenate(made).tolist()
    return found


@pytest.mark.parametrize("source", SOURCES)
def test_a_version_ends_where_a_later_delivery_says_and_on_the_earliest_such_day(source: type[Source], tmp_path: Path) -> None:  # fmt: skip
    attended = [{"row_id": row, "event_date": "2024-02-10"} for row in (7, 8, 9)]
    folder = record(tmp_path / "record", ed_attendance=attended)
    for until in (date(2024, 2, 25), date(2024, 2, 20)):
        with Transaction(folder) as transaction:
            # Row 7 ended; of row 8 a version that is not the one held; row 9 was not touched.
            ended = {"row_id": [7, 8], "known_at": [date(2024, 2, 10), date(2024, 2, 9)], "known_until": [until] * 2}
            transaction.close_versions("ed_attendance", arrow.table(ended, schema=CLOSURE))
            transaction.commit()
    # A version is seen on the day on which it ends, and no later.
    assert _values(folder, SEEN, [1], [DAY - 11, DAY - 10, DAY - 9], source) == [[3], [3], [2]]


class Barring(AllowAll):
    """Person 3 and the feed of ambulances may not be read."""

    def refuses_feed(self, feed: FeedInfo, purpose: Purpose) -> str | None:
        return "not this one" if feed.table == "ambulance" else None

    def barred_people(self, purpose: Purpose) -> list[int]:
        return [3]


@pytest.mark.parametrize("each", [1, 2, 1000], ids=["a person at a time", "two", "all"])
@pytest.mark.parametrize("source", SOURCES)
def test_refused_feeds_barred_people_and_links_are_as_the_reader_has_them(
    source: type[Source], each: int, tmp_path: Path
) -> None:
    planned = plan(
        [Predictor("seen", Kind.COUNT, facts("ed_attendance"), "test", "{n}", 365),
         Predictor("complaints", Kind.DISTINCT, facts("ed_attendance", distinct="chief_complaint"), "test", "{n}", 365),
         Predictor("called", Kind.COUNT, facts("ambulance"), "test", "{n}", 365)]
    )  # fmt: skip
    a, b, c = "161898004", "267036007", "29857009"
    complaints = {1: [a, b], 2: [b, c], 3: [a], 4: [c]}
    attended = [{"person_id": person, "event_date": "2024-02-10", "chief_complaint": said}
                for person, own in complaints.items() for said in own]  # fmt: skip
    folder = record(
        tmp_path / "record",
        ed_attendance=attended,
        ambulance=[{"person_id": 1, "event_date": "2024-02-11"}],
        person_link=[{"person_id": 1, "other_person_id": 2, "known_at": "2024-02-20"}],
    )
    found = _values(folder, planned, [1, 2, 3, 4], [DAY - 11, DAY], source, Barring(), each)
    before, after = found[0::2], found[1::2]
    assert before == [[2, 2, 0], [2, 2, 0], [0, 0, 0], [1, 1, 0]]
    # From the day on which the link was known, one of the two has the rows of both: a, b and c are three complaints.
    assert sorted(after[:2]) == [[0, 0, 0], [4, 3, 0]]
    assert after[2:] == [[0, 0, 0], [1, 1, 0]]


class RefusingOneOfTwo(AllowAll):
    """Of the two feeds of attendances, the first may not be read."""

    def refuses_feed(self, feed: FeedInfo, purpose: Purpose) -> str | None:
        return "not this one" if feed.source == "first" else None


@pytest.mark.parametrize("source", SOURCES)
def test_a_stretch_of_a_refused_feed_alone_hides_nothing_of_the_next(source: type[Source], tmp_path: Path) -> None:
    rows = [
        {"person_id": person, "feed_id": 11 if person <= 3 else 12, "event_date": "2024-02-10", "acuity": 1}
        for person in range(1, 7)
    ]
    planned = plan([Predictor("grave", Kind.COUNT, facts("ed_attendance", acuity=(1, 2)), "test", "{n}", 365)])
    fed = [
        {"feed_id": feed, "table_name": "ed_attendance", "source": name}
        for feed, name in ((11, "first"), (12, "second"))
    ]
    folder = record(tmp_path / "record", ed_attendance=rows, feed=fed)
    (file,) = manifest.load(folder).of("ed_attendance")
    held = parquet.read_table(folder / file.path)
    parquet.write_table(held, folder / file.path, row_group_size=3)
    found = _values(folder, planned, range(1, 7), [DAY], source, RefusingOneOfTwo())
    assert found == [[0], [0], [0], [1], [1], [1]]


@pytest.mark.parametrize("source", SOURCES)
def test_a_file_without_statistics_is_read_whole(source: type[Source], tmp_path: Path) -> None:
    folder = record(tmp_path / "record", ed_attendance=[{"event_date": "2024-02-10"}])
    (file,) = manifest.load(folder).of("ed_attendance")
    parquet.write_table(parquet.read_table(folder / file.path), folder / file.path, write_statistics=False)
    assert _values(folder, SEEN, [1], [DAY], source) == [[1]]


@pytest.mark.parametrize("source", SOURCES)
def test_a_file_that_lacks_a_column_the_table_has_since_reads_as_one_without_values(
    source: type[Source], tmp_path: Path
) -> None:
    planned = plan([Predictor("falls", Kind.COUNT, facts("ambulance", complaint="fall"), "test", "{n}", 365),
                    Predictor("calls", Kind.COUNT, facts("ambulance"), "test", "{n}", 365)])  # fmt: skip
    folder = record(tmp_path / "record", ambulance=[{"event_date": "2024-02-10", "complaint": "fall"}])
    (file,) = manifest.load(folder).of("ambulance")
    held = parquet.read_table(folder / file.path)
    parquet.write_table(held.drop_columns(["complaint"]), folder / file.path)
    assert _values(folder, planned, [1], [DAY], source) == [[0, 1]]


MANY: list[Declared] = [
    Predictor("events", Kind.COUNT, facts("gp_event", codes="long_term_conditions_snomed"), "test", "{n}", 365),
    Predictor("codes", Kind.DISTINCT, facts("prescription", distinct="code", prefix=9), "test", "{n}", 365),
    Predictor(
        "weight", Kind.SLOPE, facts("gp_event", codes="measurements_snomed:weight", value="value"), "test", "{n}"
    ),
    Predictor("weekend", Kind.COUNT, facts("gp_contact", weekday=(6, 7), mode="telephone"), "test", "{n}", 90),
    Predictor("winter", Kind.COUNT, facts("gp_contact", month=(12, 1, 2)), "test", "{n}", 365),
]


def test_people_cut_by_the_end_of_a_stretch_are_whole(tmp_path: Path) -> None:
    """Stretches of three rows, blocks of one person and of two; codes that only some stretches show, some of no use."""
    rng = np.random.default_rng(5)
    codes = ["73211009", "44054006", "27113001", "999000", "38341003"]
    drugs = ["0212000B0AAABAB", "0212000B0AAACAC", "0301011R0AAAPAP", "0403030D0AAAAAA"]
    given = {
        "gp_event": [{"person_id": 1 + i % 7, "row_id": i, "event_date": T - timedelta(days=int(rng.integers(1, 500))),
                      "code": codes[int(rng.integers(5))], "value": float(rng.integers(50, 90))} for i in range(60)],
        "prescription": [{"person_id": 1 + i % 5, "row_id": i, "event_date": T - timedelta(days=int(rng.integers(1, 500))),
                          "code": drugs[int(rng.integers(4))]} for i in range(40)],
        "gp_contact": [{"person_id": 1 + i % 3, "row_id": i, "event_date": T - timedelta(days=int(rng.integers(1, 500))),
                        "mode": ["telephone", "video"][i % 2]} for i in range(50)],
    }  # fmt: skip
    folder = record(tmp_path / "record", person=[], registration=[], **given)
    for file in manifest.load(folder).files:
        whole = parquet.read_table(folder / file.path)
        parquet.write_table(whole, folder / file.path, row_group_size=3)
    planned = plan(MANY)
    people = list(range(1, 9))
    expected = oracle.matrix(MANY, {name: table(name, held).to_pylist() for name, held in given.items() if name in TABLES},
                             [oracle.At(person, T, ALL) for person in people])  # fmt: skip
    for each in (1, 2, 1000):
        np.testing.assert_array_equal(
            np.array(_values(folder, planned, people, [DAY], Files, each=each), np.float32), expected
        )
