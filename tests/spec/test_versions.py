"""Versions of one thing: what is said first, corrected later, arrives late, or ends. Rows in, versions out.

A case is a list of ingests, each a list of rows ``known_at [until known_until] says what`` of one spell, where *what* is its
specialty (300, 430…); and what the record then holds, in order of ``known_at``.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from features.record.ingest import ingest
from tests.extracts import Place, extract

CASES: list[tuple[str, list[list[str]], list[str], dict[str, int]]] = [
    ("a correction in the same extract", [["jan 300", "feb 430"]], ["jan until feb 300", "feb 430"], {}),
    ("a correction in a later extract", [["jan 300"], ["feb 430"]], ["jan until feb 300", "feb 430"], {}),
    ("an older version arrives late", [["feb 430"], ["jan 300"]], ["jan until feb 300", "feb 430"], {}),
    ("a version between two that are held", [["jan 300", "mar 500"], ["feb 430"]],
     ["jan until feb 300", "feb until mar 430", "mar 500"], {}),
    ("two late versions, one after the other", [["jan 300", "apr 600"], ["mar 500"], ["feb 430"]],
     ["jan until feb 300", "feb until mar 430", "mar until apr 500", "apr 600"], {}),
    ("said again", [["jan 300"], ["jan 300"]], ["jan 300"], {"already_held": 1}),
    ("said again later", [["jan 300"], ["feb 300"]], ["jan 300"], {"already_held": 1}),
    ("said again later in the same extract", [["jan 300", "feb 300"]], ["jan 300"], {"restated": 1}),
    ("said again while in force, then corrected", [["jan 300", "mar 430"], ["feb 300"]],
     ["jan until mar 300", "mar 430"], {"already_held": 1}),
    ("corrected and corrected back", [["jan 300"], ["feb 430"], ["mar 300"]],
     ["jan until feb 300", "feb until mar 430", "mar 300"], {}),
    ("a stated end", [["jan until mar 300"]], ["jan until mar 300"], {}),
    ("a stated end before the next version", [["jan until feb 300", "apr 430"]], ["jan until feb 300", "apr 430"], {}),
    ("a stated end after the next version begins", [["jan until apr 300", "feb 430"]],
     ["jan until feb 300", "feb 430"], {}),
    ("withdrawn, then said again", [["jan until feb 300"], ["mar 300"]], ["jan until feb 300", "mar 300"], {}),
    ("the end of a held version is learned", [["jan 300"], ["jan until mar 300"]], ["jan until mar 300"],
     {"ended_held_version": 1}),
    ("the end is learned twice, the earlier counts", [["jan 300"], ["jan until mar 300"], ["jan until feb 300"]],
     ["jan until feb 300"], {"ended_held_version": 1}),
    ("said again later, with an end", [["jan 300"], ["feb until mar 300"]],
     ["jan until feb 300", "feb until mar 300"], {}),
    ("two of one day in one extract, the last stands", [["jan 300", "jan 430"]], ["jan 430"], {"superseded_same_day": 1}),
    ("the same twice in one extract", [["jan 300", "jan 300"]], ["jan 300"], {"duplicate_row": 1}),
    ("withdrawn on the day it is said again", [["jan until feb 300"], ["feb 300"], ["mar 300"]],
     ["jan until feb 300", "feb 300"], {"already_held": 1}),
    # What is said again leaves no trace, so a version that arrives late is taken to be the newest word.
    ("said again, then a version from between arrives", [["jan 300"], ["mar 300"], ["feb 430"]],
     ["jan until feb 300", "feb 430"], {}),
]  # fmt: skip
DAYS = {"jan": "2024-01-10", "feb": "2024-02-10", "mar": "2024-03-10", "apr": "2024-04-10"}


def read(told: str) -> dict[str, str]:
    known, *until, specialty = told.replace(" until ", " ").split()
    return {"row_key": "S", "event_date": "2024-01-01", "known_at": DAYS[known], "specialty": specialty,
            "known_until": DAYS[until[0]] if until else ""}  # fmt: skip


def write(known: str, until: str | None, specialty: str) -> str:
    names = {day: name for name, day in DAYS.items()}
    return f"{names[known]} until {names[until]} {specialty}" if until else f"{names[known]} {specialty}"


@pytest.mark.parametrize(("case", "ingests", "held", "dropped_last"), CASES, ids=[case[0] for case in CASES])
def test_versions(
    tmp_path: Path, case: str, ingests: list[list[str]], held: list[str], dropped_last: dict[str, int]
) -> None:
    place = Place(tmp_path)
    for number, rows in enumerate(ingests):
        # A row number in the title makes each extract an extract of its own.
        source = extract(tmp_path / str(number), spell=[read(told) for told in rows])
        (source / "about.json").write_text(f'{{"kind": "demonstration", "title": "{number}"}}')
        ledger = place.take(source)
    assert [write(*row) for row in place.rows("spell", "known_at known_until specialty")] == held
    assert dict(ledger.entries[1].dropped) == dropped_last


def test_a_row_that_differs_from_what_is_held_of_the_same_day_is_quarantined(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.take(extract(tmp_path / "e", spell=[read("jan 300")]))
    ledger = place.take(extract(tmp_path / "f", spell=[read("jan 430")]))
    assert dict(ledger.entries[1].quarantined) == {"version_conflict": 1}
    assert place.rows("spell", "specialty known_until") == [("300", None)]
    assert [(line["row"], line["reason"], line["masked"]) for line in place.quarantined()] == [(2, "version_conflict", "a date")]  # fmt: skip


def test_a_discharge_is_a_version_that_ends_the_open_stay(tmp_path: Path) -> None:
    place = Place(tmp_path)
    admitted = {"row_key": "S", "event_date": "2024-01-01", "known_at": "2024-01-02"}
    place.take(extract(tmp_path / "e", spell=[admitted]))
    place.take(extract(tmp_path / "f", spell=[{**admitted, "known_at": "2024-01-09", "end_date": "2024-01-08"}]))
    assert place.rows("spell", "known_at known_until end_date") == [
        ("2024-01-02", "2024-01-09", None),
        ("2024-01-09", None, "2024-01-08"),
    ]


def test_without_a_key_a_person_and_a_registration_still_have_versions(tmp_path: Path) -> None:
    place = Place(tmp_path)
    joined = {"event_date": "2020-01-01", "known_at": "2020-01-02"}
    place.take(extract(tmp_path / "e", person=[{"known_at": "2020-01-02", "sex": "unknown"}], registration=[joined]))
    left = {**joined, "known_at": "2024-01-02", "end_date": "2024-01-01", "end_reason": "moved"}
    place.take(extract(tmp_path / "f", person=[{"known_at": "2021-01-02", "sex": "male"}], registration=[left]))
    assert place.rows("person", "sex known_until") == [("male", None), ("unknown", "2021-01-02")]
    assert place.rows("registration", "end_date known_until") == [("2024-01-01", None), (None, "2024-01-02")]


def test_a_row_found_to_be_somebody_elses_moves_as_a_version(tmp_path: Path) -> None:
    place = Place(tmp_path)
    mine = {"row_key": "S", "event_date": "2024-01-01", "known_at": "2024-01-02"}
    place.take(extract(tmp_path / "e", spell=[mine]))
    place.take(extract(tmp_path / "f", spell=[{**mine, "known_at": "2024-02-02", "nhs_number": "9990000018"}]))
    (first, ended), (second, current) = sorted(
        place.rows("spell", "person_id known_until"), key=lambda row: row[1] or "9"
    )
    assert first != second
    assert (ended, current) == ("2024-02-02", None)


def test_keys_of_one_source_mean_nothing_in_another(tmp_path: Path) -> None:
    place = Place(tmp_path)
    row = {"row_key": "S", "event_date": "2024-01-01"}
    place.take(extract(tmp_path / "e", spell=[row]))
    from features.sources.native import Native

    class Other(Native):
        name = "other"

    with place.identity() as identity:
        ingest(Other(extract(tmp_path / "f", spell=[row])), place.record, identity)
    assert len(set(place.rows("spell", "row_id"))) == 2
