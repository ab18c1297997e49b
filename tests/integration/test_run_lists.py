"""What a run keeps beside the practices' lists: lists of teams and networks, and what the frailty register proposes. On SQLite and on PostgreSQL."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

from features.errors import Refused, WrongUsage
from features.record.tables import PERSON_TABLES
from risk import care_homes, downtime, retention
from risk import store as stores
from risk.criteria import NAMES
from risk.frailty_register.reading import practice_register
from risk.organisations import import_file
from risk.run import folder, reading, reading_wider, weekly
from risk.run.reading_criteria import practice_criteria
from risk.run.reading_hospital_at_home import practice_at_home
from risk.run.saying_numbers import denominators
from risk.settings import Settings
from risk.store.hiding import Told
from tests import released
from tests.records import always_fresh, feeds, record
from tests.typed import typed

AT, TODAY = datetime.date(2024, 11, 30), datetime.date(2024, 12, 2)
PEOPLE = range(1, 91)
PRACTICES = ("A81001", "A81002", "A81003")
DIRECTORY = """
[[organisation]]
code = "U12345"
name = "North network"
kind = "network"
from = 2020-01-01
""" + "".join(
    f"""
[[organisation]]
code = "{practice}"
name = "Practice {practice}"
kind = "practice"
from = 2020-01-01
{'part_of = [{code = "U12345", from = 2020-01-01}]' if practice != "A81003" else ""}
"""
    for practice in PRACTICES
) + """
[[team]]
id = "north"
name = "North neighbourhood team"
kind = "neighbourhood"
organisation = "U12345"
capacity = 5
from = 2020-01-01
covers = [{practice = "A81001", from = 2020-01-01}, {practice = "A81003", from = 2020-01-01}]
"""  # fmt: skip


def made(settings: Settings, folder: Path, **more: Any) -> Path:
    """89 people of 31 to 95, and a child, in three practices, 30 in each; every third was admitted. Persons 1 and 2 (94 and 93) have a Clinical Frailty Scale of 6
    and a recorded index of 0.05; the model is live and the directory is in the store."""
    held = record(
        folder / "record",
        about="simulated",
        person=[{"person_id": n, "birth_month": f"{2014 if n == 90 else 1929 + n * 64 // 90}-05-01"} for n in PEOPLE],
        registration=[{"person_id": n, "practice": PRACTICES[n % 3]} for n in PEOPLE],
        spell=[{"person_id": n, "event_date": f"2024-0{m}-02", "end_date": f"2024-0{m}-05", "admission_method": "21"}
               for n in PEOPLE for m in range(1, 2 + n % 5)],
        assessment=[{"person_id": 1, "event_date": "2024-05-01", "tool": "cfs", "score": 6},
                    {"person_id": 2, "event_date": "2024-05-01", "tool": "efi", "score": 0.05}],
        caseload=[{"person_id": 3, "event_date": "2024-11-20", "team": "virtual_ward"},
                  {"person_id": 6, "event_date": "2024-11-10", "team": "virtual_ward"},
                  {"person_id": 9, "event_date": "2024-11-15", "team": "district_nursing"}],
        gp_event=[{"person_id": 6, "event_date": "2024-05-01", "code": "160689007"}],
        **{"feed": always_fresh(), **more},
    )  # fmt: skip
    bundle, store = released.release(settings.bundles), stores.open(settings)
    store.record_release(name=bundle.name, version=1, action="promote", by="a test", reason="", gates=[], bundle_sha256=bundle.sha256)  # fmt: skip
    (folder / "directory.toml").write_text(DIRECTORY)
    import_file(store, folder / "directory.toml")
    store.close()
    return held


def publish(settings: Settings, held: Path, fraction: float = 0.05) -> int:
    reasons = dict.fromkeys(("stale", "feeds", "moved"), "a test")
    return int(weekly.run(weekly.Asked(held, "unplanned_admission", 365, 18, fraction, AT, reasons=reasons), settings)["number"])  # fmt: skip


@pytest.fixture
def installed(store_settings: Settings, tmp_path: Path) -> tuple[Settings, Path]:
    settings = store_settings.model_copy(
        update={"today": TODAY, "list_over": "network", "tracking": f"sqlite:///{tmp_path / 'none' / 'mlflow.db'}"}
    )
    return settings, made(settings, tmp_path)


def test_lists_of_teams_and_networks_are_kept_in_the_run(installed: tuple[Settings, Path]) -> None:
    """Harm: a team works from lists that it put together itself, with people of one practice crowding out another's; nobody can say later who
    was on it, or of how many."""
    settings, held = installed
    number = publish(settings, held)
    store = stores.open(settings)
    alone = {practice: reading.practice_list(settings, practice) for practice in PRACTICES}
    network, team = (
        reading_wider.wider_list(settings, kind, code) for kind, code in (("network", "U12345"), ("team", "north"))
    )
    assert network["practices"] == ["A81001", "A81002"]
    for total in ("scored", "registered"):
        assert network[total] == alone["A81001"][total] + alone["A81002"][total]
    assert (network["k"], network["listed"], network["capacity"]) == (
        3,
        3,
        None,
    )  # ceil(0.05 x 59), where the practices' hold 2 each
    assert (team["k"], team["listed"], team["capacity"], team["scored"]) == (5, 5, 5, 59)
    assert {row["practice"] for row in team["people"]} <= {"A81001", "A81003"}
    probabilities = [row["probability"] for row in team["people"]]
    assert probabilities == sorted(probabilities, reverse=True)
    assert [row["rank"] for row in team["people"]] == [1, 2, 3, 4, 5]
    assert all(row["reasons"]["raises"] and row["flags"] for row in team["people"]), (
        "reasons of whoever a team's list alone names too"
    )
    assert [row["list"] for row in store.wider_lists(number)] == ["network-1", "team-2"]
    assert len(store.practice_list(number, "A81001")) == 2, "the practice's own list is as it was"
    hidden = store.wider_people(number, "team-2")[0]["person_id"]
    store.tell([Told(hidden, "died_informal", TODAY, "api", "a test")])
    after = reading_wider.wider_list(settings, "team", "north")
    assert (len(after["people"]), after["withheld"], after["listed"]) == (4, 1, 5)
    with pytest.raises(WrongUsage, match="organisation directory"):
        reading_wider.wider_list(settings, "team", "south")


def test_a_teams_list_as_typed(installed: tuple[Settings, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Harm: a list without its denominator, its cut or what it is not for is taken into a meeting."""
    settings, held = installed
    publish(settings, held)
    for name, value in {"HOME": settings.home, "STORE": settings.store, "TODAY": TODAY, "ENVIRONMENT": "test"}.items():
        monkeypatch.setenv(f"FRAILTY_{name}", str(value))
    output = " ".join(typed("list", "--team", "north").output.split())
    for said in ("Priority list of team north (North neighbourhood team)", "5 listed of 59 people scored in 2 practices", "as many as the team can take on",
                 "Risk at the cut", "not for placement, funding"):  # fmt: skip
        assert said in output
    for wrong in ((), ("--team", "north", "--practice", "A81001"), ("--team", "north", "--changes")):
        assert typed("list", *wrong).exit_code != 0


def test_lists_by_criteria_are_kept_in_the_run(installed: tuple[Settings, Path]) -> None:
    """Harm: somebody housebound with a low score is on no list; somebody who died since is called on; a list does not say of how many it knows."""
    settings, held = installed
    number = publish(settings, held)
    store = stores.open(settings)
    found = practice_criteria(settings, "A81001", "housebound")
    assert [row["because"] for row in found["people"]] == [["recorded as housebound"]]
    assert [(one["name"], one["met"], one["unknown"], one["scored"]) for one in found["criteria"]] == [
        ("housebound", 1, 0, 29)
    ]
    every = practice_criteria(settings, "A81002")
    assert every["people"] is None
    assert {one["name"] for one in every["criteria"]} == set(NAMES)
    unseen = next(one for one in every["criteria"] if one["name"] == "unseen_at_75")
    assert unseen["met"] == sum(PRACTICES[n % 3] == "A81002" and 2024 - (1929 + n * 64 // 90) >= 75 for n in PEOPLE)
    assert (len(store.criterion_people(number, "unseen_at_75", "A81002")), unseen["unknown"]) == (unseen["met"], 0)
    store.tell([Told(6, "died_informal", TODAY, "api", "a test")])
    assert practice_criteria(settings, "A81001", "housebound")["people"] == []
    with pytest.raises(WrongUsage, match="--name"):
        practice_criteria(settings, "A81001", "frequent_attenders")


def test_hospital_at_home_is_a_list_of_its_own_kind_by_admission_and_never_by_the_score(
    installed: tuple[Settings, Path],
) -> None:
    """Harm: a score moves somebody up or down a list of clinical admissions; or the list of last month is read as today's."""
    settings, held = installed
    publish(settings, held)
    found = practice_at_home(settings, "A81001")
    assert [(row["since"], row["told_by"]) for row in found["people"]] == [
        ("2024-11-10", "caseload"),
        ("2024-11-20", "caseload"),
    ]
    assert "rank" not in found["people"][0]
    assert all(reach["fresh"] for reach in found["feeds"].values())
    assert practice_at_home(settings, "A81002")["people"] == []
    store = stores.open(settings)
    store.tell([Told(6, "died_informal", TODAY, "api", "a test")])
    assert len(practice_at_home(settings, "A81001")["people"]) == 1


def test_a_list_says_who_of_the_practice_was_not_scored(installed: tuple[Settings, Path]) -> None:
    """Harm: a practice takes its list for one of everybody registered. The numbers add up."""
    settings, held = installed
    publish(settings, held)
    told = {practice: reading.practice_list(settings, practice) for practice in PRACTICES}
    assert told["A81001"]["not_scored"] == {"under_age": 1}  # person 90
    for one in told.values():
        assert one["registered"] == one["scored"] + sum(one["not_scored"].values())


def test_each_care_home_has_measures_of_its_own_and_none_of_what_no_feed_tells(
    store_settings: Settings, tmp_path: Path
) -> None:
    """A81001 has residents 3 and 6 of one home, A81002 residents 1 and 4 of the same and 7 of another; plans and attendances come of A81001 alone. Harm: a home
    whose residents' plans nobody sends looks as if it had none; what one practice knows of a home is told to another."""
    settings = store_settings.model_copy(update={"today": TODAY, "tracking": f"sqlite:///{tmp_path / 'none' / 'mlflow.db'}"})  # fmt: skip
    homes = {3: "north", 6: "north", 1: "north", 4: "north", 7: "south"}
    here = ("preference", "ed_attendance")
    held = made(
        settings, tmp_path,
        residence=[{"person_id": person, "kind": "care_home", "care_home_id": home} for person, home in homes.items()],
        preference=[{"person_id": 3, "kind": "respect", "event_date": "2024-02-01"}],
        ed_attendance=[{"person_id": 6, "event_date": "2024-03-01"}],
        feed=[row for row in always_fresh(*PERSON_TABLES) if row["table_name"] not in here] + feeds(*here, covers="A81001", known_at="2024-11-29"),
    )  # fmt: skip
    publish(settings, held)
    store = stores.open(settings)
    of = {row["practice"]: (row["details"] or {})["homes"] for row in store.practices(1)}
    store.close()
    assert [{name: home[name] for name in ("residents", "emergency_admissions", "ed_attendances", "plans")} for home in of["A81001"]] == [
        {"residents": 2, "emergency_admissions": 4 + 2, "ed_attendances": 1, "plans": {"yes": 1, "no_feed": 0, "not_recorded": 1, "no": 0}},
    ]  # fmt: skip
    elsewhere = sorted(of["A81002"], key=lambda home: -home["residents"])
    assert [(home["residents"], home["emergency_admissions"], home["ed_attendances"], home["plans"]["no_feed"]) for home in elsewhere] == [
        (2, 2 + 5, None, 2), (1, 3, None, 1),
    ]  # fmt: skip
    assert of["A81003"] == []
    (section,) = [one for one in reading.practice_list(settings, "A81002")["sections"] if one["name"] == "care_home"]
    assert "not known: A&E attendances" in care_homes.said(section["homes"][0])
    downtime.copy(settings, tmp_path / "copies")
    sheets = {code: (tmp_path / "copies" / f"ods-{code}.html").read_text() for code in PRACTICES}
    assert "Home 1, as at the run: 2 residents of the practice" in sheets["A81001"]
    assert "a plan made ahead: yes 1, no feed 0, not recorded 1, no 0" in sheets["A81001"]
    assert ["as at the run" in sheets[code] for code in PRACTICES] == [True, True, False]


def test_the_register_proposes_from_the_record_that_the_run_read(installed: tuple[Settings, Path]) -> None:
    """Harm: the register is filled from another day's record than the lists, or from the score."""
    settings, held = installed
    publish(settings, held)
    found = {practice: practice_register(settings, practice) for practice in PRACTICES}
    (one,) = found["A81002"]["people"]  # person 1; person 2 is fit by the practice's own index
    assert (one["proposed"], one["state"], next(basis["says"] for basis in one["rests_on"])) == (
        "moderate",
        "waiting",
        "Clinical Frailty Scale 6",
    )
    assert found["A81003"]["people"] == []
    assert all(one["missing"] == {"feeds": {}, "says": None} for one in found.values())
    aged = sum(held["counts"]["people"] for held in found.values())
    assert aged == sum(2024 - (1929 + n * 64 // 90) >= 65 for n in PEOPLE)
    assert all(row["counts"]["frail"] == 0 for row in found.values())


def test_full_scores_of_older_runs_go_and_their_lists_stay(tmp_path: Path) -> None:
    """Harm: the disk fills with everybody's numbers and the week's run fails; or an old list can no longer be read when somebody asks why."""
    settings = Settings(home=tmp_path / "home", environment="test", today=TODAY, full_score_runs=2, tracking=f"sqlite:///{tmp_path / 'none' / 'mlflow.db'}")  # fmt: skip
    held = made(settings, tmp_path)
    numbers = [publish(settings, held) for _ in range(3)]
    store = stores.open(settings)
    before = reading.practice_list(settings, "A81001", 1)
    unlisted = next(n for n in PEOPLE if n not in {row["person_id"] for row in store.listed_people(1)} and n % 3 == 0)
    assert reading.reasons(settings, 1, unlisted) is not None
    past = retention.past(settings, store, TODAY)
    assert {name: [one.name for one in things] for name, things in past.items() if things} == {"full_scores": ["run 1"]}
    retention.remove(past)
    assert retention.past(settings, store, TODAY)["full_scores"] == []
    kept = {path.name for path in (settings.runs / "1").iterdir()}
    assert kept == {"run.json", "scores.parquet", "leavers.parquet"}
    told = folder.manifest(settings.runs, 1)
    assert {name: one["on"] for name, one in told["removed"].items()} == dict.fromkeys(("contributions.parquet", "values.parquet", "flags.parquet"), str(TODAY))  # fmt: skip
    assert folder.faults(settings.runs, 1) == []
    assert reading.practice_list(settings, "A81001", 1)["people"] == before["people"]
    with pytest.raises(Refused, match="full_score_runs"):
        reading.reasons(settings, 1, unlisted)
    assert all((settings.runs / str(number) / "values.parquet").is_file() for number in numbers[1:])


def test_a_practices_list_is_as_long_as_its_team_can_take_on_and_says_so(installed: tuple[Settings, Path]) -> None:
    """Harm: the list is longer than the team's week, or shorter and nobody can tell by which rule; or somebody is said to be at lower risk because the team shrank."""
    settings, held = installed
    most = settings.model_copy(update={"list_capacity": {"A81001": 6}})
    publish(most, held)
    found = {practice: reading.practice_list(most, practice) for practice in PRACTICES}
    assert [(found[one]["k"], found[one]["capacity"]) for one in PRACTICES] == [
        (6, 6),
        (2, None),
        (2, None),
    ]  # ceil(0.05 x 30)
    assert len(found["A81001"]["people"]) == 6
    assert "as many as the team can take on (6)" in " ".join(denominators(found["A81001"]))
    assert "by the area's share" in " ".join(denominators(found["A81002"]))
    publish(settings, held)
    changes = reading.practice_changes(settings, "A81001")
    assert [row["why"] for row in changes["left"]] == ["no longer in scope"] * 4
    told = reading.practice_changes(settings, "A81001", to_the_practice=True)
    assert {row["why"] for row in told["left"]} == {
        "the area changed how long its lists are, or who takes their places"
    }
    with pytest.raises(WrongUsage, match="list_capacity"):
        publish(settings.model_copy(update={"list_capacity": {"A81001": 6, "Z99999": 1}}), held)
