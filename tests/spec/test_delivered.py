"""Extracts that come as dated deliveries: their files, feeds and clocks, whatever kind they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from features.errors import BadInput, WrongUsage
from features.sources import SOURCES, open_source
from features.sources.delivered import Delivered
from features.sources.delivered.statements import contract_tests
from tests.deliveries import Sent
from tests.extracts import nhs

KINDS = [
    "gdppr",
    "olids",
    "out_of_hours",
    "demographics",
    "deaths",
    "preferences",
    "care_homes",
    "caseloads",
    "mental_health",
]
LISTED = {"NHS_NUMBER": nhs(1), "TEAM_TYPE": "falls", "TEAM_ID": "F1", "CASELOAD_FROM": "2024-10-01"}
FIRST, SECOND = "2024-10-14", "2024-11-14"


@pytest.fixture
def teams(tmp_path: Path) -> Sent:
    return Sent(tmp_path, "caseloads", {"caseloads": LISTED})


def test_every_kind_is_opened_by_its_name_and_says_so(tmp_path: Path) -> None:
    made = [open_source(name, tmp_path) for name in KINDS]
    assert [source.name for source in made] == KINDS
    assert set(KINDS) <= set(SOURCES)


@pytest.mark.parametrize("name", KINDS)
def test_every_rule_reads_only_columns_of_its_contract_and_writes_only_those_of_its_table(
    tmp_path: Path, name: str
) -> None:
    """A misspelt column in SQL would be found at the first row of a real extract, too late."""
    from features.record.intake import native_columns
    from features.record.tables import TABLES

    source = open_source(name, tmp_path)
    assert isinstance(source, Delivered)
    for rule in source.layout.rules:
        columns = set(source.layout.file(rule.of).columns)
        assert rule.reads <= columns | {"received", "source_row"}, rule.name
        assert set(rule.columns) <= set(native_columns(TABLES[rule.table])), rule.name
        contract_tests(source.layout.file(rule.of), rule.reads)


@pytest.mark.parametrize("name", KINDS)
def test_no_cost_and_no_funding_is_read(tmp_path: Path, name: str) -> None:
    source = open_source(name, tmp_path)
    assert isinstance(source, Delivered)
    words = [column.lower() for file in source.layout.files for column in file.columns]
    assert [word for word in words if "cost" in word or "fund" in word] == []


FAULTS = [
    ("no day of receipt", "caseloads.csv", "the day of its receipt"),
    ("no such day", "caseloads_2024-02-31.csv", "the day of its receipt"),
]


@pytest.mark.parametrize(("case", "name", "expected"), FAULTS, ids=[case[0] for case in FAULTS])
def test_a_name_that_does_not_say_when_it_came_is_a_fault(teams: Sent, case: str, name: str, expected: str) -> None:
    teams.file("caseloads", FIRST, {})
    (teams.sent / f"caseloads_{FIRST}.csv").rename(teams.sent / name)
    (fault,) = teams.source.check()
    assert expected in fault.expected


def test_a_file_of_no_kind_is_a_fault(tmp_path: Path) -> None:
    homes = Sent(tmp_path, "care_homes")
    (homes.sent / "observation_2024-01-01.csv").write_text("id\n1\n")
    assert "a kind of file" in homes.source.check()[0].expected


def test_a_column_that_is_gone_refuses_the_extract_before_anything_is_written(teams: Sent) -> None:
    teams.file("caseloads", FIRST, {}).file("caseloads", SECOND, {}, without=("CASELOAD_TO",))
    with pytest.raises(BadInput, match=f"caseloads_{SECOND}.csv, column CASELOAD_TO"):
        teams.take()
    assert not (teams.record / "manifest.json").exists()


def test_dates_none_of_which_reads_refuse_the_extract(teams: Sent) -> None:
    teams.file("caseloads", FIRST, {"CASELOAD_FROM": "1 Oct"}, {"CASELOAD_FROM": "2 Oct"})
    with pytest.raises(BadInput, match="none in its first 2 values"):
        teams.take()


def test_columns_are_found_whatever_their_case_and_others_are_not_read(teams: Sent) -> None:
    path = teams.sent / f"caseloads_{FIRST}.csv"
    path.write_text(
        f"nhs_number,local_patient_id,team_type,Team_Id,caseload_from,CASELOAD_TO,NOTES\n{nhs(1)},,Falls,F1,01/10/2024,,secret\n"
    )
    teams.take()
    assert teams.rows("caseload", "team event_date") == [("falls", "2024-10-01")]
    assert b"secret" not in b"".join(teams.contents().values())


def test_a_feed_is_delivered_on_the_day_of_each_receipt(teams: Sent) -> None:
    teams.file("caseloads", FIRST, {}).file("caseloads", SECOND, {}).take()
    assert teams.rows("feed", "source table_name known_at known_until period_to::VARCHAR") == [
        ("caseloads", "caseload", FIRST, SECOND, FIRST), ("caseloads", "caseload", SECOND, None, SECOND)]  # fmt: skip


def test_history_gives_the_weeks_before_the_first_delivery_a_feed(tmp_path: Path) -> None:
    """Without it an index date before the first delivery has no feed, and every predictor is absent."""
    teams = Sent(tmp_path, "caseloads", {"caseloads": LISTED}, history="2024-09-30").file("caseloads", FIRST, {})
    teams.take()
    assert teams.rows("feed", "known_at period_from::VARCHAR") == [
        ("2024-09-30", "2024-09-30"),
        ("2024-10-07", "2024-09-30"),
        (FIRST, "2024-09-30"),
    ]


def test_a_lag_of_ones_own(tmp_path: Path) -> None:
    teams = Sent(tmp_path, "caseloads", {"caseloads": LISTED}, lag_days=3).file("caseloads", FIRST, {})
    teams.take()
    assert teams.rows("caseload", "known_at") == [("2024-10-04",)]


@pytest.mark.parametrize(
    "options", [{"lag_days": -1}, {"history": "last year"}, {"organisation": " "}, {"scheme": "made up"}]
)
def test_options_that_do_not_fit_are_refused(tmp_path: Path, options: dict[str, object]) -> None:
    with pytest.raises(WrongUsage):
        open_source("caseloads", tmp_path, **options)


def test_a_single_file_is_an_extract_too(teams: Sent) -> None:
    teams.file("caseloads", FIRST, {})
    assert open_source("caseloads", teams.sent / f"caseloads_{FIRST}.csv").check() == []


ADDERS = [
    ("out_of_hours", "out_of_hours", {"NHS_NUMBER": nhs(1), "CASE_REFERENCE": "1", "CONTACT_DATE": "2024-09-01"}, "gp_contact"),
    ("mental_health", "care_contact", {"NHSNumber": nhs(1), "UniqCareContID": "1", "CareContDate": "2024-09-01"}, "community_contact"),
    ("preferences", "preferences", {"NHS_NUMBER": nhs(1), "ITEM": "ReSPECT", "ANSWER": "Yes", "RECORDED_DATE": "2024-09-01"}, "preference"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "file", "row", "table"), ADDERS, ids=[case[0] for case in ADDERS])
def test_what_only_adds_to_a_table_does_not_make_a_silent_practice_look_fed(tmp_path: Path, kind: str, file: str, row: dict[str, str], table: str) -> None:  # fmt: skip
    """A practice that stopped sending its own contacts must not count none because a co-operative went on sending."""
    from datetime import date

    from features import coverage
    from features.record.reader import Record

    sent = Sent(tmp_path, kind, {file: row}).file(file, FIRST, {})
    sent.take()
    assert len(sent.rows(table, "row_id")) == 1
    with Record(sent.record, purpose="case_finding") as held:
        feeds = coverage.masks(held, [date(2024, 10, 20)], ["B86022"])["feeds"]
    assert not coverage.has(feeds, table).any()
