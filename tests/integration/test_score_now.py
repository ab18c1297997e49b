"""One person scored on demand, from posted rows: what the batch says, permission first, nothing kept, too little said and no number."""

from __future__ import annotations

import datetime
import json
import logging
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from benchmarks.posting import rows_of
from features.record.permission import AllowAll
from features.record.reader import Record
from risk import keys
from risk import store as stores
from risk.pseudonyms import Pseudonyms
from risk.settings import Settings
from risk.store.hiding import Told
from serving.shapes.score import ScoreAnswer
from tests import released
from tests.area import Area
from tests.service import TODAY, Service, serving

AT = datetime.date(2024, 11, 30)
HERE, THERE = "A81001", "A81002"
ONE, OTHER = 101, 201
SCORE = "/v1/score"
ROWS: dict[str, list[dict[str, Any]]] = {
    "person": [{"birth_month": "1938-05-01", "sex": "female", "known_at": "2000-01-01"}],
    "registration": [{"event_date": "2000-01-01", "practice": HERE, "practice_scheme": "ods", "kind": "regular", "known_at": "2000-01-01"}],
    "spell": [{"event_date": "2024-03-02", "end_date": "2024-03-05", "admission_method": "21", "patient_class": "ordinary", "known_at": "2024-03-05"}],
    "feed": [{"table_name": name, "source": "native", "organisation": "area", "organisation_scheme": "local", "covers": "*", "purposes": "*",
              "known_at": "2024-11-28", "period_from": "2019-01-01", "period_to": "2024-11-27"}
             for name in ("person", "registration", "residence", "spell")],
}  # fmt: skip


def but(**tables: Any) -> dict[str, list[dict[str, Any]]]:
    return {name: rows for name, rows in {**ROWS, **tables}.items() if rows is not None}


class Scoring:
    """A client of one practice at a service over two practices' published run."""

    def __init__(self, service: Service, *practices: str) -> None:
        self.service = service
        self.client = service.client(*practices)
        self.headers = service.bearer(self.client)
        self.pseudonyms = Pseudonyms(keys.held(service.settings).person, self.client["client_id"])

    def ask(self, person: int | str = ONE, rows: Mapping[str, Any] = ROWS, **more: Any) -> Any:
        called = self.pseudonyms.of(person) if isinstance(person, int) else person
        body = {"person": called, "at": str(AT), "rows": rows, **more}
        return self.service.http.post(SCORE, json=body, headers=self.headers)

    def risk(self, person: int) -> dict[str, Any]:
        got = self.service.http.get(f"/v1/persons/{self.pseudonyms.of(person)}/risk", headers=self.headers)
        assert got.status_code == 200, got.text
        return dict(got.json())


@pytest.fixture
def scoring(service: Service) -> Scoring:
    live(service.settings)
    return Scoring(service, HERE)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scoring]:
    """One service for all that is only asked: what is answered does not rest on which database there is."""
    with serving(Settings(home=tmp_path_factory.mktemp("asked"), environment="test")) as service:
        live(service.settings)
        yield Scoring(service, HERE)


def live(settings: Settings, **changed: Any) -> None:
    bundle = released.release(settings.bundles, **changed)
    store = stores.open(settings)
    gates = [{"gate": "auroc", "says": "tells people apart", "result": "passed", "found": "0.80"}]
    store.record_release(name=bundle.name, version=bundle.version, action="promote", by="a test", reason="", gates=gates, bundle_sha256=bundle.sha256)  # fmt: skip
    store.close()


def same(now: Any, batch: Any, where: str = "") -> None:
    """Numbers to 1e-9, all else as it is."""
    if isinstance(batch, dict):
        assert set(now) == set(batch), where
        for name in batch:
            same(now[name], batch[name], f"{where}.{name}")
    elif isinstance(batch, list):
        assert len(now) == len(batch), where
        for i, (one, other) in enumerate(zip(now, batch, strict=True)):
            same(one, other, f"{where}.{i}")
    elif isinstance(batch, float):
        assert now == pytest.approx(batch, abs=1e-9, rel=0), where
    else:
        assert now == batch, where


SAME = ("practice", "scheme", "band", "probability", "interval", "age_band", "sex", "plan", "reasons", "outcome", "model", "minimum_age",
        "index_date", "data_as_at", "valid_until", "not_for", "caution")  # fmt: skip


def test_a_score_on_demand_is_the_batch_s(area: Area, tmp_path: Path) -> None:
    """Harm: a tool says one risk of a patient while the list says another, and neither is believed."""
    shutil.copytree(area.home, tmp_path / "home")
    with (
        serving(Settings(home=tmp_path / "home", environment="test")) as served,
        Record(area.record, purpose="case_finding", permissions=AllowAll()) as held,
    ):
        scoring = Scoring(served)
        run = served.store.current_run()
        assert run is not None
        scored = sorted(served.store.scored_anywhere())
        listed = [
            (row["person_id"], "ods", practice)
            for practice in {place for *_, place in scored}
            for row in served.store.practice_list(run["number"], practice)[:2]
        ]
        everybody = {person: practice for person, _, practice in [*listed, *scored[:: len(scored) // 8]]}
        bands, told = set(), 0
        for person, rows in rows_of(held, everybody, AT).items():
            batch = scoring.risk(person)
            got = scoring.ask(person, rows)
            if min(row["event_date"] for row in rows["registration"]) > (AT - datetime.timedelta(days=365)).isoformat():
                # The list has them among those of too little history.
                assert got.json()["type"] == "urn:frailty:problem:too-little"
                continue
            assert got.status_code == 200, got.text
            now = got.json()
            ScoreAnswer.model_validate(now)
            same({name: now[name] for name in SAME}, {name: batch[name] for name in SAME})
            assert [one["says"] for one in now["reasons"]["raises"]] == [
                one["says"] for one in batch["reasons"]["raises"]
            ]
            bands.add(now["band"])
            told += 1
    assert told >= 10
    assert len(bands) > 1, "people of different risks"


def test_what_the_answer_says_beside_the_number(asked: Scoring) -> None:
    now = asked.ask().json()
    assert ScoreAnswer.model_validate(now)
    assert [feed["table"] for feed in now["feeds"]] == ["person", "registration", "residence", "spell"]
    assert now["feeds"][3] == {"table": "spell", "source": "native", "received": "2024-11-28", "up_to": "2024-11-27", "period_from": "2019-01-01"}  # fmt: skip
    assert (now["data_as_at"], now["index_date"], now["valid_until"]) == ("2024-11-28", "2024-11-30", "2024-12-14")
    assert now["validated"]["gates"][0]["result"] == "passed"
    assert now["validated"]["learned_from"] == {"kind": "simulated", "title": "Simulated numbers"}
    assert now["marking"].startswith("simulated data")
    assert "rank" not in now
    assert "run" not in now


def test_of_two_admissions_posted_the_second_moves_the_score(asked: Scoring) -> None:
    again = {**ROWS["spell"][0], "event_date": "2024-06-01", "end_date": "2024-06-02", "known_at": "2024-06-03"}
    once, twice = asked.ask().json(), asked.ask(rows=but(spell=[*ROWS["spell"], again])).json()
    values = [{one["predictor"]: one["value"] for one in told["reasons"]["raises"]} for told in (once, twice)]
    assert [told["emergency_admissions_1y"] for told in values] == [1.0, 2.0]
    assert once["reasons"]["raw"] < twice["reasons"]["raw"]
    unknown_then = {**again, "known_at": "2024-11-30"}
    assert asked.ask(rows=but(spell=[*ROWS["spell"], unknown_then])).json()["reasons"] == once["reasons"]


def test_a_table_without_its_feed_is_not_used_and_that_is_said(asked: Scoring) -> None:
    carer = [{"event_date": "2020-01-01", "has_carer": True, "known_at": "2020-01-02"}]
    assert asked.ask(rows=but(carer=carer)).json()["unused"] == ["carer"]


def test_a_plan_in_the_rows_comes_before_any_reason(asked: Scoring) -> None:
    """Harm: a tool suggests actions to somebody whose end-of-life plan it had just posted."""
    plan = [{"event_date": "2024-01-01", "kind": "end_of_life_plan", "known_at": "2024-01-02"}]
    now = asked.ask(rows=but(preference=plan)).json()
    assert now["plan"]["plans"] == [{"name": "end_of_life_plan", "on": "2024-01-01"}]
    assert not [one for one in now["reasons"]["raises"] + now["reasons"]["lowers"] if one["actionable"]]


# case, rows, whom; each answered as somebody made up is
OBJECTS = [{"event_date": "2024-01-01", "kind": "type_1", "known_at": "2024-01-02"}]
DIED = [{"event_date": "2024-11-01", "known_at": "2024-11-05"}]
MOVED = [{**ROWS["registration"][0], "practice": THERE}]
NOT_THERE: list[tuple[str, Any, Any]] = [
    ("nobody", ROWS, 7_999_999),
    ("made up", ROWS, "x"),
    ("another practice's", ROWS, OTHER),
    ("the rows say that they object", but(objection=OBJECTS), ONE),
    ("the rows say that they died", but(death=DIED), ONE),
    ("the rows say that they are registered elsewhere", but(registration=MOVED), ONE),
    ("another practice's, and rows that do not fit", but(spell=[{"x": 1}]), OTHER),
]


def test_not_found_hidden_and_not_permitted_are_one_answer(scoring: Scoring) -> None:
    """Harm: whoever posts rows learns from the answer that a patient opted out, died or moved."""
    answers = {case: scoring.ask(person, rows) for case, rows, person in NOT_THERE}
    scoring.service.store.tell([Told(ONE, "opted_out", TODAY, "a ward", "a test")])
    answers["opted out"] = scoring.ask()
    answers["opted out, and rows that do not fit"] = scoring.ask(rows={"x": []})
    plain = answers["nobody"]
    assert plain.status_code == 404
    for case, got in answers.items():
        assert (got.status_code, got.json()) == (404, plain.json()), case
    assert {row["outcome"] for row in scoring.service.audited("person.score")} == {"refused"}
    assert len(scoring.service.audited("person.score")) == len(answers)


def test_without_the_scope_nobody_is_scored(scoring: Scoring) -> None:
    """Harm: a client that may read lists posts what it likes; the scope is granted by name and never by default."""
    scoring.headers = scoring.service.bearer(scoring.client, ["persons:read", "lists:read"])
    assert scoring.ask().json()["type"] == "urn:frailty:problem:insufficient-scope"


LACKING: list[tuple[str, dict[str, Any], list[dict[str, Any]]]] = [
    ("no person", {"person": []}, [{"table": "person", "columns": ["birth_month", "sex"]}]),
    ("no registration", {"registration": []}, [{"table": "registration", "columns": ["event_date", "practice", "practice_scheme", "kind"]}]),
    ("under age", {"person": [{**ROWS["person"][0], "birth_month": "2010-05-01"}]}, [{"table": "person", "columns": []}]),
    ("no feed of hospital stays", {"feed": ROWS["feed"][:3]}, [{"table": "spell", "columns": []}]),
    ("nothing fed", {"feed": []}, [{"table": name, "columns": []} for name in ("person", "residence", "spell")]),
    ("registered for three months", {"registration": [{**ROWS["registration"][0], "event_date": "2024-08-30"}]},
     [{"table": "registration", "columns": [], "months": {"found": 3, "needed": 12}}]),
    ("half a year of hospital stays", {"feed": [*ROWS["feed"][:3], {**ROWS["feed"][3], "period_from": "2024-05-30"}]},
     [{"table": "spell", "columns": [], "months": {"found": 6, "needed": 12}}]),
]  # fmt: skip


def test_too_little_is_said_and_gives_no_number(asked: Scoring) -> None:
    """Harm: a number made of next to nothing is read as a low risk."""
    for case, changed, expected in LACKING:
        got = asked.ask(rows=but(**changed))
        assert (got.status_code, got.json()["type"]) == (422, "urn:frailty:problem:too-little"), case
        told = [{name: value for name, value in one.items() if name != "why"} for one in got.json()["lacking"]]
        assert told == expected, case
        assert "probability" not in got.text


#: What is posted that does not fit, and where that is said to be.
UNFIT: list[tuple[dict[str, Any], str]] = [
    ({"spell": [{**ROWS["spell"][0], "admission_method": "XX"}]}, "rows.spell.0.admission_method"),
    ({"spell": [{**ROWS["spell"][0], "nhs_number": "9434765919"}]}, "rows.spell.0"),
    ({"spell": [{**ROWS["spell"][0], "end_date": "2024-03-01"}]}, "rows.spell.0.end_date"),
    ({"person": [{**ROWS["person"][0], "birth_month": "1938-05-02"}]}, "rows.person.0.birth_month"),
    ({"person_link": [{"other_person_id": 2, "same": True, "reason": "x", "known_at": "2020-01-01"}]}, "rows"),
    ({"9434765919": []}, "rows"),
    ({"9434765919": "9434765919"}, "rows"),
    ({"spell": "9434765919"}, "rows.spell"),
    ({"spell": ["9434765919"]}, "rows.spell.0"),
    ({"feed": [*ROWS["feed"][:3], {**ROWS["feed"][3], "purposes": "planning"}]}, "rows.feed.3"),
]


def test_what_does_not_fit_is_said_without_what_was_sent(asked: Scoring) -> None:
    for changed, where in UNFIT:
        got = asked.ask(rows=but(**changed))
        assert (got.status_code, got.json()["type"]) == (422, "urn:frailty:problem:unfit-parameter"), where
        assert [fault["where"] for fault in got.json()["errors"]] == [where]
        assert "9434765919" not in got.text
        assert "XX" not in got.text
    assert asked.ask(at="2024-12-03").json()["errors"][0]["where"] == "body.at"
    assert asked.ask(more=1).status_code == 422


def test_a_body_of_a_megabyte_is_too_large(asked: Scoring) -> None:
    many = [ROWS["spell"][0]] * 900
    assert 64 * 1024 < len(json.dumps(many)) < 1024 * 1024
    assert asked.ask(rows=but(spell=many)).status_code == 200
    assert asked.ask(rows=but(spell=many * 16)).json()["type"] == "urn:frailty:problem:too-large"


def test_nothing_that_was_posted_is_kept(scoring: Scoring, capsys: pytest.CaptureFixture[str], caplog: Any) -> None:
    """Harm: a caller's copy of somebody's record stays behind in a log, a table or a file that nobody governs."""
    planted = [
        {
            "event_date": "2024-02-03",
            "system": "local",
            "code": "PLANTED-77",
            "unit": "PLANTED-78",
            "known_at": "2024-02-04",
        }
    ]
    with caplog.at_level(logging.DEBUG):
        assert scoring.ask(rows=but(gp_event=planted)).status_code == 200
    rows = scoring.service.audited("person.score")
    assert [(row["outcome"], row["person_id"], row["organisation"]) for row in rows] == [("answered", ONE, HERE)]
    said = capsys.readouterr()
    kept = [said.out, said.err, caplog.text, json.dumps(rows, default=str)]
    home = scoring.service.settings.home
    kept += [path.read_bytes().decode("latin-1") for path in home.rglob("*") if path.is_file()]
    assert json.loads(rows[0]["detail"])["tables"] == ["feed", "gp_event", "person", "registration", "spell"]
    assert not [text for text in kept if "PLANTED" in text]


def test_the_model_released_last_scores_the_next(scoring: Scoring) -> None:
    before = scoring.ask().json()["model"]["version"]
    live(scoring.service.settings)
    assert scoring.ask().json()["model"]["version"] == before + 1


def test_where_no_model_is_live_there_is_no_number(scoring: Scoring) -> None:
    name = scoring.service.store.current_run()["model_name"]  # type: ignore[index]
    scoring.service.store.record_release(
        name=name, version=1, action="retire", by="a test", reason="", gates=[], bundle_sha256="0" * 64
    )
    assert scoring.ask().json()["type"] == "urn:frailty:problem:model-unavailable"
