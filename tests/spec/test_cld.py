"""Client level data: what one or more submissions become, by DHSC's published rules for the collection."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from features.progress import SILENT
from features.sources.cld import open_source
from features.sources.contract import Batch

WHO = {"LA_Code": "E0999", "NHS_Number": "9990000018", "LA_Person_Unique_Identifier": "P1", "Client_Type": "Service user",
       "Reporting_Period_Start_Date": "2023-04-01", "Reporting_Period_End_Date": "2024-03-31"}  # fmt: skip
HOME = {**WHO, "Event_Type": "Service", "Event_Start_Date": "2023-06-01", "Event_End_Date": "NULL",
        "Service_Type": "Long term support: Community", "Service_Component": "Home support or domiciliary care",
        "Cost_Frequency_Unit_Type": "Hourly", "Unit_Cost": "20", "Planned_units_per_week": "7"}  # fmt: skip
REQUEST = {**WHO, "Event_Type": "Request", "Event_Start_Date": "2023-06-01", "Event_End_Date": "2023-06-20",
           "Event_Outcome": "NFA: Support declined"}  # fmt: skip
COLUMNS = list(dict.fromkeys([*HOME, *REQUEST, "Date_of_Death", "Date_of_Birth", "Gender", "Request_Route_of_Access", "Has_Unpaid_Carer",
                              "Accommodation_Status"]))  # fmt: skip


def written(folder: Path, **submissions: list[dict[str, str]]) -> Path:
    """``received_2024_05_15`` names a file by its day."""
    folder.mkdir(exist_ok=True)
    for name, rows in submissions.items():
        with (folder / f"cld_{name.removeprefix('received_').replace('_', '-')}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(rows)
    return folder


def taken(folder: Path) -> list[Batch]:
    source = open_source(folder)
    assert source.check() == []
    return list(source.batches(SILENT))


def events(batches: list[Batch], rule: str = "events") -> list[dict[str, Any]]:
    return [row for one in batches if one.rule == rule for row in one.frame.to_pylist()]


def stated(rows: list[dict[str, str]], first: str, last: str) -> list[dict[str, str]]:
    return [{**row, "Reporting_Period_Start_Date": first, "Reporting_Period_End_Date": last} for row in rows]


def test_a_service_and_a_request(tmp_path: Path) -> None:
    service, request = events(taken(written(tmp_path / "in", received_2024_05_15=[HOME, REQUEST])))
    assert (service["event"], service["service_type"], service["component"]) == (
        "service",
        "long_term_community",
        "home_care",
    )
    assert (service["event_date"], service["end_date"], service["units_a_week"]) == (date(2023, 6, 1), None, 7.0)
    assert (service["nhs_number"], service["local_id"], service["known_at"]) == (
        "9990000018",
        "E0999_P1",
        date(2024, 5, 15),
    )
    assert (request["event"], request["end_date"], request["outcome"]) == ("request", date(2023, 6, 20), "nfa")


@pytest.mark.parametrize(
    ("frequency", "planned", "units"),
    [("Weekly", "9", 1.0), ("Fortnightly", "9", 0.5), ("4-weekly", "", 0.25), ("Monthly", "", 12 / 52), ("Quarterly", "", 4 / 52),
     ("Annually", "", 1 / 52), ("Hourly", "-3.5", 3.5), ("Per session", "2", 2.0), ("Daily", "0", None), ("One-off", "4", None),
     ("NULL", "5", 5.0), ("", "NULL", None)],
)  # fmt: skip
def test_units_a_week_come_from_the_frequency_of_cost(
    tmp_path: Path, frequency: str, planned: str, units: float | None
) -> None:
    """DHSC, ASC-CLD-LA-Dashboard, 6.Costs_fact.sql."""
    row = {**HOME, "Cost_Frequency_Unit_Type": frequency, "Planned_units_per_week": planned}
    (service,) = events(taken(written(tmp_path / "in", received_2024_05_15=[row])))
    assert service["units_a_week"] == (None if units is None else pytest.approx(units, abs=1e-6))


@pytest.mark.parametrize(
    ("field", "first", "second"),
    [("Service_Type", "Long Term Support: Community", "long_term_community"), ("Service_Type", "Short Term Support: ST-Max", "short_term_max"),
     ("Service_Type", "Carer Support: Direct to Carer", "carer_support"), ("Service_Component", "Home Support", "home_care"),
     ("Service_Component", "Long Term Nursing Care", "nursing"), ("Event_Outcome", "NFA - Information & Advice / Signposting only", "nfa"),
     ("Event_Outcome", "No change in package", "services"), ("Event_Outcome", "NFA - Deceased", "deceased"),
     ("Event_Outcome", "Progress to Re-assessment / Unplanned Review", "other"), ("Event_Outcome", "never heard of", None)],
)  # fmt: skip
def test_the_first_release_is_worded_differently(tmp_path: Path, field: str, first: str, second: str | None) -> None:
    """Wording of release 1: NHS England's replication code for SALT."""
    (row,) = events(taken(written(tmp_path / "in", received_2024_05_15=[{**HOME, field: first}])))
    name = {"Service_Type": "service_type", "Service_Component": "component", "Event_Outcome": "outcome"}[field]
    assert row[name] == second


def test_a_last_day_belongs_to_the_service_and_death_ends_it(tmp_path: Path) -> None:
    """Event end dates are cropped at the date of death (5-data-cleaning.md)."""
    ended = {**HOME, "Event_End_Date": "30/09/2023"}
    died = {**HOME, "LA_Person_Unique_Identifier": "P2", "Date_of_Death": "2023-08-10"}
    rows = events(taken(written(tmp_path / "in", received_2024_05_15=[ended, died])))
    assert [row["end_date"] for row in rows] == [date(2023, 10, 1), date(2023, 8, 11)]


def test_rows_of_one_service_become_one(tmp_path: Path) -> None:
    """Council, person, first day, client type, type and component make a service; its end does not (6-deduplication.md)."""
    second_carer = {**HOME, "Unit_Cost": "21"}
    ended = {**HOME, "Event_End_Date": "2023-12-31", "Planned_units_per_week": "30"}
    another = {**HOME, "Service_Component": "Meals"}
    (batch, _) = taken(written(tmp_path / "in", received_2024_05_15=[ended, HOME, second_carer, dict(HOME), another]))
    rows = {row["component"]: row for row in batch.frame.to_pylist()}
    assert set(rows) == {"home_care", "meals"}
    assert rows["home_care"]["end_date"] is None
    assert rows["home_care"]["units_a_week"] == 7 + 7, "double-handed care is two rows; the same row twice is one"
    assert batch.dropped == Counter(other_row_of_same_event=2, duplicate_row_of_submission=1)


def test_the_highest_outcome_stands_among_rows_alike(tmp_path: Path) -> None:
    rows = [
        {**REQUEST, "Event_Outcome": outcome}
        for outcome in ("NFA: Other", "Admitted to hospital", "NFA: Support declined")
    ]
    (row,) = events(taken(written(tmp_path / "in", received_2024_05_15=rows)))
    assert row["outcome"] == "hospital"


def test_an_open_service_missing_from_the_next_submission_ended_with_the_period(tmp_path: Path) -> None:
    """Cropped to the end of the reference period (6-deduplication.md, step 2); it says so from the day that this was known."""
    later = stated([REQUEST], "2023-07-01", "2024-06-30")
    batches = taken(written(tmp_path / "in", received_2024_05_15=[HOME], received_2024_08_14=later))
    assert [row["end_date"] for row in events(batches)] == [None], (
        "and the request ended before the second period began"
    )
    (closed,) = events(batches, "closed_by_absence")
    assert (closed["end_date"], closed["known_at"]) == (date(2024, 4, 1), date(2024, 8, 14))
    assert closed["row_key"] == events(batches)[0]["row_key"]


def test_a_service_that_goes_on_is_not_closed_whatever_release_words_it(tmp_path: Path) -> None:
    again = {
        **HOME,
        "Service_Type": "Long Term Support: Community",
        "Service_Component": "Home Support",
        "NHS_Number": "",
    }
    batches = taken(written(tmp_path / "in", received_2024_05_15=[again], received_2024_08_14=stated([HOME], "2023-07-01", "2024-06-30")))  # fmt: skip
    assert events(batches, "closed_by_absence") == []
    assert len({row["row_key"] for row in events(batches)}) == 1


def test_a_late_submission_does_not_overrule_a_newer_one(tmp_path: Path) -> None:
    newer = stated([{**HOME, "Event_End_Date": "2024-05-01"}], "2023-07-01", "2024-06-30")
    unheard_of = {**HOME, "LA_Person_Unique_Identifier": "P9"}
    late = [HOME, unheard_of]
    batches = taken(written(tmp_path / "in", received_2024_08_14=newer, received_2024_08_20=late))
    assert batches[2].dropped == Counter(older_than_known=1)
    assert [row["end_date"] for row in events(batches)] == [date(2024, 5, 2), date(2024, 4, 1)]
    assert events(batches, "closed_by_absence") == []


def test_what_ended_outside_the_period_is_left_out(tmp_path: Path) -> None:
    """4-event-filtering.md."""
    rows = [{**REQUEST, "Event_End_Date": day} for day in ("2023-03-31", "2023-04-01", "2024-03-31", "2024-04-01")]
    rows = [{**row, "Event_Start_Date": "2023-01-01"} for row in rows]
    (batch, _) = taken(written(tmp_path / "in", received_2024_05_15=rows))
    assert [row["end_date"] for row in batch.frame.to_pylist()] == [date(2023, 4, 1), date(2024, 3, 31)]
    assert batch.dropped == Counter(outside_its_period=2)


def test_the_period_is_what_the_data_shows(tmp_path: Path) -> None:
    """Months with under 2% of events, or too few kinds of event, and the month of the import do not count
    (2-reporting-periods.md)."""
    rows = []
    for month, many in (("2023-04", 30), ("2023-05", 30), ("2023-06", 40), ("2023-12", 1), ("2024-01", 30)):
        for i in range(many):
            kind = ("Request", "Assessment", "Review")[i % 3]
            rows.append({**REQUEST, "Event_Type": kind, "LA_Person_Unique_Identifier": f"{month}{i}",
                         "Event_Start_Date": "2023-01-01", "Event_End_Date": f"{month}-15"})  # fmt: skip
    source = open_source(written(tmp_path / "in", received_2024_01_20=rows))
    feed = source.feeds().to_pylist()[0]
    assert (feed["period_from"], feed["period_to"]) == (date(2023, 4, 1), date(2023, 7, 1))


def test_rows_that_cannot_be_read_say_why(tmp_path: Path) -> None:
    rows = [{**HOME, "Event_Type": "Visit"}, {**HOME, "Event_Start_Date": "soon"}, {**REQUEST, "Event_End_Date": ""}]
    (batch, _) = taken(written(tmp_path / "in", received_2024_05_15=rows))
    assert [(one.source_row, one.field, one.reason) for one in batch.refused] == [
        (2, "Event_Type", "value_not_mapped"), (3, "Event_Start_Date", "not_a_date"), (4, "Event_End_Date", "missing")
    ]  # fmt: skip


def test_somebody_without_an_nhs_number_is_described(tmp_path: Path) -> None:
    row = {**HOME, "NHS_Number": "", "Date_of_Birth": "1940-03-17", "Gender": "Female"}
    batches = taken(written(tmp_path / "in", received_2024_05_15=[row]))
    (person,) = events(batches, "without_number")
    assert (person["local_id"], person["birth_month"], person["sex"]) == ("E0999_P1", date(1940, 3, 1), "female")


def test_a_file_that_does_not_fit_says_what_is_missing(tmp_path: Path) -> None:
    folder = written(tmp_path / "in", received_2024_05_15=[HOME])
    held = (folder / "cld_2024-05-15.csv").read_text().replace("Service_Component", "Service_Componnent")
    (folder / "cld.csv").write_text(held)
    told = [str(fault) for fault in open_source(folder).check()]
    assert any("received" in one for one in told)
    assert any("column Service_Component" in one and "did you mean Service_Componnent?" in one for one in told)


def told(batches: list[Batch], table: str, says: str) -> list[tuple[Any, ...]]:
    """Versions of what is told of a person: the day, the word, the end, when it was known."""
    rows = [row for one in batches if one.table == table for row in one.frame.to_pylist()]
    return [(row["event_date"], row[says], row["end_date"], row["known_at"]) for row in rows]


@pytest.mark.parametrize(
    ("words", "says"),
    [(["Yes"], True), (["No"], False), (["YES"], True), (["Unknown"], None), (["NULL"], None), ([""], None), (["a neighbour"], None),
     (["Yes", "No"], False), (["No", "Unknown"], False)],
)  # fmt: skip
def test_the_latest_word_on_a_carer_stands_and_none_is_made_of_nothing(
    tmp_path: Path, words: list[str], says: bool | None
) -> None:
    """Has_Unpaid_Carer of the collection. Nobody is said to be without a carer of whom the council does not know."""
    rows = [{**REQUEST, "Event_Start_Date": f"2023-06-{n:02}", "Has_Unpaid_Carer": word} for n, word in enumerate(words, 1)]  # fmt: skip
    found = told(taken(written(tmp_path / "in", received_2024_05_15=rows)), "carer", "has_carer")
    said = [n for n, word in enumerate(words, 1) if word.lower() in ("yes", "no")]
    assert found == ([] if says is None else [(date(2023, 6, max(said)), says, None, date(2024, 5, 15))])


@pytest.mark.parametrize(
    ("word", "kind"),
    [("Owner occupier or shared ownership scheme", "own_home"), ("Tenant: Private landlord", "own_home"), ("Tenant - Private Landlord", "own_home"),
     ("Supported accommodation, supported lodgings or supported group home", "supported"), ("Sheltered housing, extra care housing or other sheltered housing", "sheltered"),
     ("Registered care home", "care_home"), ("Registered nursing home", "nursing_home"), ("Refuge", None), ("Unknown", None), ("NULL", None),
     ("Acute hospital or long term healthcare residential facility", None)],
)  # fmt: skip
def test_where_somebody_lives_as_the_council_words_it(tmp_path: Path, word: str, kind: str | None) -> None:
    """Accommodation_Status of the collection, in either release. That somebody is in a refuge is told by nobody."""
    found = told(
        taken(written(tmp_path / "in", received_2024_05_15=[{**HOME, "Accommodation_Status": word}])),
        "residence",
        "kind",
    )
    assert found == ([] if kind is None else [(date(2023, 6, 1), kind, None, date(2024, 5, 15))])


def test_a_carer_is_told_of_once_until_the_word_changes_or_the_person_is_gone(tmp_path: Path) -> None:
    """A carer who has gone must not stay on record because the council no longer has the person."""
    says = {
        name: stated([{**HOME, "Has_Unpaid_Carer": word}] if word else [{**HOME, "LA_Person_Unique_Identifier": "P2"}], first, last)
        for name, word, first, last in (
            ("received_2024_02_15", "Yes", "2023-01-01", "2023-12-31"), ("received_2024_05_15", "Yes", "2023-04-01", "2024-03-31"),
            ("received_2024_08_15", "No", "2023-07-01", "2024-06-30"), ("received_2024_11_15", "", "2023-10-01", "2024-09-30"))
    }  # fmt: skip
    assert told(taken(written(tmp_path / "in", **says)), "carer", "has_carer") == [
        (date(2023, 6, 1), True, None, date(2024, 2, 15)),
        (date(2023, 6, 1), False, None, date(2024, 8, 15)),
        (date(2023, 6, 1), False, date(2024, 7, 1), date(2024, 11, 15)),
    ]


def test_a_carers_own_events_say_nothing_of_a_carer_of_theirs(tmp_path: Path) -> None:
    """They are about whom the carer looks after."""
    row = {**HOME, "Client_Type": "Unpaid carer", "Has_Unpaid_Carer": "Yes"}
    assert told(taken(written(tmp_path / "in", received_2024_05_15=[row])), "carer", "has_carer") == []
