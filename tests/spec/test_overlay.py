"""Who is shown no more after a run was published: what the record says of today, and what a file tells."""

from __future__ import annotations

import dataclasses
import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from features.errors import BadInput, MissingPart, WrongUsage
from risk import hiding, keys, suppressing, telling
from risk import store as stores
from risk.grounds import GROUNDS
from risk.pseudonyms import Pseudonyms
from risk.run.reading import READER
from risk.settings import Settings
from risk.store import Store
from risk.store.hiding import Told
from risk.store.tables import overlay
from tests.published import published
from tests.records import PRACTICE, record

TODAY = datetime.date(2024, 12, 2)
NEW = "A81002"
#: Person 1, listed by one practice in run 1; person 2 with them.
LISTED = ((1, PRACTICE, 1, 0.9, 0.61, "high", True), (2, PRACTICE, 2, 0.4, 0.34, "medium", True))
HERE = {"practice": PRACTICE}
OTHER = {"person_id": 2}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(home=tmp_path / "home", today=TODAY, environment="test")
    published(stores.open(made), LISTED)
    return made


def refreshed(settings: Settings, folder: Path, **tables: Any) -> list[tuple[str, str]]:
    """What stands of person 1 after the record was read: ground and practice."""
    tables.setdefault("registration", [{}, OTHER])
    held = record(folder, **{"person": [{}, OTHER], **tables})
    store = stores.open(settings)
    hiding.refresh(settings, store, held)
    return sorted((row["ground"], row["practice"]) for row in store.standing([1]))


LEFT = ("left_practice", PRACTICE)
# what the record holds of person 1, what hides them, and the harm that a miss would do
RECORD: list[tuple[str, dict[str, Any], list[tuple[str, str]]]] = [
    ("registered as they were: not hidden, or somebody at risk would get no help", {}, []),
    ("died: a team would ring a widow and ask for her husband", {"death": [{"event_date": "2024-12-02"}]}, [("died", "")]),
    ("a death that the register took back: a living person would never be helped again",
     {"death": [{"event_date": "2024-11-01", "known_until": "2024-11-20"}]}, []),
    ("taken off the practice's list for death, before the death is registered",
     {"registration": [{"end_date": "2024-12-01", "end_reason": "died"}, OTHER]}, [("died", ""), LEFT]),
    ("registration ends today: the practice reads on about somebody who is no patient of theirs",
     {"registration": [{"end_date": "2024-12-02", "end_reason": "left_area"}, OTHER]}, [LEFT]),
    ("registration ends tomorrow: they are the practice's still, and it may act today",
     {"registration": [{"end_date": "2024-12-03"}, OTHER]}, []),
    ("moved within the area, the old registration closed",
     {"registration": [{"end_date": "2024-11-30", "end_reason": "moved"}, {"event_date": "2024-11-30", "practice": NEW}, OTHER]}, [LEFT]),
    ("moved within the area, the old practice never said so: the latest begun holds, as for a run",
     {"registration": [{}, {"event_date": "2024-11-30", "practice": NEW}, OTHER]}, [LEFT]),
    ("moves tomorrow: the new practice has them from tomorrow",
     {"registration": [{}, {"event_date": "2024-12-03", "practice": NEW}, OTHER]}, []),
    ("moved away and came back: the practice has them again",
     {"registration": [{"end_date": "2024-05-01"}, {"event_date": "2024-11-01"}, OTHER]}, []),
    ("a visitor now: whom a run may not list, an earlier run may not show",
     {"registration": [{"end_date": "2024-11-01"}, {"event_date": "2024-11-01", "kind": "temporary"}, OTHER]}, [LEFT]),
    ("a registration found to be another person's",
     {"registration": [{"known_until": "2024-11-20"}, {"person_id": 2, "event_date": "2001-01-01"}]}, [LEFT]),
    ("restricted: somebody who hides from a violent partner is found by their list",
     {"objection": [{"kind": "restricted", "event_date": "2024-11-01"}]}, [("restricted", "")]),
    ("opted out: a promise would be broken", {"objection": [{"kind": "national", "event_date": "2024-11-01"}]}, [("opted_out", "")]),
    ("opted out, and took it back", {"objection": [{"kind": "national", "event_date": "2024-11-01", "end_date": "2024-11-20"}]}, []),
    ("a death that nobody will know of before tomorrow", {"death": [{"event_date": "2024-12-01", "known_at": "2024-12-03"}]}, []),
    ("died under a number since found to be theirs",
     {"person": [{}, OTHER, {"person_id": 7}], "death": [{"person_id": 7, "event_date": "2024-11-01"}],
      "person_link": [{"other_person_id": 7, "known_at": "2024-11-10"}]}, [("died", "")]),
    ("registered under a number since found to be theirs: not hidden from their own practice",
     {"person": [{}, OTHER, {"person_id": 7}], "registration": [{"person_id": 7}, OTHER],
      "person_link": [{"person_id": 7, "other_person_id": 1, "known_at": "2024-11-10"}]}, []),
]  # fmt: skip


@pytest.mark.parametrize(("tables", "hides"), [case[1:] for case in RECORD], ids=[case[0] for case in RECORD])
def test_what_the_record_says_today_hides_from_the_runs_there_are(
    settings: Settings, tmp_path: Path, tables: dict[str, Any], hides: list[tuple[str, str]]
) -> None:
    assert refreshed(settings, tmp_path / "record", **tables) == sorted(hides)
    store = stores.open(settings)
    assert [row["person_id"] for row in store.practice_list(1, PRACTICE)] == ([2] if hides else [1, 2])
    assert store.person(1, 2) is not None
    assert (store.person(1, 1) is None) == bool(hides)


def test_who_moved_is_the_new_practices_from_the_run_that_drew_them_there(settings: Settings, tmp_path: Path) -> None:
    """Harm: a practice reads the past of somebody who came yesterday, drawn for another's list; or nobody has them."""
    moved = [{"end_date": "2024-11-30", "end_reason": "moved"}, {"event_date": "2024-11-30", "practice": NEW}, OTHER]
    assert refreshed(settings, tmp_path / "record", registration=moved) == [LEFT]
    store = stores.open(settings)
    assert [store.practice_list(1, code) for code in (NEW,)] == [[]]
    assert store.practices_of(1) == []
    later = published(store, ((1, NEW, 1, 0.9, 0.61, "high", True), LISTED[1]))
    hiding.refresh(settings, store, tmp_path / "record")
    assert [row["person_id"] for row in store.practice_list(later, NEW)] == [1]
    assert [row["person_id"] for row in store.practice_list(1, PRACTICE)] == [2]
    assert store.practices_of(1) == [("ods", NEW)]


def test_a_death_told_stays_when_the_record_knows_of_none_and_reaches_whoever_is_one_with_them(
    settings: Settings, tmp_path: Path
) -> None:
    """Harm: the nightly refresh undoes a ward's word; an earlier run shows the same person under their other number."""
    store = stores.open(settings)
    link = {"person_link": [{"other_person_id": 2, "known_at": "2024-11-10"}]}
    told = suppressing.take(settings, lines(tmp_path, {1: "died_informal,2024-12-01,ward 7,,"}, settings), None)
    assert (told["hidden"], [row["person_id"] for row in store.practice_list(1, PRACTICE)]) == (1, [2])
    assert refreshed(settings, tmp_path / "record", **link) == [("died_informal", "")]
    assert store.practice_list(1, PRACTICE) == []
    lift = lines(tmp_path, {1: "died_informal,2024-12-02,ward 7,,lift"}, settings)
    assert suppressing.take(settings, lift, tmp_path / "record")["of_record"] == 0
    assert [row["person_id"] for row in store.practice_list(1, PRACTICE)] == [1, 2]


def lines(folder: Path, rows: dict[int, str], settings: Settings, whole: bool = False) -> Path:
    """A file of ``rows``, the rest of a line by person."""
    pseudonyms = Pseudonyms(keys.held(settings, make=True).person, READER)
    path = folder / "told.csv"
    said = [f"{pseudonyms.of(person)[: 39 if whole else 10]},{rest}" for person, rest in rows.items()]
    path.write_text("\n".join(["person,ground,from,source,practice,act", *said]) + "\n")
    return path


def state(store: Store) -> list[tuple[int, str, str, str]]:
    return [(row["person_id"], row["ground"], row["practice"], row["source"]) for row in store.standing()]


def test_a_file_hides_at_once_and_its_source_alone_lifts_it(settings: Settings, tmp_path: Path) -> None:
    """Harm: whoever acts on a list in the hour after a death was told writes to the dead; a lift by another undoes a word that stands."""
    store = stores.open(settings)
    both = {1: "died_informal,2024-12-01,ward 7,,hide", 2: f"left_practice,2024-12-02,{PRACTICE},{PRACTICE},"}
    told = suppressing.take(settings, lines(tmp_path, both, settings, whole=True), None)
    assert (told["hidden"], told["standing"]) == (2, {"died_informal": 1, "left_practice": 1})
    assert state(store) == [(1, "died_informal", "", "ward 7"), (2, "left_practice", PRACTICE, PRACTICE)]
    assert store.practice_list(1, PRACTICE) == []
    assert store.withheld(1, PRACTICE) == 2
    with pytest.raises(BadInput, match="line 2: expected a lift of what the same source told"):
        suppressing.take(settings, lines(tmp_path, {1: "died_informal,2024-12-02,ward 8,,lift"}, settings), None)
    suppressing.take(settings, lines(tmp_path, {1: "died_informal,2024-12-02,ward 7,,lift"}, settings), None)
    assert [row["person_id"] for row in store.practice_list(1, PRACTICE)] == [1]
    assert [row["hides"] for row in store.overlay_history(1)] == [True, False]
    assert [row["action"] for row in store.audit_rows()] == ["overlay.told"] * 2


GOOD = "restricted,2024-12-01,a file,,"
# the rest of person 1's line, and what is said of it
BAD = [
    ("gone,2024-12-01,a file,,", "expected a ground among died, "),
    ("restricted,01/12/2024,a file,,", "expected a day such as 2024-11-30"),
    ("restricted,2024-12-03,a file,,", "expected a day up to 2024-12-02"),
    ("restricted,2024-12-01,,,", "expected in `source` who says so"),
    ("restricted,2024-12-01,rang 9434765919,,", "expected in `source` who says so"),
    ("restricted,2024-12-01,record,,", "expected a source other than `record` and `link`"),
    ("restricted,2024-12-01,a file,,show", "expected `act` to be hide or lift"),
    ("restricted,2024-12-01,a file,A81002,", "expected `practice` with the ground left_practice"),
    ("left_practice,2024-12-01,a file,,", "expected `practice` with the ground left_practice"),
    ("left_practice,2024-12-01,a file,A81002,", "expected a practice that a run scored the person in"),
    ("died,2024-12-01,a file,,lift", "expected no lift of a registered death"),
    ("restricted,2024-12-01,a file,,lift", "expected a lift of what the same source told"),
    ("restricted,2024-12-01,a file", "expected 6 cells, found 4"),
]


@pytest.mark.parametrize(("rest", "says"), BAD)
def test_a_line_that_does_not_fit_refuses_the_file_whole_and_is_not_shown(
    settings: Settings, tmp_path: Path, rest: str, says: str
) -> None:
    """Harm: half of a file is told and nobody knows which half; a log holds somebody's number."""
    path = lines(tmp_path, {2: GOOD, 1: rest}, settings)
    with pytest.raises(BadInput) as raised:
        suppressing.take(settings, path, None)
    assert f"line 3: {says}" in str(raised.value)
    assert str(raised.value).endswith("nothing was written")
    assert "9434765919" not in str(raised.value)
    assert state(stores.open(settings)) == []


def test_people_of_nobody_here_and_columns_of_another_file(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "told.csv"
    for text, says in (
        ("person,ground,from,source\naaaaaaaaaa,restricted,2024-12-01,x\n", "line 2: expected an opaque id of somebody whom a run scored"),
        ("person,ground,from\n", "expected the columns person, ground, from, source"),
        ("", "expected the columns person, ground, from, source"),
    ):  # fmt: skip
        path.write_text(text)
        with pytest.raises(BadInput, match=says) as raised:
            suppressing.take(settings, path, None)
        assert "aaaaaaaaaa" not in str(raised.value)
    path.write_text("person,ground,from,source\n9434765919,restricted,2024-12-01,x\n")
    with pytest.raises(WrongUsage, match="expected --record beside NHS numbers"):
        suppressing.take(settings, path, None)
    with pytest.raises(WrongUsage, match="expected a FILE"):
        suppressing.take(settings, None, None)


def test_separated_people_told_by_file_are_shown_by_a_later_run(settings: Settings, tmp_path: Path) -> None:
    """Harm: two people read as one; or somebody scored anew is hidden for good."""
    store = stores.open(settings)
    suppressing.take(settings, lines(tmp_path, {1: "unlinked,2024-12-01,a clerk,,"}, settings), None)
    assert [row["person_id"] for row in store.practice_list(1, PRACTICE)] == [2]
    second = published(store, LISTED)
    assert [row["person_id"] for row in store.practice_list(second, PRACTICE)] == [1, 2]


def test_every_ground_says_what_it_is() -> None:
    assert all(name == ground.name and ground.says for name, ground in GROUNDS.items())
    assert [name for name, ground in GROUNDS.items() if not ground.lifts] == ["died"], "a formal death stays"


def test_a_restore_does_not_untell_what_was_told_since_the_backup(settings: Settings, tmp_path: Path) -> None:
    """Harm: the backup of the night comes back after a fault, and with it everybody whose death was told in the morning. A word is in a journal
    apart before it is in the store; what was lifted since stays lifted."""
    store, day = stores.open(settings), TODAY
    early = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)
    rows = [Told(person, "died_informal", day, "ward 7", "somebody") for person in (1, 2)]
    telling.tell(settings, store, rows)
    telling.tell(settings, store, [dataclasses.replace(rows[1], hides=False)])
    journal = settings.forgotten_folder / telling.FILE
    journal.write_bytes(journal.read_bytes() + b'{"at": "2024-')  # a crash within a line
    with store.writing() as connection:
        connection.execute(delete(overlay))  # as the backup was
    assert [row["person_id"] for row in store.practice_list(1, PRACTICE)] == [1, 2]
    assert telling.again(settings, store, None) == {"hidden": 2, "lifted": 1, "unchanged": 0}
    assert [row["person_id"] for row in store.practice_list(1, PRACTICE)] == [2]
    assert telling.again(settings, store, early)["unchanged"] == 1, (
        "said again, nothing changes but what was lifted and is lifted again"
    )
    assert [row["person_id"] for row in store.practice_list(1, PRACTICE)] == [2]
    assert telling.again(settings, store, datetime.datetime(2100, 1, 1, tzinfo=datetime.UTC)) == {
        "hidden": 0,
        "lifted": 0,
        "unchanged": 0,
    }
    telling.tell(settings, store, rows[:1])
    assert telling.remove(settings, {1}) == 2
    assert telling.again(settings, store, None) == {"hidden": 1, "lifted": 1, "unchanged": 0}


def test_where_the_journal_cannot_be_written_nothing_is_told(settings: Settings, tmp_path: Path) -> None:
    store = stores.open(settings)
    (tmp_path / "file").write_text("")
    apart = settings.model_copy(update={"forgotten": tmp_path / "file"})
    with pytest.raises(MissingPart, match="nothing was told"):
        telling.tell(apart, store, [Told(1, "died", TODAY, "ward 7", "somebody")])
    assert store.standing() == []
