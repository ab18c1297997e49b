"""Anybody scored has reasons, listed or not: from a run that the product itself made."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path

import pytest

from features.errors import Refused
from features.flags import FLAGS
from features.record.one_person import PROBABLE
from features.record.tables import PERSON_TABLES
from risk import keys, store
from risk.pseudonyms import Pseudonyms
from risk.run import flags, folder, reading, weekly
from risk.settings import Settings
from serving.shapes.lists import PracticeList
from serving.shapes.person import PersonRisk
from tests import released
from tests.records import feeds, record
from tests.service import TODAY, Service, serving

#: 60 people of one practice: ceil(0.02 x 60) = 2 of them are listed.
PEOPLE = range(1, 61)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    place = tmp_path_factory.mktemp("real")
    held = record(
        place / "record",
        about="simulated",
        person=[{"person_id": n, "birth_month": f"{1930 + n}-05-01"} for n in PEOPLE],
        registration=[{"person_id": n, "practice": "A81001"} for n in PEOPLE],
        spell=[
            {"person_id": 7, "event_date": "2024-03-02", "end_date": "2024-03-05", "admission_method": "21"},
            {"person_id": 8, "row_id": 90, "event_date": "2024-11-20", "end_date": None, "admission_method": "21"},
            {"person_id": 77, "row_id": 91, "event_date": "2024-11-21", "end_date": None, "admission_method": "21"},
        ],
        # 9 is by probability the hospital's 77
        person_link=[
            {"person_id": 9, "other_person_id": 77, "known_at": "2024-11-25", "reason": PROBABLE, "probability": 0.995}
        ],
        feed=feeds(
            *[table for table in PERSON_TABLES if table != "caseload"], known_at="2024-11-25", period_to="2024-11-25"
        ),
    )
    settings = Settings(
        home=place / "home", environment="test", today=TODAY, tracking=f"sqlite:///{place / 'none' / 'mlflow.db'}"
    )
    bundle = released.release(settings.bundles)
    store.open(settings).record_release(name=bundle.name, version=bundle.version, action="promote", by="a test", reason="", gates=[], bundle_sha256=bundle.sha256)  # fmt: skip
    asked = weekly.Asked(record=held, outcome="unplanned_admission", horizon=365, minimum_age=18, fraction=0.02, at=datetime.date(2024, 11, 30))  # fmt: skip
    weekly.run(asked, settings)
    with serving(settings) as service:
        yield service


def test_everybody_scored_has_reasons_that_add_up_to_their_score(real: Service) -> None:
    client = real.client("A81001")
    names = Pseudonyms(keys.held(real.settings).person, client["client_id"])
    bearer = real.bearer(client)
    answers = [real.http.get(f"/v1/persons/{names.of(n)}/risk", headers=bearer).json() for n in PEOPLE]
    assert all(PersonRisk.model_validate(answer) for answer in answers)
    assert sorted(answer["rank"] for answer in answers) == list(PEOPLE)
    assert sum(answer["listed"] for answer in answers) == 2
    for answer in answers:
        said = answer["reasons"]
        shown = sum(reason["contribution"] for reason in said["raises"] + said["lowers"])
        assert said["baseline"] + shown + said["rest"] == pytest.approx(said["raw"], abs=1e-6)


def test_a_listed_person_has_the_reasons_of_the_list(real: Service) -> None:
    bearer = real.bearer(real.client("A81001"))
    listed = real.http.get("/v1/practices/A81001/list", headers=bearer).json()
    assert PracticeList.model_validate(listed)
    for person in listed["people"]:
        assert (
            real.http.get(f"/v1/persons/{person['person']}/risk", headers=bearer).json()["reasons"] == person["reasons"]
        )


def test_everybody_scored_has_flags_of_four_values_and_none_says_no_for_want_of_data(real: Service) -> None:
    """8 is in hospital. 9 is so by a link of probability alone, which informs the score and is no fact. Nobody's caseload is
    known; nobody wrote anything of a plan; the hospital's list of 25 November says who is not in."""
    client = real.client("A81001")
    names = Pseudonyms(keys.held(real.settings).person, client["client_id"])
    bearer = real.bearer(client)
    told_of = {n: real.http.get(f"/v1/persons/{names.of(n)}/risk", headers=bearer).json()["flags"] for n in PEOPLE}
    for told in told_of.values():
        assert set(told) == {flag.name for flag in FLAGS} | {"identity_probable"}
        assert told["on_caseload"] == {"value": "no feed", "on": None}
        assert told["end_of_life_plan"] == {"value": "not recorded", "on": "2024-11-25"}
        assert told["care_home"]["value"] == "not recorded"
    assert told_of[8]["in_hospital"] == {"value": "yes", "on": "2024-11-20"}
    assert told_of[7]["in_hospital"] == told_of[9]["in_hospital"] == {"value": "no", "on": "2024-11-25"}
    probable = {n for n, told in told_of.items() if told["identity_probable"]["value"] == "yes"}
    assert probable == {9}
    listed = real.http.get("/v1/practices/A81001/list", headers=bearer).json()["people"]
    shown = {person["person"]: person["flags"] for person in listed}
    assert shown == {names.of(n): told for n, told in told_of.items() if names.of(n) in shown}


def test_a_run_from_before_flags_were_kept_says_null(real: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [name for name in folder.FILES if name != folder.FLAGS]
    held = folder.manifest(real.settings.runs, 1)
    monkeypatch.setattr(flags.folder, "manifest", lambda *_: {**held, "files": dict.fromkeys(files)})
    assert flags.of_person(real.settings.runs, {"number": 1}, 8) is None


def test_no_score_without_its_reasons(real: Service, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A predictor whose meaning has changed since cannot explain the score: better no answer than another number's words."""

    def changed(*_: object) -> None:
        raise Refused("declared otherwise today")

    client = real.client("A81001")
    bearer = real.bearer(client)
    listed = {
        person["person"] for person in real.http.get("/v1/practices/A81001/list", headers=bearer).json()["people"]
    }
    names = Pseudonyms(keys.held(real.settings).person, client["client_id"])
    unlisted = next(names.of(n) for n in PEOPLE if names.of(n) not in listed)
    monkeypatch.setattr(reading, "reasons", changed)
    answer = real.http.get(f"/v1/persons/{unlisted}/risk", headers=bearer)
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:frailty:problem:reasons-unavailable")
    assert "probability" not in answer.text
