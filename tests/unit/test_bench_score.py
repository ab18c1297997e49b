"""What a score on demand takes, told by stage; and one person's rows, as a system would post them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from benchmarks.posting import rows_of
from benchmarks.score_now import COMPUTED, STAGES, WHOLE, told
from features.record.permission import AllowAll
from features.record.reader import Record
from tests.records import feeds, record


def test_shares_are_of_the_whole_request() -> None:
    """Stages of 1 ms each, and requests of 10, 10 and 30 ms: a stage is a tenth of the median request, and the rest is 3 ms."""
    milliseconds = {
        **{stage: [1.0, 1.0, 1.0] for stage in STAGES},
        WHOLE: [10.0, 10.0, 30.0],
        COMPUTED: [4.0, 4.0, 4.0],
    }
    found = {"milliseconds": milliseconds, "people": 3, "too_little": 1, "rows": [10, 20, 30], "bytes": [1000, 2000, 9000], "predictors": 5, "trees": 2,
             "database": "sqlite"}  # fmt: skip
    lines = told(found)
    assert "3 people (1 more had too little for one), 3 requests; median 20 rows, 2.0 kB posted" in lines[0]
    shares = {line[:16].strip(): line[16:].split()[:3] for line in lines[3:]}
    assert shares["check"] == ["1.00", "1.00", "10%"]
    assert shares[WHOLE] == ["10.00", "29.60", "100%"]
    assert shares[COMPUTED] == ["4.00", "4.00", "40%"]
    assert shares["the rest"][:2] == ["3.00", "30%"]


def test_rows_are_posted_without_the_keys_that_a_record_fills(tmp_path: Path) -> None:
    """Two deliveries of hospital stays to all are told as one, over all that they covered; another practice's are not told."""
    both = [{"known_at": "2024-01-05", "known_until": "2024-02-05", "period_from": "2023-01-01", "period_to": "2024-01-01"},
            {"known_at": "2024-02-05", "period_from": "2024-01-01", "period_to": "2024-02-01"}]  # fmt: skip
    feed = [row for one in both for row in feeds("spell", **one)]
    feed += [{**feeds("spell", covers="A81002")[0], "feed_id": 99}]
    spell = [
        {"event_date": "2024-01-03", "known_at": "2024-01-05", "admission_method": "21"},
        {"person_id": 2, "event_date": "2024-01-03"},
    ]
    with Record(record(tmp_path / "r", feed=feed, spell=spell), purpose="case_finding", permissions=AllowAll()) as held:
        (rows,) = rows_of(held, {1: "A81001"}, date(2024, 3, 1)).values()
    assert rows["spell"] == [
        {
            "row_id": 1,
            "known_at": "2024-01-05",
            "event_date": "2024-01-03",
            "admission_method": "21",
            "patient_class": "ordinary",
        }
    ]
    (delivered,) = rows["feed"]
    assert [delivered[name] for name in ("table_name", "covers", "known_at", "period_from", "period_to")] == [
        "spell", "*", "2024-02-05", "2023-01-01", "2024-02-01"
    ]  # fmt: skip
    assert "feed_id" not in delivered
