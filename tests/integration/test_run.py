"""The weekly run on a small record: what it publishes, and that nothing half-done is ever seen."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet
import pytest

from features.errors import BadInput, Refused, WrongUsage
from features.record.permission import AllowAll
from risk import release, store
from risk.run import folder, ranking, reading, resuming, scoring, stages, weekly
from risk.settings import Settings
from tests import released
from tests.records import feeds, record

AT = datetime.date(2024, 11, 30)
FRESH = {"known_at": "2024-11-25", "period_to": "2024-11-25"}
#: 60 people with the first practice, 51 with the second, 1 with the third; the last of all is a temporary resident.
PRACTICES = ["A81001"] * 60 + ["A81002"] * 51 + ["A81003"] + ["A81001"]


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Path:
    people = range(1, len(PRACTICES) + 1)
    return record(
        tmp_path_factory.mktemp("held") / "record",
        about="simulated",
        person=[{"person_id": n, "birth_month": f"{1930 + n % 70}-05-01"} for n in people],
        registration=[
            {"person_id": n, "practice": PRACTICES[n - 1], "kind": "temporary" if n == len(PRACTICES) else "regular"}
            for n in people
        ],
        residence=[{"person_id": n, "imd_decile": 1 + n % 10} for n in people if n % 3],
        spell=[
            {"person_id": n, "event_date": f"2024-0{m}-02", "end_date": f"2024-0{m}-05", "admission_method": "21"}
            for n in people if n % 7 == 0 for m in range(3, 3 + n % 4)
        ],
        feed=feeds(**FRESH),
    )  # fmt: skip


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(home=tmp_path / "home", today=AT, tracking=f"sqlite:///{tmp_path / 'none' / 'mlflow.db'}")
    released.release(made.bundles)
    bundle = released.release(made.bundles)
    store.open(made).record_release(
        name=bundle.name, version=2, action="promote", by="a test", reason="", gates=[], bundle_sha256=bundle.sha256
    )
    return made


def asked(held: Path, **changed: Any) -> weekly.Asked:
    given = {"record": held, "outcome": "unplanned_admission", "horizon": 365, "minimum_age": 18, "fraction": 0.02,
             "at": AT, **changed}  # fmt: skip
    return weekly.Asked(**given)


def test_a_run_is_published_whole(held: Path, settings: Settings) -> None:
    run = weekly.run(asked(held), settings)
    assert run["counts"]["people"] == 113
    assert run["counts"]["left_out"] == {"temporary": 1}
    assert run["counts"]["scored"] == 112
    assert sum(run["counts"]["bands"].values()) == 112
    assert [(row["practice"], row["scored"], row["k"], row["listed"]) for row in run["practices"]] == [
        ("A81001", 60, 2, 2),  # ceil(0.02 x 60) = ceil(1.2)
        ("A81002", 51, 2, 2),
        ("A81003", 1, 1, 1),
    ]
    opened = store.open(settings)
    published = opened.current_run()
    assert published is not None
    assert (published["number"], published["status"], published["model_version"]) == (1, "published", 2)
    assert published["content_sha256"] == run["content_sha256"]
    assert published["valid_until"] == datetime.date(2024, 12, 14)
    assert folder.faults(settings.runs, 1) == []


def test_everyones_scores_and_reasons_are_kept_and_agree(held: Path, settings: Settings) -> None:
    weekly.run(asked(held), settings)
    scores = parquet.read_table(settings.runs / "1" / folder.SCORES).to_pandas()
    moved = parquet.read_table(settings.runs / "1" / folder.CONTRIBUTIONS).to_pandas()
    assert scores["person_id"].is_monotonic_increasing
    assert scores["person_id"].equals(moved["person_id"])
    assert (moved.drop(columns="person_id").astype("float64").sum(axis=1) - scores["raw"]).abs().max() < 1e-12
    opened = store.open(settings)
    for row in scores.itertuples():
        kept = opened.person(1, row.person_id)
        assert kept is not None
        assert (kept["raw"], kept["rank"], kept["listed"], kept["practice"]) == (row.raw, row.rank, row.listed, row.practice)  # fmt: skip
        assert (kept["reasons"] is not None) == row.listed


def test_a_listed_persons_reasons_are_those_of_the_folder(held: Path, settings: Settings) -> None:
    weekly.run(asked(held), settings)
    entry = store.open(settings).practice_list(1, "A81001")[0]
    told = json.loads(entry["reasons"])
    again = reading.reasons(settings, 1, entry["person_id"])
    assert again is not None
    assert [(r["says"], r["value"]) for r in again["raises"]] == [(r["says"], r["value"]) for r in told["raises"]]
    assert told["raw"] == pytest.approx(entry["raw"], abs=1e-6)
    assert reading.reasons(settings, 1, 999) is None


def test_the_list_says_what_it_must_and_names_nobody(held: Path, settings: Settings) -> None:
    weekly.run(asked(held), settings)
    shown = reading.practice_list(settings, "A81001")
    assert shown["data"] == "simulated: a test's few people"
    assert (shown["number"], shown["at"], shown["model"]["version"]) == (1, "2024-11-30", 2)
    assert "not for placement, funding, resuscitation or discharge" in shown["says"]
    assert [person["rank"] for person in shown["people"]] == [1, 2]
    assert "person_id" not in json.dumps(shown)
    assert len({person["person"] for person in shown["people"]}) == 2
    with pytest.raises(WrongUsage, match="no such practice"):
        reading.practice_list(settings, "Z99999")


def test_what_is_done_and_read_at_the_terminal_is_in_the_audit(held: Path, settings: Settings) -> None:
    weekly.run(asked(held), settings)
    reading.practice_list(settings, "A81001")
    opened = store.open(settings)
    rows = [(row["action"], row["outcome"], row["run"], row["organisation"]) for row in opened.audit_rows()]
    assert rows == [
        ("baseline.frozen", "done", None, None),
        ("run.published", "done", 1, None),
        ("list", "answered", 1, "A81001"),
    ]
    listed = [entry["person_id"] for entry in opened.practice_list(1, "A81001")]
    assert json.loads(list(opened.audit_rows())[-1]["people"]) == listed


def test_a_run_that_could_not_be_audited_is_not_begun(held: Path, settings: Settings) -> None:
    weekly.run(asked(held), settings)
    (settings.keys_folder / "audit.key").chmod(0o644)
    with pytest.raises(Refused, match="readable by its owner alone"):
        weekly.run(asked(held), settings)
    assert [run["number"] for run in store.open(settings).runs()] == [1]


def test_a_shadow_run_is_kept_and_moves_nothing(held: Path, settings: Settings) -> None:
    weekly.run(asked(held), settings)
    shadow = weekly.run(asked(held, shadow=True), settings)
    opened = store.open(settings)
    current = opened.current_run()
    assert current is not None
    assert (shadow["number"], shadow["status"], current["number"]) == (2, "shadow", 1)
    assert reading.practice_list(settings, "A81001", 2)["status"] == "shadow"


def test_the_same_record_and_model_give_the_same_scores(held: Path, settings: Settings) -> None:
    for _ in range(2):
        weekly.run(asked(held), settings)
    first, second = (folder.manifest(settings.runs, number)["files"] for number in (1, 2))
    assert first[folder.CONTRIBUTIONS] == second[folder.CONTRIBUTIONS]
    assert first[folder.VALUES] == second[folder.VALUES]
    assert (settings.runs / "1").is_dir()


def test_no_live_model_says_how_to_make_one(held: Path, settings: Settings) -> None:
    with pytest.raises(Refused, match=r"no version of unplanned_admission_90 is live; train one"):
        weekly.run(asked(held, horizon=90), settings)


def test_old_data_stops_a_run_and_a_reason_is_kept(held: Path, settings: Settings) -> None:
    late = settings.model_copy(update={"today": datetime.date(2025, 2, 1)})
    with pytest.raises(Refused, match="--allow-stale"):
        weekly.run(asked(held), late)
    assert store.open(settings).current_run() is None
    run = weekly.run(asked(held, reasons={"stale": "historical data"}), late)
    assert run["waived"]["stale"]["reason"] == "historical data"
    assert reading.practice_list(settings, "A81001")["waived"]["stale"]["reason"] == "historical data"


class NoResidence(AllowAll):
    """The senders of places of residence do not permit case finding."""

    def refuses_feed(self, feed: Any, purpose: Any) -> str | None:
        return "not for case finding" if feed.table == "residence" else None


def test_a_refused_feed_stops_a_run_and_is_said_when_overridden(held: Path, settings: Settings) -> None:
    with pytest.raises(Refused, match="residence missing for 112 people"):
        weekly.run(asked(held), settings, permissions=NoResidence())
    run = weekly.run(asked(held, reasons={"feeds": "the council asked"}), settings, permissions=NoResidence())
    assert [feed["table"] for feed in run["refused_feeds"]] == ["residence"]
    entry = store.open(settings).practice_list(1, "A81003")[0]
    every = reading.reasons(settings, 1, entry["person_id"])
    assert every is not None
    # What the record does not know of a person is said, and is no reason.
    assert "deprivation_decile" not in [reason["predictor"] for reason in (*every["raises"], *every["lowers"])]
    assert every["missing"] in ([], ["deprivation decile: not known, no residence feed"])


def test_a_model_whose_files_changed_is_not_used(held: Path, settings: Settings) -> None:
    model = settings.bundles / "unplanned_admission_365" / "2" / "model.txt"
    model.write_text(model.read_text() + "\n")
    with pytest.raises(Refused, match="not what was released"):
        weekly.run(asked(held), settings)


@pytest.mark.parametrize(
    ("module", "name"),
    [
        (scoring, "score"),
        (stages, "build"),
        (stages, "explain"),
        (ranking, "beside_names"),
        (folder.Staged, "seal"),
        (store.Store, "write_practices"),
        (store.Store, "write_scores"),
        (store.Store, "write_list"),
        (store.Store, "publish"),
    ],
)
def test_a_failure_at_any_stage_leaves_the_published_run(
    held: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, module: Any, name: str
) -> None:
    weekly.run(asked(held), settings)

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, name, full)
    with pytest.raises(OSError, match="No space"):
        weekly.run(asked(held), settings)
    monkeypatch.undo()
    opened = store.open(settings)
    assert [run["number"] for run in opened.runs("published")] == [1]
    assert opened.runs("staging") == []
    assert sorted(path.name for path in settings.runs.iterdir()) == ["1"]
    assert weekly.run(asked(held), settings)["status"] == "published"


def test_an_answer_lost_after_publication_does_not_undo_it(
    held: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish = store.Store.publish

    def lost(self: Any, *given: Any, **named: Any) -> None:
        publish(self, *given, **named)
        raise ConnectionError("the server went away")

    monkeypatch.setattr(store.Store, "publish", lost)
    with pytest.raises(ConnectionError):
        weekly.run(asked(held), settings)
    current = store.open(settings).current_run()
    assert current is not None
    assert current["number"] == 1
    assert folder.faults(settings.runs, 1) == []


def test_a_run_whose_folder_is_lost_says_so(held: Path, settings: Settings) -> None:
    weekly.run(asked(held), settings)
    (settings.runs / "1" / folder.MANIFEST).unlink()
    with pytest.raises(BadInput, match="restore it from a backup"):
        reading.reasons(settings, 1, 1)


def test_without_a_date_everything_delivered_counts(held: Path, settings: Settings) -> None:
    assert weekly.run(asked(held, at=None), settings)["at"] == "2024-11-26"


def test_nothing_left_behind_is_found_twice(held: Path, settings: Settings) -> None:
    opened = store.open(settings)
    assert resuming.clear(opened, settings.runs) == []
    assert release.held(settings)[1]["live"] is True
