"""Who joined a list, who left it and why, who moved: what a run keeps, and what of it whom may be told."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from features.record.permission import AllowAll, Purpose
from features.record.reader import Record
from features.record.writer import Transaction
from risk import register, store
from risk.run import folder, leaving, reading, saying, saying_changes, weekly
from risk.settings import Settings
from risk.store.hiding import Told
from tests import released
from tests.records import PRACTICE, always_fresh, record, table
from tests.service import serving

T = datetime.date(2024, 6, 1)
LISTED = pd.DataFrame([{"person_id": 1, "scheme": "ods", "practice": PRACTICE, "rank": 3}])


def scored(person: int, listed: bool, practice: str = PRACTICE) -> pd.DataFrame:
    rows = [{"person_id": person, "practice_scheme": "ods", "practice": practice, "listed": listed}]
    return pd.DataFrame(rows)


def why(folder: Path, scores: pd.DataFrame, otherwise: str = leaving.OTHER, **tables: Any) -> list[str]:
    held = record(folder, **{"registration": [{"practice": PRACTICE}], **tables})
    with Record(held, purpose="case_finding", follow="confirmed") as opened:
        return leaving.leavers(opened, T, LISTED, scores, otherwise)["reason"].to_pylist()


OTHERS = scored(2, listed=True)
ENDED = {"practice": PRACTICE, "end_date": "2024-05-01"}
# scores of this run, tables of the record, the reason kept (none: still listed)
REASONS: list[tuple[str, pd.DataFrame, dict[str, Any], list[str]]] = [
    ("still listed", scored(1, listed=True), {}, []),
    ("scored and no longer listed", scored(1, listed=False), {}, ["risk_fell"]),
    ("listed with another practice", scored(1, listed=True, practice="B86023"), {}, ["moved"]),
    ("scored with another practice", scored(1, listed=False, practice="B86023"), {}, ["moved"]),
    ("dead", OTHERS, {"death": [{"event_date": "2024-05-20"}]}, ["died"]),
    ("deducted for death", OTHERS, {"registration": [{**ENDED, "end_reason": "died"}]}, ["died"]),
    ("left the area", OTHERS, {"registration": [{**ENDED, "end_reason": "left_area"}]}, ["left_area"]),
    ("removed", OTHERS, {"registration": [{**ENDED, "end_reason": "removed"}]}, ["removed"]),
    ("registration ended, nobody says why", OTHERS, {"registration": [ENDED]}, ["not_registered"]),
    ("a death known only later", OTHERS, {"death": [{"event_date": "2024-05-20", "known_at": "2024-06-01"}]}, ["other"]),
    ("a temporary resident now", OTHERS, {"registration": [{**ENDED, "end_reason": "other"}, {"kind": "temporary", "event_date": "2024-05-02"}]},
     ["temporary"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("scores", "tables", "reason"), [case[1:] for case in REASONS], ids=[case[0] for case in REASONS]
)
def test_why_somebody_is_on_no_list_any_more(
    tmp_path: Path, scores: pd.DataFrame, tables: dict[str, Any], reason: list[str]
) -> None:
    assert why(tmp_path / "r", scores, **tables) == reason


def test_whom_an_outcome_leaves_out(tmp_path: Path) -> None:
    assert why(tmp_path / "r", OTHERS, leaving.IN_CARE_HOME) == ["in_care_home"]


def test_of_somebody_who_may_not_be_read_nothing_is_kept(tmp_path: Path) -> None:
    class NotOne(AllowAll):
        def barred_people(self, purpose: Purpose) -> Sequence[int]:
            return [1]

    held = record(tmp_path / "r", registration=[{"practice": PRACTICE}])
    with Record(held, purpose="case_finding", permissions=NotOne(), follow="confirmed") as opened:
        assert leaving.leavers(opened, T, LISTED, OTHERS).num_rows == 0


PEOPLE = range(1, 61)


@pytest.fixture
def installed(tmp_path: Path) -> tuple[Settings, Path]:
    """60 people; persons 1 to 4 were admitted three times each. The list holds ceil(0.05 x 60) = 3."""
    held = record(
        tmp_path / "record",
        about="simulated",
        person=[{"person_id": n, "birth_month": f"{1985 - n}-05-01" if n > 9 else "1930-05-01"} for n in PEOPLE],
        registration=[{"person_id": n, "practice": PRACTICE} for n in PEOPLE],
        spell=[{"person_id": n, "event_date": f"2024-0{m}-02", "end_date": f"2024-0{m}-05", "admission_method": "21"}
               for n in (1, 2, 3) for m in (3, 4, 5)],
        feed=always_fresh(),
    )  # fmt: skip
    settings = Settings(home=tmp_path / "home", today=datetime.date(2024, 12, 2), environment="test",
                        tracking=f"sqlite:///{tmp_path / 'none' / 'mlflow.db'}")  # fmt: skip
    bundle = released.release(settings.bundles)
    store.open(settings).record_release(
        name=bundle.name, version=1, action="promote", by="a test", reason="", gates=[], bundle_sha256=bundle.sha256
    )
    return settings, held


def publish(settings: Settings, held: Path, fraction: float = 0.05) -> int:
    reasons = dict.fromkeys(("stale", "feeds", "moved"), "a test")
    at = datetime.date(2024, 11, 30)
    return int(
        weekly.run(weekly.Asked(held, "unplanned_admission", 365, 18, fraction, at, reasons=reasons), settings)[
            "number"
        ]
    )


def listed(settings: Settings, number: int) -> list[int]:
    return [row["person_id"] for row in store.open(settings).practice_list(number, PRACTICE)]


def test_two_runs_compared_for_the_practice_and_for_others(
    installed: tuple[Settings, Path], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the three listed one dies and one objects. Two take their places; of the one who objects nothing is said but that one is
    not shown. Nobody outside the practice is told more than a death or a move, and here there is one death."""
    settings, held = installed
    first = publish(settings, held)
    assert reading.practice_changes(settings, PRACTICE)["previous"] is None
    dies, objects, stays = listed(settings, first)
    with Transaction(held) as transaction:
        transaction.add("death", table("death", [{"row_id": 900, "person_id": dies, "event_date": "2024-11-01"}]))
        transaction.add(
            "objection",
            table("objection", [{"row_id": 901, "person_id": objects, "event_date": "2024-11-02", "kind": "national"}]),
        )
        transaction.commit()
    second = publish(settings, held)
    opened = store.open(settings)
    run = opened.current_run()
    assert run is not None
    found = register.changes(opened, settings.runs, run, PRACTICE, "ods", to_the_practice=False)
    assert (found["run"], found["previous"], found["not_shown"]) == (second, first, 1)
    assert {row["person_id"] for row in found["joined"]} == set(listed(settings, second)) - {stays}
    assert [(row["person_id"], row["rank_before"], row["why"]) for row in found["left"]] == [(dies, 1, "died")]
    assert [(row["person_id"], row["rank_before"], row["rank"]) for row in found["moved"]] == [(stays, 3, 1)]
    kept = folder.person_row(settings.runs, second, folder.LEAVERS, objects)
    assert kept is None, "no run made after an objection holds anything about who objects"

    monkeypatch.setattr(saying.results, "width", 200)
    saying_changes.say_changes(reading.practice_changes(settings, PRACTICE))
    told = capsys.readouterr().out
    assert "left: died" in told
    assert "Not shown: 1 of the earlier list" in told
    with serving(settings) as service:
        headers = service.bearer(service.client(PRACTICE))
        answer = service.http.get(f"/v1/practices/{PRACTICE}/changes", headers=headers).json()
        assert [row["why"] for row in answer["left"]] == ["died"]
        assert (len(answer["joined"]), answer["previous"], answer["not_shown"]) == (len(found["joined"]), first, 1)
        assert "person_id" not in str(answer)
        assert service.http.get("/v1/practices/B86023/changes", headers=headers).status_code == 404
        assert [row["outcome"] for row in service.audited("list.changes")][-2:] == ["answered", "refused"]


def test_sections_of_a_run_outside_its_places_and_inside_by_setting(
    installed: tuple[Settings, Path], tmp_path: Path
) -> None:
    """Three places. Two of the highest three have a plan or live in a home: they are listed apart, and two others take their places."""
    settings, held = installed
    people = listed(settings, publish(settings, held))
    planned, at_home = people[:2]
    with Transaction(held) as transaction:
        transaction.add(
            "preference",
            table(
                "preference",
                [{"row_id": 900, "person_id": planned, "kind": "end_of_life_plan", "event_date": "2024-02-01"}],
            ),
        )
        transaction.add(
            "residence",
            table(
                "residence",
                [
                    {
                        "row_id": 901,
                        "person_id": at_home,
                        "kind": "care_home",
                        "care_home_id": "1-1",
                        "event_date": "2024-02-01",
                    }
                ],
            ),
        )
        transaction.commit()
    found = reading.practice_list(settings, PRACTICE, publish(settings, held))
    assert [person["rank"] for person in found["people"]] == [1, 2, 3, 4, 5]
    first = {(person["section"], person["home"]) for person in found["people"][:3]}  # the highest three tie
    assert first == {("end_of_life", None), ("care_home", 1), (None, None)}
    assert {person["section"] for person in found["people"][3:]} == {None}
    assert (found["k"], found["scored"], found["listed"]) == (3, 60, 5)
    assert {one["name"]: one["shown"] for one in found["sections"]} == {
        "end_of_life": 1,
        "care_home": 1,
        "little_history": 0,
    }
    (plan,) = [person for person in found["people"] if person["plan"]]
    assert plan["section"] == "end_of_life"
    assert not any(reason["actionable"] for reason in plan["reasons"]["raises"])
    saying.say_list(found)

    inside = settings.model_copy(update={"list_sections_inside": "end_of_life,care_home,little_history"})
    found = reading.practice_list(inside, PRACTICE, publish(inside, held))
    assert {(person["rank"] <= 3, person["section"]) for person in found["people"]} == {
        (True, "end_of_life"),
        (True, "care_home"),
        (True, None),
    }
    assert all(one["takes_places"] for one in found["sections"])


def test_what_the_practice_is_told_and_others_are_not_and_what_is_not_compared(
    installed: tuple[Settings, Path],
) -> None:
    """Three places, then two: the area made its lists shorter. Hidden since, nobody is told of them."""
    settings, held = installed
    first, second = publish(settings, held), publish(settings, held, fraction=0.02)
    (fell,) = set(listed(settings, first)) - set(listed(settings, second))
    opened = store.open(settings)
    run = opened.run(second)
    assert run is not None

    def left(run: dict[str, Any], *, to_the_practice: bool) -> tuple[int | None, list[tuple[int, str]], int]:
        found = register.changes(opened, settings.runs, run, PRACTICE, "ods", to_the_practice=to_the_practice)
        return found["previous"], [(row["person_id"], row["why"]) for row in found["left"]], found["not_shown"]

    shorter = "the area changed how long its lists are, or who takes their places"
    assert left(run, to_the_practice=True) == (first, [(fell, shorter)], 0)
    assert left(run, to_the_practice=False) == (first, [(fell, "no longer in scope")], 0)
    assert left({**run, "outcome": "any_admission"}, to_the_practice=True) == (None, [], 0)
    opened.tell([Told(fell, "opted_out", T, "a test", "a test")])
    assert left(run, to_the_practice=True) == (first, [], 1)


def test_who_lost_a_place_because_a_setting_changed(
    installed: tuple[Settings, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Harm: a practice is told that somebody's risk fell, and stops looking, when the area let others take the place."""
    settings, held = installed
    monkeypatch.setattr("risk.run.resuming.secrets", SimpleNamespace(token_bytes=bytes))  # ties fall alike in every run
    with Transaction(held) as transaction:
        transaction.add(
            "preference",
            table(
                "preference", [{"row_id": 901, "person_id": 1, "event_date": "2024-01-01", "kind": "end_of_life_plan"}]
            ),
        )
        transaction.commit()
    first = publish(settings, held)  # 1 is listed apart, and three others take the places
    second = publish(settings.model_copy(update={"list_sections_inside": "end_of_life"}), held)
    (lost,) = set(listed(settings, first)) - set(listed(settings, second))
    changed = reading.practice_changes(settings, PRACTICE, second, to_the_practice=True)
    assert [row["why"] for row in changed["left"]] == [
        "the area changed how long its lists are, or who takes their places"
    ]
    assert reading.practice_changes(settings, PRACTICE, second)["left"][0]["why"] == "no longer in scope"
    third = publish(
        settings.model_copy(update={"list_sections_inside": "end_of_life"}), held, 0.03
    )  # ceil(0.03 x 60) = 2
    changed = reading.practice_changes(settings, PRACTICE, third, to_the_practice=True)
    assert [row["why"] for row in changed["left"]] == [
        "the area changed how long its lists are, or who takes their places"
    ]
    assert lost not in listed(settings, third)


def test_sections_and_the_reasons_that_changed_most(
    installed: tuple[Settings, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """Harm: a team sees that somebody came onto the list, or moved, and must find out for itself what is new about them."""
    settings, held = installed
    publish(settings, held, 0.07)  # five places
    with Transaction(held) as transaction:
        stays = [{"row_id": 950 + m, "person_id": 30, "event_date": f"2024-0{m}-02", "end_date": f"2024-0{m}-05", "admission_method": "21"}
                 for m in range(3, 10)]  # fmt: skip
        transaction.add("spell", table("spell", stays))
        transaction.add(
            "preference",
            table(
                "preference", [{"row_id": 902, "person_id": 30, "event_date": "2024-01-01", "kind": "end_of_life_plan"}]
            ),
        )
        transaction.commit()
    second = publish(settings, held, 0.07)
    changed = reading.practice_changes(settings, PRACTICE, second)
    (joined,) = [row for row in changed["joined"] if row["section"] == "end_of_life"]
    first, *_ = joined["changed"]
    assert first["says"].startswith("emergency admissions in the last year: 7")
    assert first["contribution"] > (first["contribution_before"] or 0.0)
    assert len(joined["changed"]) <= 3
    saying_changes.say_changes(changed)
    printed = " ".join(capsys.readouterr().out.split())
    assert "Plan first" in printed
    assert "raises more" in printed
