"""The overlay in the store, on SQLite and on PostgreSQL: what stands, what is lifted, and what was hidden before there was an overlay."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import pairwise

from alembic import command
from sqlalchemy import text

from risk import store as stores
from risk.settings import Settings
from risk.store import Store, schema
from risk.store.engine import Database, connect
from risk.store.hiding import Told
from tests.published import published

DAY = date(2024, 12, 2)
PRACTICE = "A81001"


def seen(store: Store, run: int) -> list[int]:
    return [row["person_id"] for row in store.practice_list(run, PRACTICE)]


def test_who_was_hidden_before_there_was_an_overlay_is_hidden_still(bare_settings: Settings) -> None:
    """A store of the version before, with somebody who objects, somebody restricted, and somebody separated twice: an upgrade that lost one of
    them would show them again."""
    old = Database(connect(bare_settings.store_url))
    moment = datetime(2024, 11, 1, tzinfo=UTC).replace(tzinfo=None)
    before = {
        "not_shown": [{"person_id": 101, "why": "type_1", "since": moment}, {"person_id": 201, "why": "restricted", "since": moment}],
        "hidden_person": [{"seq": n, "person_id": 102, "through_run": n, "ground": "separated", "at": moment} for n in (1, 2)],
    }  # fmt: skip
    with old.writing() as connection:
        settings = schema.config()
        settings.attributes["connection"] = connection
        command.upgrade(settings, "0006")
        for table, rows in before.items():
            names = ", ".join(rows[0])
            connection.execute(
                text(f"INSERT INTO {table} ({names}) VALUES ({', '.join(f':{name}' for name in rows[0])})"), rows
            )
    assert schema.bring_up_to_date(old) == "0006"
    old.close()
    store = stores.open(bare_settings)
    standing = [(row["person_id"], row["ground"], row["source"], row["through_run"]) for row in store.standing()]
    assert standing == [(101, "opted_out", "record", None), (201, "restricted", "record", None), (102, "unlinked", "separated", 2)]  # fmt: skip
    assert [seen(store, published(store)) for _ in range(3)] == [[], [], [102]], "scored anew by the third, and shown"
    store.close()


def test_a_row_that_hides_is_lifted_by_a_row_and_both_stay(store: Store) -> None:
    """Two sources told of a death: one takes it back, and the person stays hidden until the other does."""
    run = published(store)
    ward, practice = (Told(101, "died_informal", DAY, source, "somebody") for source in ("ward 7", PRACTICE))
    marks = [store.hiding_mark()]
    for rows, counts, left in (
        ([ward, practice], (2, 0, 0), [102]),
        ([ward], (0, 0, 1), [102]),
        ([Told(**{**vars(ward), "hides": False})], (0, 1, 0), [102]),
        ([Told(**{**vars(practice), "hides": False})], (0, 1, 0), [101, 102]),
        ([Told(**{**vars(practice), "hides": False})], (0, 0, 1), [101, 102]),
        ([ward], (1, 0, 0), [102]),
    ):
        assert tuple(store.tell(rows).values()) == counts
        assert seen(store, run) == left
        assert (store.person(run, 101) is not None) == (101 in left)
        assert store.withheld(run, PRACTICE) == 2 - len(left)
        marks.append(store.hiding_mark())
    assert [(row["source"], row["hides"]) for row in store.overlay_history(101)] == [
        ("ward 7", True), (PRACTICE, True), ("ward 7", False), (PRACTICE, False), ("ward 7", True),
    ]  # fmt: skip
    changed = [before != after for before, after in pairwise(marks)]
    assert changed == [True, False, True, True, False, True], (
        "whoever keeps an answer is told of every change, and of none that is none"
    )
    assert store.hidden_by_ground() == {"died_informal": 1}


def test_a_practice_that_lost_somebody_sees_them_in_no_run_and_another_does(store: Store) -> None:
    """Person 101 was scored by one practice, then by another: what the first saw is hidden, what the second sees is not."""
    people = ((101, PRACTICE, 1, 0.9, 0.61, "high", True), (102, PRACTICE, 2, 0.4, 0.34, "medium", True))
    first = published(store, people)
    second = published(store, ((101, "A81002", 1, 0.9, 0.61, "high", True), *people[1:]))
    store.tell([Told(101, "left_practice", DAY, "record", "a refresh", True, "ods", PRACTICE)])
    assert (seen(store, first), seen(store, second)) == ([102], [102])
    assert store.person(first, 101) is None
    assert [row["person_id"] for row in store.practice_list(second, "A81002")] == [101]
    assert store.practices_of(101) == [("ods", "A81002")]
    assert (store.gone_from_list(first, PRACTICE, "ods"), store.gone_from_list(second, "A81002", "ods")) == (
        [{"person_id": 101, "rank": 1, "section": None}],
        [],
    )


def test_what_a_record_says_is_lifted_by_the_record_alone_and_of_its_own_people(store: Store) -> None:
    run = published(store)
    record = [(person, "opted_out", "", "", "record") for person in (101, 201)]
    assert store.tell_of_record(record, {101, 102, 201}.intersection, DAY, "a refresh") == {
        "hidden": 2,
        "lifted": 0,
        "unchanged": 0,
    }
    store.tell([Told(102, "died_informal", DAY, "ward 7", "somebody")])
    assert seen(store, run) == []
    assert store.tell_of_record([], {101, 102}.intersection, DAY, "a refresh") == {
        "hidden": 0,
        "lifted": 1,
        "unchanged": 0,
    }
    assert seen(store, run) == [101], "the ward's word stands"
    assert [row["person_id"] for row in store.standing()] == [201, 102], "201 is of another record"


def test_whom_any_run_scored_is_known_with_each_practice_once(store: Store) -> None:
    """Person 101 was scored by two practices in three runs; 102 in all three by one. Harm: somebody who left a practice is shown to it in the run that
    nobody looked into."""
    assert store.scored_anywhere() == []
    for practice in (PRACTICE, "A81002", PRACTICE):
        published(store, ((101, practice, 1, 0.9, 0.61, "high", True), (102, PRACTICE, 2, 0.4, 0.34, "medium", True)))
    expected = [(101, "ods", PRACTICE), (101, "ods", "A81002"), (102, "ods", PRACTICE)]
    assert sorted(store.scored_anywhere()) == sorted(expected)
    end = store.told_end()
    store.tell([Told(102, "opted_out", DAY, "a file", "somebody")])
    assert (end, store.told_of_since(end), store.told_of_since(store.told_end())) == (0, {102}, set())


def test_who_is_forgotten_leaves_the_overlay_and_an_etag_from_before_is_worth_nothing(store: Store) -> None:
    run = published(store)
    store.tell([Told(102, "opted_out", DAY, "a file", "somebody")])
    kept = store.hiding_mark()
    store.tell([Told(101, "opted_out", DAY, "a file", "somebody")])
    store.amend_run(run, [101], forgetting="f", ground="erasure", by="somebody", before=None, after=None)
    assert store.remove_people([101])["overlay"] == 1
    assert store.hiding_mark() != kept
