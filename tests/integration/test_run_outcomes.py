"""Several outcomes in a run: each its own model, probability and reasons, beside the one that draws the list and never blended with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet
import pytest

from features.errors import Refused, WrongUsage
from risk import store as stores
from risk.run import folder, reading, reading_wider, weekly
from risk.settings import Settings
from tests import released
from tests.integration.killed_runs import AT, asked
from tests.records import feeds, record
from tests.service import serving
from tests.typed import typed

FRESH = {"known_at": "2024-11-25", "period_to": "2024-11-25"}
#: Person n is 34 + n years old at the date: 31 and older are 65. Person 60 lives in a care home.
PEOPLE = range(1, 61)
BESIDE = "avoidable_admission_365,deterioration_365"


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record(
        tmp_path_factory.mktemp("held") / "record",
        about="simulated",
        person=[{"person_id": n, "birth_month": f"{1990 - n}-05-01"} for n in PEOPLE],
        registration=[{"person_id": n, "practice": "A81001"} for n in PEOPLE],
        residence=[{"person_id": n, "imd_decile": 5, "kind": "care_home" if n == 60 else "own_home"} for n in PEOPLE],
        feed=feeds(**FRESH),
    )


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(home=tmp_path / "home", today=AT, environment="test", run_outcomes=BESIDE)
    store = stores.open(made)
    models: tuple[dict[str, Any], ...] = (
        {},
        {"name": "avoidable_admission_365", "outcome": "avoidable_admission", "trained": released.trees(2)},
        {"name": "deterioration_365", "outcome": "deterioration", "minimum_age": 65, "trained": released.trees(3)},
    )
    for facts in models:
        bundle = released.release(made.bundles, **facts)
        store.record_release(name=bundle.name, version=1, action="promote", by="a test", reason="", gates=[], bundle_sha256=bundle.sha256)  # fmt: skip
    store.close()
    return made


def files(settings: Settings, place: int, name: str) -> tuple[Any, Any]:
    run = settings.runs / "1"
    return tuple(
        parquet.read_table(run / one(place, name)).to_pandas()
        for one in (folder.scores_beside, folder.contributions_beside)
    )  # type: ignore[return-value]


def test_each_outcome_has_its_own_probability_and_reasons_for_all_whom_it_is_about(
    held: Path, settings: Settings
) -> None:
    """Harm: one score stands for all outcomes, or somebody is given a figure of an outcome that is not about them."""
    run = weekly.run(asked(held), settings)
    told = [(one["place"], one["name"], one["scored"], one["not_scored"]) for one in run["outcomes"]]
    assert told == [
        (1, "avoidable_admission_365", 60, {}),
        (2, "deterioration_365", 29, {"under_age": 30, "in_care_home": 1}),  # 31 to 60 are 65 and older
    ]
    store = stores.open(settings)
    scores, moved = files(settings, 2, "deterioration_365")
    assert scores["person_id"].tolist() == moved["person_id"].tolist() == list(range(31, 60))
    assert (moved.drop(columns="person_id").astype("float64").sum(axis=1) - scores["raw"]).abs().max() < 1e-12
    kept = store.outcomes_of(1, list(PEOPLE))
    assert {person: [one["outcome"] for one in rows] for person, rows in kept.items()} == {
        n: ["avoidable_admission", *(["deterioration"] if 31 <= n < 60 else [])] for n in PEOPLE
    }
    assert {person: rows[1]["probability"] for person, rows in kept.items() if len(rows) > 1} == dict(
        zip(scores["person_id"], scores["probability"], strict=True)
    )
    why = reading.reasons(settings, 1, 40, beside="deterioration_365")
    assert why is not None
    assert why["raw"] == pytest.approx(scores.set_index("person_id")["raw"][40])
    assert reading.reasons(settings, 1, 5, beside="deterioration_365") is None
    assert folder.faults(settings.runs, 1) == []


def test_the_ranking_outcome_alone_draws_the_list(held: Path, settings: Settings) -> None:
    """Harm: another outcome's model moves somebody on or off the priority list, unseen."""
    weekly.run(asked(held), settings)
    weekly.run(asked(held), settings.model_copy(update={"run_outcomes": ""}))
    one, two = (folder.manifest(settings.runs, number)["files"] for number in (1, 2))
    assert one[folder.CONTRIBUTIONS] == two[folder.CONTRIBUTIONS]
    raw = [
        parquet.read_table(settings.runs / str(n) / folder.SCORES, columns=["raw", "probability", "band"])
        for n in (1, 2)
    ]
    assert raw[0] == raw[1]
    assert set(two) < set(one)


def test_the_list_and_the_person_show_them_beside(held: Path, settings: Settings) -> None:
    """Harm: a team that sees one column alone misses somebody who is about to lose their independence."""
    weekly.run(asked(held), settings)
    first = stores.open(settings).practice_list(1, "A81001")[0]
    shown = reading.practice_list(settings, "A81001")["people"][0]
    assert [one["outcome"] for one in shown["outcomes"]] == [one["outcome"] for one in first["outcomes"]]
    with serving(settings) as service:
        bearer = service.bearer(service.client())
        person = service.http.get("/v1/practices/A81001/list", headers=bearer).json()["people"][0]
        assert [one["name"] for one in person["outcomes"]] == [one["outcome"] for one in first["outcomes"]]
        answer = service.http.get(f"/v1/persons/{person['person']}/risk", headers=bearer).json()
    assert [one["probability"] for one in answer["outcomes"]] == [one["probability"] for one in first["outcomes"]]
    assert all(one["reasons"]["raw"] != answer["reasons"]["raw"] for one in answer["outcomes"])
    assert "person_id" not in json.dumps(answer)


@pytest.mark.parametrize(
    ("named", "error", "says"),
    [
        ("deterioration_90", Refused, "no version of deterioration_90 is live"),
        ("deterioration_365,deterioration_365", WrongUsage, "each model of run_outcomes once"),
    ],
)
def test_an_outcome_that_cannot_be_scored_stops_the_run(
    held: Path, settings: Settings, named: str, error: type[Exception], says: str
) -> None:
    """Harm: a column that everybody counts on is silently not there."""
    with pytest.raises(error, match=says):
        weekly.run(asked(held), settings.model_copy(update={"run_outcomes": named}))
    assert stores.open(settings).runs() == []


def test_what_is_forgotten_goes_from_every_outcome(held: Path, settings: Settings) -> None:
    """Harm: somebody who was forgotten is still in the rows of another outcome."""
    weekly.run(asked(held), settings)
    store = stores.open(settings)
    store.amend_run(1, [40], forgetting="f", ground="erasure", by="a test", before=None, after=None)
    assert store.outcomes_of(1, [40]) == {}
    assert store.rows_about([40]) == {}
    store.remove_run_rows(1)
    assert store.outcomes_of(1, [41]) == {}


def test_deterioration_has_a_list_of_its_own_and_a_column_beside(settings: Settings, held: Path) -> None:
    """Harm: two risks are blended into one number that is neither; those over 65 whose trouble is not admission are on no list. The priority list is
    as it is without."""
    alone = weekly.run(asked(held), settings.model_copy(update={"run_outcomes": ""}))
    weekly.run(asked(held), settings)
    before, after = (parquet.read_table(settings.runs / str(number) / folder.SCORES).to_pandas() for number in (1, 2))
    same = ["person_id", "raw", "probability", "band"]
    assert before[same].equals(after[same])
    own = reading_wider.wider_list(settings, "deterioration", "A81001")
    # 65 and over: 31 to 59; person 60 lives in a care home, whom it is not about. ceil(0.02 x 29) = 1
    assert (own["scored"], own["k"], len(own["people"]), own["outcome"], own["minimum_age"]) == (
        29,
        1,
        1,
        "deterioration",
        65,
    )
    assert own["model"] == {"name": "deterioration_365", "version": 1}
    (first,) = own["people"]
    scores, _ = files_of(settings, alone["number"] + 1, "deterioration_365")
    highest = scores.set_index("rank").loc[1]
    assert highest["raw"] == scores["raw"].max()
    assert (first["rank"], first["probability"], bool(highest["listed"])) == (
        1,
        pytest.approx(highest["probability"]),
        True,
    )
    assert first["reasons"]["raw"] == pytest.approx(highest["raw"])
    assert int(scores["listed"].sum()) == 1
    assert sorted(scores["rank"]) == list(range(1, 30))
    with pytest.raises(WrongUsage, match="run_outcomes"):
        reading_wider.wider_list(settings, "deterioration", "A81001", alone["number"])


def files_of(settings: Settings, number: int, name: str) -> tuple[Any, Any]:
    place = BESIDE.split(",").index(name) + 1
    run = settings.runs / str(number)
    return tuple(
        parquet.read_table(run / one(place, name)).to_pandas()
        for one in (folder.scores_beside, folder.contributions_beside)
    )  # type: ignore[return-value]


def test_the_column_beside_as_printed(settings: Settings, held: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Harm: the other risk is read as the list's; a low one as a reason to do nothing."""
    weekly.run(asked(held), settings)
    for name, value in {"HOME": settings.home, "TODAY": AT, "ENVIRONMENT": "test"}.items():
        monkeypatch.setenv(f"FRAILTY_{name}", str(value))
    monkeypatch.setenv("COLUMNS", "250")
    whole = typed("list", "--practice", "A81001").output
    assert "(beside)" in whole
    for line in ((), ("--by", "deterioration")):
        output = " ".join(typed("list", "--practice", "A81001", *line).output.split())
        assert "A low band is not a reason to withhold care." in output
    assert "List by deterioration (65 and over) of practice A81001" in " ".join(
        typed("list", "--practice", "A81001", "--by", "deterioration").output.split()
    )
    assert typed("list", "--practice", "A81001", "--by", "guesswork").exit_code != 0
