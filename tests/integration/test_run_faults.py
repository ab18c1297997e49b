"""A run that is killed at each stage, whose disk fills, whose database restarts: nobody sees half of it, and the next goes on."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as parquet
import pytest
from sqlalchemy import create_engine, text

from features.errors import Refused
from models.bundle import Bundle
from risk import store as stores
from risk.run import folder, lease, stages, weekly
from risk.settings import Settings
from risk.store import Store, writing
from risk.store.bulk import insert_rows
from risk.store.engine import Unreachable
from tests import released
from tests.integration.full_postgres import fill_log, log_full, own_postgres, restarted, url_of
from tests.integration.killed_runs import AFTER, AT, BATCH, PART, PLACES, asked, ended, full, killed
from tests.records import feeds, record

FRESH = {"known_at": "2024-11-25", "period_to": "2024-11-25"}
PEOPLE = range(1, 113)
#: Bytes of the database's log that a run has room for: more than it writes before its rows.
ROOM = 2_000_000
POSTGRES = [pytest.mark.part("postgres"), pytest.mark.xdist_group("postgres")]


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record(
        tmp_path_factory.mktemp("held") / "record",
        about="simulated",
        person=[{"person_id": n, "birth_month": f"{1930 + n % 70}-05-01"} for n in PEOPLE],
        registration=[{"person_id": n, "practice": "A81001" if n < 61 else "A81002"} for n in PEOPLE],
        residence=[{"person_id": n, "imd_decile": 1 + n % 10} for n in PEOPLE],
        spell=[{"person_id": n, "event_date": "2024-03-02", "end_date": "2024-03-05", "admission_method": "21"} for n in PEOPLE if n % 7 == 0],
        feed=feeds(**FRESH),
    )  # fmt: skip


@pytest.fixture
def settings(store_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An installation with a live model, whose runs have several parts."""
    monkeypatch.setattr(stages, "PART", PART)
    monkeypatch.setattr(writing, "BATCH", BATCH)
    return with_model(store_settings.model_copy(update={"today": AT, "lease_seconds": 0.4}))


def with_model(made: Settings) -> Settings:
    bundle = released.release(made.bundles)
    store = stores.open(made)
    store.record_release(
        name=bundle.name, version=1, action="promote", by="a test", reason="", gates=[], bundle_sha256=bundle.sha256
    )
    store.close()
    return made


def state(settings: Settings) -> tuple[Any, list[Any], list[Any]]:
    """What every reader is given."""
    store = stores.open(settings)
    current = store.current_run()
    lists = [] if current is None else [store.practice_list(current["number"], code) for code in ("A81001", "A81002")]
    events = store.told_since(0, 99)
    store.close()
    return current, lists, events


def whole(settings: Settings, number: int) -> None:
    """A published run has all of its rows and files, and nothing lies beside it."""
    store: Store = stores.open(settings)
    scores = parquet.read_table(settings.runs / str(number) / folder.SCORES).to_pandas()
    assert len(scores) == len(PEOPLE)
    for row in scores.itertuples():
        kept = store.person(number, row.person_id)
        assert kept is not None
        assert (kept["raw"], kept["rank"], kept["listed"]) == (row.raw, row.rank, row.listed)
    assert [len(store.practice_list(number, code)) for code in ("A81001", "A81002")] == [
        2,
        2,
    ]  # ceil(0.02 x 60), ceil(0.02 x 52)
    assert folder.faults(settings.runs, number) == []
    assert (store.current_run() or {})["number"] == number
    assert store.runs("staging") == []
    assert not list(settings.runs.glob(f"{folder.STAGING}*"))
    store.close()


@pytest.mark.parametrize("place", PLACES)
def test_a_killed_run_is_seen_by_nobody_and_goes_on_where_it_was(held: Path, settings: Settings, place: str) -> None:
    """Harm: teams are given half a list; or a run of hours begins anew after every fault, and the week's list does not come."""
    *where, expected = PLACES[place]
    before = state(settings)
    assert ended(killed, settings.model_dump_json(), str(held), tuple(where)) == -9
    assert state(settings) == before == (None, [], [])
    run = weekly.run(asked(held), settings)
    assert run["resumed"] == {"found": expected, "began_again": None}
    assert run["number"] == (
        2 if place == "when it has its number" else 1
    )  # a number that nobody could note is not used
    whole(settings, run["number"])


def test_a_run_that_went_on_is_the_run_that_would_have_been(held: Path, settings: Settings) -> None:
    """Harm: a resumed run mixes the scores of two attempts."""
    ended(killed, settings.model_dump_json(), str(held), PLACES["in the reasons"][:4])
    weekly.run(asked(held), settings)
    once = weekly.run(asked(held), settings)
    assert once["resumed"] == {"found": [], "began_again": None}
    files = [folder.manifest(settings.runs, number)["files"] for number in (1, 2)]
    for name in (folder.VALUES, folder.CONTRIBUTIONS, folder.FLAGS):
        assert files[0][name] == files[1][name]


def test_a_kill_after_publication_leaves_it_published(held: Path, settings: Settings) -> None:
    """Harm: a list that teams have begun to work through is taken for one that failed, and cleared."""
    assert ended(killed, settings.model_dump_json(), str(held), AFTER) == -9
    current, lists, events = state(settings)
    assert current is not None
    assert ([len(rows) for rows in lists], len(events)) == ([2, 2], 1)
    run = weekly.run(asked(held), settings)
    assert (run["number"], run["resumed"]) == (2, {"found": [], "began_again": "the run before is not as then"})
    whole(settings, 2)
    assert folder.faults(settings.runs, 1) == []


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"at": AT + datetime.timedelta(days=1)}, "the date"),
        ({"fraction": 0.05}, "what is asked"),
        ({"shadow": True}, "what is asked"),
    ],
)
def test_what_rests_on_something_else_begins_again_and_says_why(
    held: Path, settings: Settings, changed: dict[str, Any], says: str
) -> None:
    """Harm: a run goes on with stages of another week or another question."""
    ended(killed, settings.model_dump_json(), str(held), PLACES["in the reasons"][:4])
    run = weekly.run(asked(held, **changed), settings)
    assert run["resumed"]["found"] == []
    assert says in run["resumed"]["began_again"]


def test_a_stage_whose_file_is_not_as_it_was_is_done_again(held: Path, settings: Settings) -> None:
    """Harm: a torn page of a disk becomes somebody's score."""
    ended(killed, settings.model_dump_json(), str(held), PLACES["in the scores"][:4])
    (torn,) = settings.runs.glob(f"{folder.STAGING}*/matrix-0001.npy")
    values = bytearray(torn.read_bytes())
    values[-1] ^= 0xFF
    torn.write_bytes(values)
    run = weekly.run(asked(held), settings)
    again = weekly.run(asked(held), settings)
    assert folder.manifest(settings.runs, run["number"])["files"][folder.VALUES] == folder.manifest(settings.runs, again["number"])["files"][folder.VALUES]  # fmt: skip


@pytest.mark.parametrize(
    ("store_settings", "limit"),
    [
        ("sqlite", 1_000),  # in the ledger of stages
        ("sqlite", 10_000),  # in the run's files
        ("sqlite", 60_000),  # in the database
        pytest.param("postgresql", 10_000, marks=POSTGRES),
    ],
    indirect=["store_settings"],
)
def test_a_full_disk_leaves_the_published_run(held: Path, settings: Settings, limit: int) -> None:
    """Harm: a disk that fills in mid-run leaves readers without a list, or with a part of one."""
    weekly.run(asked(held), settings)
    before = state(settings)
    assert ended(full, settings.model_dump_json(), str(held), limit) == 1
    assert state(settings) == before
    run = weekly.run(asked(held), settings)
    whole(settings, run["number"])


@pytest.mark.part("postgres")
@pytest.mark.xdist_group("postgres")
def test_a_database_whose_disk_fills_in_mid_run_leaves_the_published_run(
    held: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database's own disk, of its log, is full among the rows of the run: it stops, and the run says so. With room again readers have the run before, whole,
    and the next run goes on.

    Harm: a disk that fills in mid-run leaves readers without a list, or with a part of one."""
    monkeypatch.setattr(stages, "PART", PART)
    monkeypatch.setattr(writing, "BATCH", BATCH)
    with own_postgres() as server:
        made = Settings(home=tmp_path / "home", environment="test", store=url_of(server), today=AT, lease_seconds=0.4)
        settings = with_model(made)
        weekly.run(asked(held), settings)
        before = state(settings)
        store = stores.open(settings)
        end = log_full(server, store, room=ROOM)
        store.close()

        def others_fill_it(*given: Any) -> None:
            fill_log(settings.store_url, end, left=2_000)
            insert_rows(*given)

        monkeypatch.setattr(writing, "insert_rows", others_fill_it)
        with pytest.raises(Unreachable, match="does not answer or cannot be written") as refused:
            weekly.run(asked(held), settings)
        assert refused.value.exit_code == 5
        restarted(server)
        monkeypatch.setattr(writing, "insert_rows", insert_rows)
        assert state(settings) == before
        run = weekly.run(asked(held), settings)
        assert run["resumed"]["found"][-1] == "number"
        whole(settings, run["number"])


def test_two_runs_at_once_are_refused(held: Path, settings: Settings) -> None:
    """Harm: two schedulers start the weekly run, and two numbers are given for one week."""
    store = stores.open(settings)
    with lease.held(settings, store), pytest.raises(Refused, match="another run is under way"):
        weekly.run(asked(held), settings)
    assert store.runs() == []
    assert weekly.run(asked(held), settings)["number"] == 1


def test_a_poisoned_row_stops_the_run(held: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Harm: one person's row that gives no number gives everybody a rank that is wrong."""
    first = weekly.run(asked(held), settings)
    before = state(settings)
    real = Bundle.raw

    def poisoned(self: Bundle, values: Any) -> Any:
        return np.where(np.arange(len(values)) == 3, np.nan, real(self, values))

    monkeypatch.setattr(Bundle, "raw", poisoned)
    with pytest.raises(Refused, match="3 of 112 people got a score that is no number"):  # one of each of three parts
        weekly.run(asked(held), settings)
    assert state(settings) == before
    assert folder.faults(settings.runs, first["number"]) == []
    assert not list(settings.runs.glob(f"{folder.STAGING}*"))


def test_a_database_that_goes_away_in_mid_run_leaves_it_to_go_on(
    held: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Harm: a restart of the database costs the week's list."""
    weekly.run(asked(held), settings)
    before = state(settings)

    def gone(connection: Any, *given: Any) -> None:
        if connection.dialect.name == "sqlite":
            raise Unreachable("the store does not answer")
        server = create_engine(settings.store_url)
        with server.connect() as other:  # as a restart does: every connection is cut off, and new ones are let in
            other.execute(text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"))  # fmt: skip
        server.dispose()
        insert_rows(connection, *given)

    monkeypatch.setattr(writing, "insert_rows", gone)
    with pytest.raises(Unreachable):
        weekly.run(asked(held), settings)
    monkeypatch.undo()
    monkeypatch.setattr(stages, "PART", PART)
    assert state(settings) == before
    run = weekly.run(asked(held), settings)
    assert run["resumed"]["found"][-1] == "number"
    whole(settings, run["number"])
