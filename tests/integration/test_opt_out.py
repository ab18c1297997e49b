"""Somebody who objects is in nothing that is made after it is known, and is shown no more from what was made before.

The walk goes over every table of the record as a reader sees it, every file of a run, and every answer, so that a table or an
output that is new is walked too.
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet
import pytest

from features import matrix
from features.cohort import CohortRules, cohort
from features.record.permission import Purpose
from features.record.reader import Record
from features.record.tables import PERSON_TABLES
from features.record.writer import Transaction
from risk import hiding, store
from risk.permissions import permissions
from risk.run import folder, reading, weekly
from risk.settings import Settings
from tests import released
from tests.records import Row, always_fresh, record, table
from tests.service import serving

AT = datetime.date(2024, 11, 30)
PRACTICE = "A81001"
#: Born first, admitted oftenest: at the head of the list.
OBJECTOR = 1


@pytest.fixture
def held(tmp_path: Path) -> Path:
    """Sixty people of one practice; person 1 and 2 were admitted three times each."""
    people = range(1, 61)
    return record(
        tmp_path / "record",
        about="simulated",
        person=[{"person_id": n, "birth_month": f"{1925 + n % 60}-05-01"} for n in people],
        registration=[{"person_id": n, "practice": PRACTICE} for n in people],
        spell=[{"person_id": n, "event_date": f"2024-0{m}-02", "end_date": f"2024-0{m}-05", "admission_method": "21"}
               for n in (1, 2) for m in (3, 4, 5)],
        feed=always_fresh(),
    )  # fmt: skip


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(home=tmp_path / "home", today=datetime.date(2024, 12, 2), environment="test",
                    tracking=f"sqlite:///{tmp_path / 'none' / 'mlflow.db'}")  # fmt: skip
    bundle = released.release(made.bundles)
    store.open(made).record_release(
        name=bundle.name, version=1, action="promote", by="a test", reason="", gates=[], bundle_sha256=bundle.sha256
    )
    return made


def publish(held: Path, settings: Settings) -> int:
    reasons = {"stale": "a test", "feeds": "a test", "moved": "a test"}
    asked = weekly.Asked(held, "unplanned_admission", 365, 18, 0.05, at=AT, reasons=reasons)
    return int(weekly.run(asked, settings)["number"])


def adds(held: Path, **rows: list[Row]) -> None:
    with Transaction(held) as transaction:
        for name, given in rows.items():
            transaction.add(name, table(name, given))
        transaction.commit()


# how the objection becomes known
HOW: dict[str, dict[str, list[Row]]] = {
    "national, by file": {"objection": [{"row_id": 900, "event_date": "2024-12-01", "kind": "national"}]},
    "type 1, by code": {"gp_event": [{"row_id": 900, "event_date": "2024-12-01", "code": "827241000000103"}]},
    "by somebody who is the same person": {
        "person_link": [{"row_id": 900, "person_id": OBJECTOR, "other_person_id": 77}],
        "objection": [{"row_id": 901, "person_id": 77, "event_date": "2024-12-01", "kind": "local"}],
    },
}


@pytest.mark.parametrize("how", HOW)
def test_an_objector_is_in_nothing_new_and_shown_no_more_from_what_is_old(
    held: Path, settings: Settings, how: str
) -> None:
    first = publish(held, settings)
    before = reading.practice_list(settings, PRACTICE, first)
    place = [entry["person_id"] for entry in store.open(settings).practice_list(first, PRACTICE)].index(OBJECTOR)
    adds(held, **HOW[how])
    hiding.refresh(settings, store.open(settings), held)

    after = reading.practice_list(settings, PRACTICE, first)
    assert (len(after["people"]), after["withheld"]) == (len(before["people"]) - 1, 1)
    assert [person for person in before["people"] if person not in after["people"]] == [before["people"][place]]
    assert store.open(settings).person(first, OBJECTOR) is None
    assert store.open(settings).person(first, 2) is not None

    second = publish(held, settings)
    made = sorted(path.name for path in (settings.runs / str(second)).glob("*.parquet"))
    assert made == sorted(folder.FILES)
    for file in made:
        rows = parquet.read_table(settings.runs / str(second) / file)
        assert OBJECTOR not in rows["person_id"].to_pylist(), file
        assert len(rows) == 59 or file not in folder.OF_EVERYBODY
    assert OBJECTOR not in {entry["person_id"] for entry in store.open(settings).practice_list(second, PRACTICE)}


@pytest.mark.parametrize("purpose", ["case_finding", "training", "evaluation", "planning"])
def test_no_table_and_no_predictor_of_any_purpose_holds_an_objector(
    held: Path, settings: Settings, purpose: Purpose
) -> None:
    adds(held, **HOW["national, by file"])
    with Record(held, purpose=purpose, permissions=permissions(settings, held)) as opened:
        for name in PERSON_TABLES:
            found = opened.connection.execute(f"SELECT DISTINCT person_id FROM {name}").fetchall()
            assert (OBJECTOR,) not in found, name
        people = cohort(opened, [AT], CohortRules(objections=opened.objections))
        rows = matrix.build(opened, people, named()).rows
    assert len(rows) == 59
    assert OBJECTOR not in set(rows["person_id"])


def named() -> Any:
    from features.predictors import named as declared

    return declared(released.NAMES)


def test_the_service_shows_an_objector_to_nobody_and_an_old_etag_gives_a_new_answer(
    held: Path, settings: Settings
) -> None:
    publish(held, settings)
    with serving(settings) as service:
        client = service.client(PRACTICE)
        headers = service.bearer(client)
        first = service.http.get(f"/v1/practices/{PRACTICE}/list", headers=headers)
        place = [entry["person_id"] for entry in service.store.practice_list(1, PRACTICE)].index(OBJECTOR)
        person = first.json()["people"][place]["person"]
        assert service.http.get(f"/v1/persons/{person}/risk", headers=headers).status_code == 200
        adds(held, **HOW["type 1, by code"])
        hiding.refresh(settings, service.store, held)
        again = service.http.get(
            f"/v1/practices/{PRACTICE}/list", headers={**headers, "If-None-Match": first.headers["etag"]}
        )
        assert again.status_code == 200
        assert person not in {one["person"] for one in again.json()["people"]}
        assert again.json()["withheld"] == 1
        assert service.http.get(f"/v1/persons/{person}/risk", headers=headers).status_code == 404


def test_who_takes_it_back_is_shown_again(held: Path, settings: Settings) -> None:
    publish(held, settings)
    adds(held, gp_event=[{"row_id": 900, "event_date": "2024-12-01", "code": "827241000000103"}])
    assert hiding.refresh(settings, store.open(settings), held) == 1
    adds(held, gp_event=[{"row_id": 901, "event_date": "2024-12-02", "code": "827261000000102"}])
    assert hiding.refresh(settings, store.open(settings), held) == 0
    assert store.open(settings).person(1, OBJECTOR) is not None


def test_people_of_another_record_stay_hidden(held: Path, settings: Settings, tmp_path: Path) -> None:
    adds(held, **HOW["national, by file"])
    hiding.refresh(settings, store.open(settings), held)
    other = record(tmp_path / "other", about="simulated", spell=[{"person_id": 500, "event_date": "2024-01-01"}])
    hiding.refresh(settings, store.open(settings), other)
    assert [(row["person_id"], row["ground"]) for row in store.open(settings).standing()] == [(OBJECTOR, "opted_out")]


def test_a_run_of_an_earlier_day_shows_nobody_who_has_left_since(held: Path, settings: Settings) -> None:
    """Somebody is registered on the run's date, and dead or gone on the day on which it is published. Harm: a run made late opens with the dead."""
    adds(
        held,
        death=[{"row_id": 900, "person_id": 2, "event_date": "2024-12-01", "known_at": "2024-12-01"}],
        registration=[{"row_id": 901, "person_id": OBJECTOR, "practice": "A81002", "event_date": "2024-12-01"}],
    )
    first = publish(held, settings)
    listed = {row["person_id"] for row in store.open(settings).listed_people(first)}
    shown = {row["person_id"] for row in store.open(settings).practice_list(first, PRACTICE)}
    assert {OBJECTOR, 2} <= listed
    assert shown == listed - {OBJECTOR, 2}
    assert [store.open(settings).person(first, person) for person in (OBJECTOR, 2)] == [None, None]


def test_every_reader_of_a_record_outside_features_asks_for_permission() -> None:
    """No ``Record(…)`` in models, risk or serving goes without ``permissions``: the default of the class allows everything."""
    import ast

    root = Path(store.__file__).resolve().parents[2]
    for package in ("models", "risk", "serving"):
        for path in (root / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Record":
                    assert "permissions" in {keyword.arg for keyword in node.keywords}, f"{path}:{node.lineno}"
