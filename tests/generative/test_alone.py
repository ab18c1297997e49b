"""People at random, read alone out of rows in memory and all together out of a record: where they stand, and how far their feeds speak."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from features import alone, observation
from features.cohort import CohortRules, cohort
from features.record.permission import AllowAll
from features.record.reader import Record
from features.record.tables import PERSON_TABLES
from features.standing import OBJECTIONS
from tests.records import record, table

PEOPLE, HERE, THERE = 120, "A81001", "A81002"
DATES = (date(2023, 6, 1), date(2024, 3, 15))
Rows = dict[str, list[dict[str, Any]]]


def day(chance: Random, first: int = 2021, last: int = 2024) -> date:
    return date(first, 1, 1) + timedelta(days=chance.randrange((last - first + 1) * 365))


def versioned(chance: Random, row: dict[str, Any], from_: date) -> dict[str, Any]:
    known_at = from_ + timedelta(days=chance.randrange(40))
    until = known_at + timedelta(days=chance.randrange(900)) if chance.random() < 0.25 else None
    return {**row, "known_at": str(known_at), **({} if until is None else {"known_until": str(until)})}


def lasting(chance: Random, row: dict[str, Any]) -> dict[str, Any]:
    start = day(chance)
    end = start + timedelta(days=chance.randrange(500)) if chance.random() < 0.5 else None
    return versioned(chance, {**row, "event_date": str(start), **({} if end is None else {"end_date": str(end)})}, start)  # fmt: skip


def somebody(chance: Random, person: int) -> Rows:
    few = (0, 1, 1, 1, 2, 3)
    births = [
        f"{chance.choice((1930, 1960, 2004, 2005, 2006))}-{chance.randrange(1, 13):02}-01"
        for _ in range(chance.choice((0, 1, 1, 2)))
    ]
    kinds = ("regular", "regular", "regular", "temporary", "private")
    rows: Rows = {
        "person": [versioned(chance, {"birth_month": birth, "sex": chance.choice(("female", "male"))}, day(chance, 2020, 2022)) for birth in births],
        "registration": [lasting(chance, {"kind": chance.choice(kinds), "practice": chance.choice((HERE, THERE))}) for _ in range(chance.choice(few))],
        "objection": [lasting(chance, {"kind": chance.choice(OBJECTIONS)}) for _ in range(chance.choice((0, 0, 0, 0, 1, 2)))],
        "death": [versioned(chance, {"event_date": str(died)}, died) for died in [day(chance)] if chance.random() < 0.1],
    }  # fmt: skip
    return {name: [{**row, "person_id": person} for row in held] for name, held in rows.items()}


def deliveries(chance: Random) -> list[dict[str, Any]]:
    rows = []
    for number, name in enumerate(PERSON_TABLES, 1):
        for covers in ("*",) if chance.random() < 0.4 else (HERE, THERE):
            first = day(chance, 2020, 2023)
            last = first + timedelta(days=chance.randrange(900))
            row = {"feed_id": number * 10 + len(covers) + (covers == THERE), "table_name": name, "covers": covers,
                   "period_from": str(first), "period_to": str(last)}  # fmt: skip
            rows.append(versioned(chance, row, last))
    return rows


@pytest.mark.parametrize("seed", range(3))
def test_one_alone_stands_where_the_record_says(tmp_path: Path, seed: int) -> None:
    """Harm: on demand somebody is scored whom the weekly run leaves out, or with a feed that it takes for missing."""
    chance = Random(seed)
    people = {person: somebody(chance, person) for person in range(1, PEOPLE + 1)}
    feed = deliveries(chance)
    together: Rows = {name: [row for own in people.values() for row in own[name]] for name in people[1]}
    numbered = {name: [{**row, "row_id": i} for i, row in enumerate(rows, 1)] for name, rows in together.items()}
    held = record(tmp_path / "record", feed=feed, **numbered)
    typed = {name: table(name, rows).to_pylist() for name, rows in {**numbered, "feed": feed}.items()}
    scored = set()
    with Record(held, purpose="case_finding", permissions=AllowAll()) as opened:
        for at in DATES:
            found = cohort(opened, [at], CohortRules(18))
            frame = found.frame
            rows = observation.rows(opened, frame)
            stood = {person: alone.standing(_of(typed, person), at, 18, frozenset(OBJECTIONS)) for person in people}
            assert [person for person, one in stood.items() if one.reason is None] == frame["person_id"].tolist()
            known = [
                one.reason for one in stood.values() if one.reason not in (None, "birth_unknown", "not_registered")
            ]
            told = {name: int(n) for name, n in zip(found.left_out["reason"], found.left_out["people"], strict=True)}
            told = {name: n for name, n in told.items() if name not in ("birth_unknown", "not_registered")}
            assert {name: known.count(name) for name in set(known)} == told
            for i, person in enumerate(frame["person_id"].tolist()):
                one, row = stood[person], frame.iloc[i]
                assert (one.practice, one.age, one.sex, one.feeds) == (
                    row["practice"],
                    row["age"],
                    row["sex"],
                    row["feeds"],
                )
                own = alone.rows(_of(typed, person), one)
                assert own.observed[0].tolist() == rows.observed[i].tolist()
                assert own.came.tolist() == [rows.came[i]]
                fed = one.feeds
                ages = zip(own.spoken.age[0].tolist(), rows.spoken.age[rows.place[i]].tolist(), strict=True)
                assert all(mine == theirs for bit, (mine, theirs) in enumerate(ages) if fed >> bit & 1)
                scored.add(person)
    assert len(scored) > PEOPLE // 10, "enough of them are scored to tell"


def _of(typed: Rows, person: int) -> Rows:
    return {name: [row for row in rows if name == "feed" or row["person_id"] == person] for name, rows in typed.items()}
