"""Community services data: contacts, scores and caseloads out of the linked tables of a submission."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from features.errors import WrongUsage
from features.progress import SILENT
from features.sources.contract import Batch
from features.sources.csds import open_source

Rows = list[dict[str, str]]
HEADER = {"ORGANISATION IDENTIFIER (CODE OF PROVIDER)": "RZC", "REPORTING PERIOD START DATE": "2024-04-01",
          "REPORTING PERIOD END DATE": "2024-04-30"}  # fmt: skip
PATIENT = {"LOCAL PATIENT IDENTIFIER (EXTENDED)": "P1", "NHS NUMBER": "9990000018", "PERSON BIRTH DATE": "1940-02-03",
           "POSTCODE OF USUAL ADDRESS": "XA1 1AA"}  # fmt: skip
REFERRAL = {"SERVICE REQUEST IDENTIFIER": "S1", "LOCAL PATIENT IDENTIFIER (EXTENDED)": "P1",
            "REFERRAL REQUEST RECEIVED DATE": "2024-03-20", "SERVICE DISCHARGE DATE": ""}  # fmt: skip
SERVICE = {"SERVICE REQUEST IDENTIFIER": "S1", "CARE PROFESSIONAL TEAM LOCAL IDENTIFIER": "T1",
           "SERVICE OR TEAM TYPE REFERRED TO (COMMUNITY CARE)": "12", "REFERRAL CLOSURE DATE": ""}  # fmt: skip
CONTACT = {"CARE CONTACT IDENTIFIER": "C1", "SERVICE REQUEST IDENTIFIER": "S1", "CARE PROFESSIONAL TEAM LOCAL IDENTIFIER": "T1",
           "CARE CONTACT DATE": "2024-04-10", "CARE CONTACT TIME": "09:30:00", "ATTENDANCE STATUS": "5"}  # fmt: skip
ACTIVITY = {"CARE ACTIVITY IDENTIFIER": "A1", "CARE CONTACT IDENTIFIER": "C1", "COMMUNITY CARE ACTIVITY TYPE": "03"}
SCORE = {"CARE ACTIVITY IDENTIFIER": "A1", "CODED ASSESSMENT TOOL TYPE (SNOMED CT)": "445414007", "PERSON SCORE": "6"}


def submission(folder: Path, received: str = "2024-05-15", **tables: Rows) -> Path:
    """A whole submission with one row a table, or those given."""
    whole: dict[str, Rows] = {"CYP000": [HEADER], "CYP001": [PATIENT], "CYP101": [REFERRAL], "CYP102": [SERVICE],
                              "CYP201": [CONTACT], "CYP202": [ACTIVITY], "CYP612": [SCORE]}  # fmt: skip
    (folder / received).mkdir(parents=True)
    for name, rows in {**whole, **tables}.items():
        with (folder / received / f"{name}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, list(whole[name][0]))
            writer.writeheader()
            writer.writerows(rows)
    return folder


def taken(folder: Path, **options: Any) -> list[Batch]:
    source = open_source(folder, **options)
    assert source.check() == []
    return list(source.batches(SILENT))


def rows(batches: list[Batch], rule: str = "contacts") -> list[dict[str, Any]]:
    return [row for one in batches if one.rule == rule for row in one.frame.to_pylist()]


def test_a_contact_is_linked_to_its_person_and_team(tmp_path: Path) -> None:
    batches = taken(submission(tmp_path))
    (row,) = rows(batches)
    assert (row["nhs_number"], row["local_id"], row["row_key"]) == ("9990000018", "RZC_P1", "RZC|C1")
    assert (row["event_date"], row["event_time"]) == (date(2024, 4, 10), 9 * 3600 + 30 * 60)
    assert (row["team"], row["activity"], row["status"]) == ("district_nursing", "intervention", "attended")
    assert row["known_at"] == date(2024, 5, 15)
    assert [one.dropped for one in batches if one.rule == "beside"] == [Counter(read_with_its_contacts=1)] * 4


@pytest.mark.parametrize(
    ("code", "status"),
    [("5", "attended"), ("6", "attended"), ("7", "did_not_attend"), ("3", "did_not_attend"), ("2", "cancelled"), ("4", "cancelled"),
     ("", "unknown")],
)  # fmt: skip
def test_what_became_of_a_contact(tmp_path: Path, code: str, status: str) -> None:
    """NHS Data Dictionary, ATTENDED OR DID NOT ATTEND CODE; arrived late and could not be seen is not attended."""
    (row,) = rows(taken(submission(tmp_path, CYP201=[{**CONTACT, "ATTENDANCE STATUS": code}])))
    assert row["status"] == status


@pytest.mark.parametrize(
    ("code", "team"),
    [("12", "district_nursing"), ("19", "community_matron"), ("29", "rehabilitation"), ("51", "rapid_response"), ("47", "palliative"),
     ("37", "mental_health"), ("05", "other"), ("", "other")],
)  # fmt: skip
def test_kinds_of_team(tmp_path: Path, code: str, team: str) -> None:
    """Service or team type referred to (community care), CSDS 1.6."""
    service = {**SERVICE, "SERVICE OR TEAM TYPE REFERRED TO (COMMUNITY CARE)": code}
    (row,) = rows(taken(submission(tmp_path, CYP102=[service])))
    assert row["team"] == team


def test_a_team_that_the_area_names_is_what_the_area_says(tmp_path: Path) -> None:
    """There is no national code of a falls service or a virtual ward."""
    (row,) = rows(taken(submission(tmp_path), teams={"T1": "falls"}))
    assert row["team"] == "falls"
    with pytest.raises(WrongUsage, match="found wizards"):
        open_source(tmp_path, teams={"T1": "wizards"})


def test_the_most_telling_activity_names_a_contact(tmp_path: Path) -> None:
    activities = [{**ACTIVITY, "CARE ACTIVITY IDENTIFIER": f"A{code}", "COMMUNITY CARE ACTIVITY TYPE": code} for code in ("01", "02", "04")]  # fmt: skip
    (row,) = rows(taken(submission(tmp_path, CYP202=activities)))
    assert row["activity"] == "assessment"


def test_a_score_takes_the_day_of_its_contact(tmp_path: Path) -> None:
    (row,) = rows(taken(submission(tmp_path)), "scores")
    assert (row["tool"], row["score"], row["event_date"], row["local_id"]) == ("cfs", 6.0, date(2024, 4, 10), "RZC_P1")


def test_rows_that_cannot_be_read_say_why(tmp_path: Path) -> None:
    contacts = [{**CONTACT, "CARE CONTACT IDENTIFIER": "C2", "SERVICE REQUEST IDENTIFIER": "S9"},
                {**CONTACT, "CARE CONTACT IDENTIFIER": "C3", "CARE CONTACT DATE": "soon"},
                {**CONTACT, "CARE CONTACT IDENTIFIER": "C4", "ATTENDANCE STATUS": "8"}, CONTACT]  # fmt: skip
    scores = [{**SCORE, "PERSON SCORE": "high"}, {**SCORE, "CARE ACTIVITY IDENTIFIER": "A9"}]
    batches = taken(submission(tmp_path, CYP201=contacts, CYP612=scores))
    assert [(one.source_row, one.field, one.reason) for batch in batches for one in batch.refused] == [
        (2, "SERVICE REQUEST IDENTIFIER", "no_such_referral"), (3, "CARE CONTACT DATE", "not_a_date"),
        (4, "ATTENDANCE STATUS", "value_not_mapped"), (2, "PERSON SCORE", "not_a_number"),
        (3, "CARE ACTIVITY IDENTIFIER", "no_such_contact"),
    ]  # fmt: skip


def test_what_a_submission_does_not_repeat_is_taken_from_earlier_ones(tmp_path: Path) -> None:
    submission(tmp_path)
    may = {**HEADER, "REPORTING PERIOD START DATE": "2024-05-01", "REPORTING PERIOD END DATE": "2024-05-31"}
    contact = {**CONTACT, "CARE CONTACT IDENTIFIER": "C7", "CARE CONTACT DATE": "2024-05-20"}
    submission(
        tmp_path, "2024-06-14", CYP000=[may], CYP001=[], CYP101=[], CYP102=[], CYP201=[contact], CYP202=[], CYP612=[]
    )
    first, second = rows(taken(tmp_path))
    assert (second["local_id"], second["team"], second["activity"]) == (first["local_id"], "district_nursing", None)


def test_a_contact_missing_from_a_resubmission_of_its_month_is_withdrawn(tmp_path: Path) -> None:
    """The latest accepted submission of a period is the one that counts."""
    submission(tmp_path, CYP201=[CONTACT, {**CONTACT, "CARE CONTACT IDENTIFIER": "C2"}])
    submission(tmp_path, "2024-05-29")
    (gone,) = rows(taken(tmp_path), "withdrawn_by_resubmission")
    assert (gone["row_key"], gone["known_at"], gone["known_until"]) == ("RZC|C2", date(2024, 5, 15), date(2024, 5, 29))
    assert gone["feed"] == "2024-05-15:community_contact"


def test_referrals_are_time_on_a_caseload_where_asked_for(tmp_path: Path) -> None:
    discharged = {**REFERRAL, "SERVICE DISCHARGE DATE": "2024-04-28"}
    (row,) = rows(taken(submission(tmp_path, CYP101=[discharged]), caseloads=True), "referrals")
    assert (row["event_date"], row["end_date"], row["team"], row["team_id"]) == (date(2024, 3, 20), date(2024, 4, 28), "district_nursing", "T1")  # fmt: skip


def test_a_submission_that_does_not_fit_says_what_is_missing(tmp_path: Path) -> None:
    submission(tmp_path)
    (tmp_path / "2024-05-15").rename(tmp_path / "may")
    (tmp_path / "may" / "CYP101.csv").unlink()
    held = (tmp_path / "may" / "CYP201.csv").read_text().replace("CARE CONTACT DATE", "CARE CONTACT DAY")
    (tmp_path / "may" / "CYP201.csv").write_text(held)
    told = [str(fault) for fault in open_source(tmp_path).check()]
    assert len(told) == 3
    assert all(any(words in one for one in told) for words in ("received", "CYP101", "column CARE CONTACT DATE"))


def test_feeds_cover_their_month(tmp_path: Path) -> None:
    feed = open_source(submission(tmp_path)).feeds().to_pylist()[0]
    assert (feed["organisation"], feed["period_from"], feed["period_to"]) == ("RZC", date(2024, 4, 1), date(2024, 5, 1))
