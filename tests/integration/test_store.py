"""The store on SQLite and on PostgreSQL: schema, runs published whole, the ledger of releases."""

from __future__ import annotations

import re
import threading
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.schema import CreateIndex, CreateTable

from features.errors import MissingPart, Refused, WrongUsage
from risk import store as stores
from risk.settings import Settings
from risk.store import Store
from risk.store.engine import connect
from risk.store.hiding import UNLINKED, Told
from risk.store.schema import NewerStore, newest
from risk.store.tables import metadata
from tests.published import PEOPLE, new_run, published, staged


def test_models_and_migrations_agree(store: Store) -> None:
    with store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata) == []


def test_models_and_migrations_agree_to_the_letter_on_sqlite(tmp_path) -> None:
    migrated = stores.open(Settings(home=tmp_path, environment="test"))
    with migrated.engine.connect() as connection:
        made = dict(connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")).all())
    wanted = {table.name: str(CreateTable(table).compile(migrated.engine)) for table in metadata.tables.values()}
    wanted |= {
        str(i.name): str(CreateIndex(i).compile(migrated.engine)) for t in metadata.tables.values() for i in t.indexes
    }
    made.pop("alembic_version")
    assert {name: _parts(sql) for name, sql in made.items()} == {name: _parts(sql) for name, sql in wanted.items()}


def _parts(sql: str) -> list[str]:
    """A statement's clauses, in any order: columns are read by name, and one added later stands behind the constraints."""
    joined = re.sub(r"\s+", " ", sql)
    depth, parts = 0, [""]
    for letter in joined:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter in "()," and depth <= 1:
            parts.append("")
        else:
            parts[-1] += letter
    return sorted(part.strip() for part in parts if part.strip())


def test_opening_again_changes_nothing(store_settings: Settings) -> None:
    first = stores.open(store_settings)
    number = published(first)
    again = stores.open(store_settings)
    assert again.current_run() == first.current_run()
    assert again.current_run()["number"] == number


def test_many_may_open_an_empty_store_at_once(bare_settings: Settings) -> None:
    faults: list[BaseException] = []

    def opens() -> None:
        try:
            stores.open(bare_settings).close()
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=opens) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


def test_a_store_of_a_later_version_is_refused_in_a_sentence(store_settings: Settings) -> None:
    held = stores.open(store_settings)
    with held.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NewerStore, match=rf"expected a store of schema version {newest()} or earlier, found 9999"):
        stores.open(store_settings)
    assert set(metadata.tables) < set(inspect(held.engine).get_table_names())


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mysql://host/name", "found mysql"),
        ("not a url", "expected FRAILTY_STORE to be a database URL"),
        ("sqlite://", "found one in memory"),
    ],
)
def test_a_url_that_names_no_store_is_refused(url: str, says: str) -> None:
    with pytest.raises(WrongUsage, match=says):
        connect(url)


def test_a_database_that_does_not_answer_is_named_without_its_password() -> None:
    with pytest.raises(MissingPart, match="does not answer") as caught:
        stores.open(Settings(store="postgresql+psycopg://someone:hidden-word@127.0.0.1:9/none", environment="test"))
    assert "hidden-word" not in str(caught.value)


def test_sqlite_is_durable_private_and_checks_references(tmp_path) -> None:
    held = stores.open(Settings(home=tmp_path / "home", environment="test"))
    with held.reading() as connection:
        pragma = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous", "foreign_keys")}  # fmt: skip
    assert pragma == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    assert (tmp_path / "home" / "frailty.db").stat().st_mode & 0o077 == 0


def test_a_run_is_seen_only_once_published(store: Store) -> None:
    assert store.current_run() is None
    number = staged(store)
    assert store.current_run() is None
    assert [run["number"] for run in store.runs("staging")] == [number]
    store.publish(number, content_sha256="00" * 32, counts={"scored": 5}, valid_until=date(2024, 12, 14))
    held = store.current_run()
    assert held is not None
    assert (held["number"], held["status"], held["counts"], held["valid_until"]) == (number, "published", {"scored": 5}, date(2024, 12, 14))  # fmt: skip
    assert held["started_at"].utcoffset().total_seconds() == 0


def test_a_list_comes_in_rank_order_page_by_page(store: Store) -> None:
    number = published(store)
    listed = store.practice_list(number, "A81001")
    assert [(row["rank"], row["person_id"]) for row in listed] == [(1, 101), (2, 102)]
    assert [row["person_id"] for row in store.practice_list(number, "A81001", limit=1)] == [101]
    assert [row["person_id"] for row in store.practice_list(number, "A81001", after=1)] == [102]
    assert store.practice_list(number, "A81001", "local") == []


def test_a_person_listed_or_not(store: Store) -> None:
    number = published(store)
    listed, other = store.person(number, 101), store.person(number, 103)
    assert listed is not None
    assert other is not None
    assert (listed["practice"], listed["rank"], listed["listed"], listed["reason"]) == ("A81001", 1, True, "score")
    assert (other["rank"], other["raw"], other["listed"], other["reasons"]) == (3, -1.2, False, None)
    assert store.person(number, 999) is None


def test_a_separated_person_is_shown_again_only_by_a_later_run(store: Store) -> None:
    first, second = published(store), published(store)
    assert [(row["run"], row["person_id"]) for row in store.runs_that_showed([102, 999])] == [
        (first, 102),
        (second, 102),
    ]
    before = store.hiding_mark()
    store.tell([Told(102, UNLINKED, date(2024, 12, 2), "separated", "somebody")])
    assert store.newest_run() == second
    third = published(store)
    for number, seen in ((first, [101]), (second, [101]), (third, [101, 102])):
        assert [row["person_id"] for row in store.practice_list(number, "A81001")] == seen
        assert (store.person(number, 102) is not None) == (102 in seen)
    assert store.hiding_mark() != before


def test_a_published_run_never_changes(store: Store) -> None:
    number = published(store)
    for attempt in (
        lambda: store.write_scores(number, {"person_id": [7]}),
        lambda: store.write_list(number, [{"person_id": 7}]),
        lambda: store.publish(number, content_sha256="", counts={}, valid_until=date(2024, 12, 14)),
        lambda: store.fail_run(number, "no"),
    ):
        with pytest.raises(Refused, match=f"expected run {number} to be in staging, found published"):
            attempt()


def test_earlier_runs_stay_readable_and_a_shadow_moves_nothing(store: Store) -> None:
    first, second = published(store), published(store, PEOPLE[:3])
    shadow = published(store, shadow=True)
    assert store.current_run()["number"] == second
    assert len(store.practice_list(first, "A81002")) == 1
    assert [(run["number"], run["status"]) for run in store.runs()] == [(shadow, "shadow"), (second, "published"), (first, "published")]  # fmt: skip


def test_a_failed_run_leaves_the_published_one_and_no_rows(store: Store) -> None:
    first = published(store)
    second = staged(store)
    store.fail_run(second, "stopped by hand")
    assert store.current_run()["number"] == first
    assert store.run(second)["failure"] == "stopped by hand"
    assert store.practices(second) == []
    assert store.person(second, 101) is None
    assert store.begin_run(new_run()) == second + 1, "a number is never given twice"


def test_readers_see_the_old_run_or_the_new_one_whole(store: Store) -> None:
    """While one thread publishes ten runs, others read pointer, practices and list: all of one run, never of two."""
    published(store)
    done, wrong, reads = threading.Event(), [], []

    def reads_on() -> None:
        while not done.is_set() or not reads:
            run = store.current_run()
            rows = store.practice_list(run["number"], "A81001")
            practices = store.practices(run["number"])
            reads.append(run["number"])
            if (
                [row["person_id"] for row in rows] != [101, 102]
                or len(practices) != 2
                or run["content_sha256"] != f"{run['number']:064x}"
            ):
                wrong.append(run["number"])  # fmt: skip

    readers = [threading.Thread(target=reads_on) for _ in range(3)]
    for reader in readers:
        reader.start()
    last = [published(store) for _ in range(10)][-1]
    done.set()
    for reader in readers:
        reader.join()
    assert wrong == []
    assert set(reads) <= set(range(1, last + 1))
    assert store.current_run()["number"] == last


def test_scores_come_from_a_data_frame(store: Store) -> None:
    frame = pd.DataFrame({"person_id": range(1, 12_001), "scheme": "ods", "practice": "A81001", "rank": range(1, 12_001),
                          "raw": 0.5, "probability": 0.25, "band": "medium", "listed": False, "age_band": None, "sex": "male"})  # fmt: skip
    number = store.begin_run(new_run())
    store.write_scores(number, frame)
    last = store.person(number, 12_000)
    assert last is not None
    assert (last["rank"], last["raw"], last["age_band"], last["sex"]) == (12_000, 0.5, None, "male")
    assert store.holdings()["person_score"] == 12_000


def test_the_ledger_of_releases_only_grows(store: Store) -> None:
    assert store.live_release("m") is None
    for version, action in ((1, "promote"), (2, "promote"), (1, "rollback")):
        store.record_release(name="m", version=version, action=action, by="someone", reason="", gates=[{"result": "passed"}], bundle_sha256="ab" * 32)  # fmt: skip
    assert [(row["seq"], row["version"], row["action"]) for row in store.releases("m")] == [(1, 1, "promote"), (2, 2, "promote"), (3, 1, "rollback")]  # fmt: skip
    assert store.live_release("m")["version"] == 1
    store.record_release(name="m", version=1, action="retire", by="someone", reason="harm", gates=[], bundle_sha256="ab" * 32)  # fmt: skip
    assert store.live_release("m") is None


def test_a_challenger_is_in_the_ledger_and_never_live(store: Store) -> None:
    def told(version: int, action: str, role: str) -> None:
        store.record_release(name="m", version=version, action=action, by="someone", reason="", gates=[],
                             bundle_sha256="ab" * 32, role=role, evidence={"report_sha256": "cd" * 32})  # fmt: skip

    told(1, "promote", "live")
    told(2, "promote", "challenger")
    live, tried = store.live_release("m"), store.challenger("m")
    assert live is not None
    assert tried is not None
    assert (live["version"], tried["version"]) == (1, 2)
    assert tried["evidence"] == {"report_sha256": "cd" * 32}
    told(2, "retire", "challenger")
    assert store.challenger("m") is None
    told(3, "promote", "challenger")
    told(3, "promote", "live")
    assert (store.challenger("m"), store.live_release("m")["version"]) == (None, 3)  # type: ignore[index]
    told(1, "rollback", "live")
    assert store.challenger("m") is None  # what was live and was taken back is not tried again by itself
    assert store.released_names() == ["m"]


@pytest.mark.part("postgres")
@pytest.mark.parametrize("store_settings", ["postgresql"], indirect=True)
def test_a_database_that_goes_away_is_a_sentence_and_its_return_is_noticed(store_settings: Settings) -> None:
    held = stores.open(store_settings)
    number = published(held)

    def lose() -> None:
        with held.writing() as connection:
            pid = connection.scalar(text("SELECT pg_backend_pid()"))
            with held.writing() as other:
                other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
            connection.execute(text("SELECT 1"))

    with pytest.raises(MissingPart, match="does not answer"):
        lose()
    assert held.current_run()["number"] == number


def test_a_home_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(MissingPart, match="the store cannot be opened at"):
        stores.open(Settings(home=tmp_path / "file" / "home"))
