"""A wrong link from end to end: into a list, found out, separated, and who saw it; and what a person decides of the pile."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from features.errors import BadInput, Refused, WrongUsage
from features.linkage import links
from features.linkage.links import Link
from features.linkage.matching import LEVELS
from features.record.one_person import PROBABLE
from risk import audit, cli, keys, operator, store, telling
from risk.linkage import deciding, numbers, rotating, working
from risk.linkage.opening import Names
from risk.run import folder, reading, saying, weekly
from risk.settings import Settings
from risk.store.hiding import UNLINKED, Told
from tests import released
from tests.extracts import Place, extract, feed, nhs
from tests.records import PRACTICE

AT = datetime.date(2024, 11, 30)
WEEK = datetime.timedelta(days=7)
PEOPLE = 55


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(home=tmp_path / "home", today=AT)
    bundle = released.release(made.bundles)
    store.open(made).record_release(
        name=bundle.name, version=bundle.version, action="promote", by="a test", reason="", gates=[], bundle_sha256=bundle.sha256
    )  # fmt: skip
    return made


@pytest.fixture
def place(settings: Settings, tmp_path: Path) -> Place:
    """55 people with one practice, alike but in age (the last is the youngest); the council knows somebody without an NHS number, who had six
    emergency admissions."""
    known = {"known_at": "2024-11-25"}
    people = [{"nhs_number": nhs(n), "birth_month": f"{1930 + n // 2}-05-01", **known} for n in range(1, PEOPLE + 1)]
    council = {"nhs_number": "", "local_id": "L", **known}
    stays = [{**council, "event_date": f"2024-0{month}-01", "end_date": f"2024-0{month}-03", "admission_method": "21"}
             for month in range(3, 9)]  # fmt: skip
    tables: dict[str, Any] = {
        "person": [*people, {**council, "birth_month": "1957-05-01"}],
        "registration": [{"nhs_number": nhs(n), "event_date": "2000-01-01", **known} for n in range(1, PEOPLE + 1)],
        "residence": [
            {"nhs_number": nhs(n), "event_date": "2000-01-01", "imd_decile": 5, **known} for n in range(1, PEOPLE + 1)
        ],
        "spell": stays,
    }
    delivered = [feed(name, known_at="2024-11-25", period_to="2024-11-25") for name in tables]
    place = Place(settings.home)
    place.take(extract(tmp_path / "extract", feeds=delivered, about="simulated", **tables))
    return place


def find(place: Place, number: int | None = None) -> int:
    """The person with an NHS number, or the council's."""
    import pyarrow as arrow

    with place.identity() as identity:
        given = [
            arrow.array([value], arrow.string()) for value in (nhs(number) if number else None, None if number else "L")
        ]
        return int(identity.find(given[0], "native", given[1])[0])


def ran(settings: Settings, place: Place, at: datetime.date = AT) -> dict[str, Any]:
    asked = weekly.Asked(place.record, "unplanned_admission", 365, 18, 0.02, at)
    return weekly.run(asked, settings)


def listed(settings: Settings, number: int | None = None) -> list[dict[str, Any]]:
    return reading.practice_list(settings, PRACTICE, number)["people"]


@pytest.fixture
def linked(settings: Settings, place: Place) -> tuple[Settings, Place, int, int]:
    """The youngest person linked, by probability, with the council's somebody."""
    young, other = find(place, PEOPLE), find(place)
    with place.identity() as identity:
        links.add(place.record, identity, [Link(young, other, True, PROBABLE, 0.995)], datetime.date(2024, 11, 25))
    return settings, place, young, other


def test_a_probable_link_moves_the_list_and_says_so(
    linked: tuple[Settings, Place, int, int], capsys: pytest.CaptureFixture[str]
) -> None:
    settings, place, young, _ = linked
    run = ran(settings, place)
    first = listed(settings)[0]
    assert first["person"] == Names.of(settings).short(young)
    assert first["flags"]["identity_probable"]["value"] == "yes"
    assert [person["flags"]["identity_probable"]["value"] for person in listed(settings)[1:]] == [
        "no"
    ]  # 2% of 55: 2 places
    says = {reason["predictor"]: reason for reason in first["reasons"]["raises"]}["emergency_admissions_1y"]
    assert says["says"].endswith("rests on records not yet confirmed to be this person's")
    assert says["value"] is None
    assert run["counts"]["identity"] == {"probable": 1, "probable_listed": 1, "expected_wrong": 0.01}
    saying.say_run(run)
    assert "of 1 people scored, 1 listed; by the model 0.01 of the links are wrong" in capsys.readouterr().out
    # The same of somebody asked about by id, listed or not.
    asked = reading.reasons(settings, run["number"], young)
    assert asked is not None
    assert [(reason["says"], reason["value"]) for reason in asked["raises"]] == [
        (reason["says"], reason["value"]) for reason in first["reasons"]["raises"]
    ]


def test_the_reasons_of_several_are_those_of_each(linked: tuple[Settings, Place, int, int]) -> None:
    """Read at once, for the register's changes, and one by one, for a person: the harm is one person's reasons beside another."""
    settings, place, young, _ = linked
    number = ran(settings, place)["number"]
    people = [young, find(place, 1), find(place, 2)]
    together = reading.reasons_of(settings, number, [*people, 1])
    assert together == {one: reading.reasons(settings, number, one) for one in people}
    assert together[people[1]] != together[young]
    assert reading.reasons(settings, number, 1) is None


def test_a_wrong_link_undone(linked: tuple[Settings, Place, int, int]) -> None:
    settings, place, young, other = linked
    names = Names.of(settings)
    first = ran(settings, place)
    shown = listed(settings)[0]["person"]
    done = deciding.unlink(settings, place.record, shown, names.short(other))
    # Which run showed the person, and who saw it.
    assert [(row["run"], row["person_id"], row["listed"]) for row in done["runs"]] == [(first["number"], shown, True)]
    assert [(row["action"], row["run"]) for row in done["seen"]] == [("list", first["number"])]
    # Not shown from the run that there was, which is itself as it was published.
    assert shown not in [person["person"] for person in listed(settings)]
    assert store.open(settings).person(first["number"], young) is None
    assert folder.faults(settings.runs, first["number"]) == []
    # A backup made before says nothing of it: the journal beside does, and a restore tells it again.
    store.open(settings).tell([Told(young, UNLINKED, AT, "separated", operator.name(), False)])
    assert store.open(settings).person(first["number"], young) is not None
    assert telling.again(settings, store.open(settings), None)["hidden"] == 1
    assert store.open(settings).person(first["number"], young) is None
    # Two people from the day of that run on, so that the run itself reads as it did.
    assert done["known_at"] == str(AT)
    again = ran(settings, place)
    raw = [folder.person_row(settings.runs, run["number"], folder.SCORES, young) for run in (first, again)]
    assert raw[0] is not None
    assert raw[1] is not None
    assert raw[0]["raw"] == raw[1]["raw"]
    later = ran(settings, place, AT + WEEK)
    assert later["counts"]["identity"]["probable"] == 0
    assert shown not in [person["person"] for person in listed(settings)]
    scored = store.open(settings).person(later["number"], young)
    assert scored is not None
    assert scored["band"] == "low"
    assert audit.Audit(store.open(settings), keys.held(settings).audit, settings).verify().faults == ()
    with pytest.raises(WrongUsage, match="two already"):
        deciding.unlink(settings, place.record, shown, names.short(other))


def waiting(place: Place, one: int, other: int) -> None:
    row = {
        "other_person_id": other,
        "person_id": one,
        "probability": 0.8,
        "standing": "uncertain",
        "why": "not sure enough",
    }
    with place.identity() as identity:
        identity.pile.put(pd.DataFrame([{**row, **dict.fromkeys(LEVELS, "same"), "postcode": "differs"}]), AT)
        identity.commit()


def test_the_pile_shows_no_value_and_a_person_decides(settings: Settings, place: Place) -> None:
    young, other = find(place, PEOPLE), find(place)
    waiting(place, young, other)
    pile = working.uncertain(settings)
    (pair,) = pile["pairs"]
    assert pair["agreement"] == {**dict.fromkeys(LEVELS, "same"), "postcode": "differs"}
    assert (pair["probability"], pair["why"]) == (0.8, "not sure enough")
    ran(settings, place)
    assert Names.of(settings).short(young) not in [person["person"] for person in listed(settings)]
    deciding.decide(settings, place.record, pair["person"], pair["other"], same=True)
    assert working.uncertain(settings)["waiting"] == 0
    run = ran(settings, place, AT + WEEK)
    first = listed(settings)[0]
    assert (first["person"], first["flags"]["identity_probable"]["value"]) == (pair["person"], "no")
    assert run["counts"]["identity"]["probable"] == 0
    with pytest.raises(Refused, match="--unlink"):
        deciding.decide(settings, place.record, pair["person"], pair["other"], same=False)


def test_who_was_rejected_may_be_confirmed_later_and_it_counts(settings: Settings, place: Place) -> None:
    """Of one day: the second word counts from the day after."""
    young, other = find(place, PEOPLE), find(place)
    waiting(place, young, other)
    (pair,) = working.uncertain(settings)["pairs"]
    ids = (pair["person"], pair["other"])
    assert deciding.decide(settings, place.record, *ids, same=False)["known_at"] == "2024-11-25"
    assert working.uncertain(settings)["waiting"] == 0
    assert deciding.decide(settings, place.record, *ids, same=True)["known_at"] == "2024-11-26"
    assert ran(settings, place)["counts"]["listed"] == 2
    assert listed(settings)[0]["person"] == ids[0]


@pytest.mark.parametrize(
    ("ids", "says"), [(("abc", "abcdefgh"), "8 or more letters"), (("aaaaaaaa", "bbbbbbbb"), "nobody of those")]
)
def test_ids_that_name_nobody(settings: Settings, place: Place, ids: tuple[str, str], says: str) -> None:
    with pytest.raises(WrongUsage, match=says):
        deciding.decide(settings, place.record, *ids, same=True)


def test_merged_and_split_nhs_numbers_are_followed(settings: Settings, place: Place, tmp_path: Path) -> None:
    """The oldest person's number is superseded by the next's; a week later it is found that the two are two."""
    file = tmp_path / "numbers.csv"
    scored = []
    for week, what in enumerate(("merged", "merged", "split")):
        file.write_text(f"nhs_number,other_nhs_number,what\n{nhs(2)},{nhs(1)},{what}\n{nhs(3)},{nhs(900)},merged\n")
        found = numbers.follow(settings, place.record, file)
        scored.append(
            (
                found["merged"],
                found["split"],
                found["unknown"],
                ran(settings, place, AT + week * WEEK)["counts"]["scored"],
            )
        )
    assert scored == [(1, 0, 1, PEOPLE - 1), (0, 0, 1, PEOPLE - 1), (0, 1, 1, PEOPLE)]


@pytest.mark.parametrize("line", ["1,2,merged", f"{nhs(1)},{nhs(1)},merged", f"{nhs(1)},{nhs(2)},lost"])
def test_a_file_of_numbers_that_does_not_fit(settings: Settings, place: Place, tmp_path: Path, line: str) -> None:
    file = tmp_path / "numbers.csv"
    file.write_text(f"nhs_number,other_nhs_number,what\n{line}\n")
    with pytest.raises(BadInput, match=r"row 2.*nothing was written") as caught:
        numbers.follow(settings, place.record, file)
    assert nhs(1) not in str(caught.value)


def test_the_command(settings: Settings, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRAILTY_HOME", str(settings.home))
    monkeypatch.setenv("FRAILTY_TODAY", str(AT))
    waiting(place, find(place, PEOPLE), find(place))
    run = CliRunner().invoke
    told = run(cli.app, ["link", "--record", str(place.record), "--uncertain", "--json"])
    assert told.exit_code == 0, told.output
    (pair,) = json.loads(told.stdout)["pairs"]
    decided = run(
        cli.app, ["link", "--record", str(place.record), "--confirm", pair["person"], pair["other"], "--json"]
    )
    assert json.loads(decided.stdout)["decided"] == "confirmed"
    both = run(cli.app, ["link", "--record", str(place.record), "--uncertain", "--report"])
    assert isinstance(both.exception, WrongUsage)


def test_a_new_key_changes_every_token_and_nothing_else(linked: tuple[Settings, Place, int, int]) -> None:
    settings, place, young, _ = linked
    run = ran(settings, place)
    shown = [person["person"] for person in listed(settings)]
    old_key, record = settings.identity_key_file.read_bytes(), place.contents()
    with place.identity() as identity:
        before = identity.contents()
    done = rotating.rotate(settings)
    with place.identity() as identity:
        after = identity.contents()
    assert settings.identity_key_file.read_bytes() != old_key
    assert not before.tokens & after.tokens
    assert (after.says, after.people) == (before.says, before.people)
    assert done == {"key_file": str(settings.identity_key_file), "people": PEOPLE + 1, "tokens": len(before.tokens),
                    "says": before.says, "runs": 1, "audit_rows": done["audit_rows"]}  # fmt: skip
    assert find(place, PEOPLE) == young
    assert place.contents() == record
    assert folder.faults(settings.runs, run["number"]) == []
    assert [person["person"] for person in listed(settings)] == shown
    # Rows that come afterwards are of the same people.
    again = ran(settings, place)
    assert again["counts"] == run["counts"]


def test_no_rotation_where_a_run_is_at_fault_already(linked: tuple[Settings, Place, int, int]) -> None:
    settings, place, *_ = linked
    run = ran(settings, place)
    scores = settings.runs / str(run["number"]) / folder.SCORES
    scores.chmod(0o640)
    scores.write_bytes(b"")
    key = settings.identity_key_file.read_bytes()
    with pytest.raises(Refused, match=r"not rotated: run 1: .* is not as it was published"):
        rotating.rotate(settings)
    assert settings.identity_key_file.read_bytes() == key
