"""The record's reader shows what may be read for a purpose, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from features.record.permission import AllowAll, AsSent, FeedInfo, Purpose
from features.record.reader import Record
from tests.records import feeds, record

FEED = {row["table_name"]: row["feed_id"] for row in feeds()}


class NoAmbulance(AllowAll):
    def refuses_feed(self, feed: FeedInfo, purpose: Purpose) -> str | None:
        return "not agreed" if feed.table == "ambulance" and purpose == "case_finding" else None


class NotTwo(AllowAll):
    def barred_people(self, purpose: Purpose) -> Sequence[int]:
        return [2]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = [{"person_id": person, "event_date": "2024-03-01"} for person in (1, 2)]
    delivered = [*feeds("ambulance", purposes="planning evaluation"), *feeds("spell"), *feeds("person", "registration")]
    return record(tmp_path_factory.mktemp("record"), ambulance=rows, spell=rows, feed=delivered)


def people(held: Record, table: str) -> list[int]:
    return [person for (person,) in held.connection.execute(f"SELECT person_id FROM {table} ORDER BY 1").fetchall()]


# permissions, purpose, who is seen in ambulance and in spell
SEEN: list[tuple[AllowAll, Purpose, list[int], list[int]]] = [
    (AllowAll(), "case_finding", [1, 2], [1, 2]),
    (NoAmbulance(), "case_finding", [], [1, 2]),
    (NoAmbulance(), "evaluation", [1, 2], [1, 2]),
    (NotTwo(), "case_finding", [1], [1]),
    (AsSent(), "training", [], [1, 2]),
    (AsSent(), "planning", [1, 2], [1, 2]),
]


@pytest.mark.parametrize(("permissions", "purpose", "ambulance", "spell"), SEEN)
def test_what_is_seen(
    small: Path, permissions: AllowAll, purpose: Purpose, ambulance: list[int], spell: list[int]
) -> None:
    with Record(small, purpose=purpose, permissions=permissions) as held:
        assert people(held, "ambulance") == ambulance
        assert people(held, "spell") == spell


def test_a_refused_feed_is_named_with_the_reason(small: Path) -> None:
    with Record(small, purpose="training", permissions=AsSent()) as held:
        assert [(refusal.feed.table, refusal.feed.feed_id, refusal.why) for refusal in held.refused] == [
            ("ambulance", FEED["ambulance"], "its sender permits planning evaluation, not training")
        ]


def test_a_barred_person_is_in_no_table(small: Path) -> None:
    with Record(small, purpose="case_finding", permissions=NotTwo()) as held:
        seen = {table: people(held, table) for table in ("person", "registration", "ambulance", "spell")}
    assert seen == {"person": [1], "registration": [1], "ambulance": [1], "spell": [1]}
