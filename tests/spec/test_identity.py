"""The identity store: who a row is about, given once; a new key changes nobody."""

from __future__ import annotations

import os
import sqlite3
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as arrow
import pytest

from features.errors import MissingPart
from features.linkage.identity import NOBODY, IdentityStore
from features.linkage.sealing import ExposedKey, WrongKey, make_key, write_key
from features.linkage.vault import FILE, IdentityStoreBusy
from tests.extracts import Place, extract, nhs


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def texts(*values: str | None) -> arrow.Array:
    return arrow.array(values, arrow.string())


def resolve(store: IdentityStore, nhs_numbers: list[str | None], local_ids: list[str | None], source: str = "council") -> list[int]:  # fmt: skip
    return store.resolve(texts(*nhs_numbers), source, texts(*local_ids))[0].tolist()


def files(place: Place) -> bytes:
    return b"".join(path.read_bytes() for path in place.folder.rglob("*") if path.is_file())


# NHS number and local id of each row; the letter stands for the person whom the row is about.
RESOLVED = [
    ("one number, one person", [("1", None), ("1", None), ("2", None)], "AAB"),
    ("a local id alone", [(None, "x"), (None, "x"), (None, "y")], "AAB"),
    ("a local id beside a number stands for its person", [("1", "x"), (None, "x")], "AA"),
    ("wherever in the batch they meet", [(None, "x"), ("1", "x")], "AA"),
    ("the number decides", [("1", "x"), ("2", "x")], "AB"),
    ("neither", [(None, None), ("1", None)], "-A"),
]


@pytest.mark.parametrize(("case", "rows", "people"), RESOLVED, ids=[case[0] for case in RESOLVED])
def test_resolving(place: Place, case: str, rows: list[tuple[str | None, str | None]], people: str) -> None:
    with place.identity() as store:
        found = resolve(store, [number and nhs(int(number)) for number, _ in rows], [local for _, local in rows])
    letters: dict[int, str] = {NOBODY: "-"}
    assert "".join(letters.setdefault(person, "ABC"[len(letters) - 1]) for person in found) == people


def test_a_local_id_of_one_source_is_nobody_of_another(place: Place) -> None:
    with place.identity() as store:
        assert resolve(store, [None], ["7"], "council") != resolve(store, [None], ["7"], "hospital")


def test_people_are_positive_random_and_kept(place: Place) -> None:
    numbers = [nhs(i) for i in range(1000)]
    with place.identity() as store:
        first = resolve(store, numbers, [None] * 1000)
        store.commit()
    with place.identity() as store:
        assert resolve(store, numbers, [None] * 1000) == first
    assert len(set(first)) == 1000
    assert min(first) > 0
    # 63 random bits: no order, and about half of them above the middle.
    assert first != sorted(first)
    assert 400 < sum(person > 2**62 for person in first) < 600


def test_what_is_not_committed_is_not_kept(place: Place) -> None:
    with place.identity() as store:
        assert resolve(store, [nhs(1)], [None]) != [NOBODY]
    with place.identity() as store:
        assert store.find(texts(nhs(1)), "council", texts(None)).tolist() == [NOBODY]
        resolve(store, [nhs(1)], [None])
        store.rollback()
        assert store.find(texts(nhs(1)), "council", texts(None)).tolist() == [NOBODY]


def test_finding_gives_nobody_new(place: Place) -> None:
    with place.identity() as store:
        person = resolve(store, [nhs(1), None], [None, "x"])
        asked = store.find(texts(nhs(1), None, nhs(2), None, None), "council", texts("unknown", "x", "x", "y", None))
    assert asked.tolist() == [person[0], person[1], NOBODY, NOBODY, NOBODY]


def test_a_local_id_that_was_somebody_elses_links_two_people(place: Place) -> None:
    with place.identity() as store:
        (alone,) = resolve(store, [None], ["x"])
        people, links = store.resolve(texts(nhs(1), nhs(1)), "council", texts(None, "x"))
        assert people[0] == people[1] != alone
        assert [(link.person_id, link.other_person_id, link.row) for link in links] == [(people[0], alone, 1)]
        assert resolve(store, [None], ["x"]) == [alone]  # given once


def test_the_record_holds_the_link(tmp_path: Path, place: Place) -> None:
    place.take(extract(tmp_path / "e", spell=[{"nhs_number": "", "local_id": "L", "event_date": "2024-03-01"}]))
    both = [{"local_id": "L", "event_date": f"2024-0{month}-01"} for month in (6, 5)]
    ledger = place.take(extract(tmp_path / "f", spell=both))
    (link,) = place.rows("person_link", "known_at same reason person_id other_person_id")
    assert link[:3] == ("2024-05-01", True, "local_id_met_nhs_number")
    assert set(link[3:]) == {person for (person,) in place.rows("spell", "person_id")}
    assert [(entry.file, entry.read, entry.accepted) for entry in ledger.entries][-1] == ("identity store", 1, 1)


def test_a_new_key_changes_every_token_and_nobody(place: Place) -> None:
    numbers, locals_ = [nhs(1), nhs(2), None], [None, "x", "y"]
    with place.identity() as store:
        before = resolve(store, numbers, locals_)
        store.held.keep_apart(
            np.array(before), "council", arrow.table({"full_name": ["Ada Example", None, "Bo Example"]})
        )
        store.held.keep_originals("b", "f.csv", "spell", [2], arrow.table({"nhs_number": ["123"]}), date(2030, 1, 1))
        store.commit()
        salt, name = store.row_salt, store.store_id
    old_key, old = (place.folder / "keys" / "identity.key").read_bytes(), tokens(place)
    with place.identity() as store:
        store.rotate(make_key())
        assert resolve(store, numbers, locals_) == before
    assert (place.folder / "keys" / "identity.key").read_bytes() != old_key
    assert not old & tokens(place)
    with place.identity() as store:
        assert resolve(store, numbers, locals_) == before
        assert (store.row_salt, store.store_id) == (salt, name)
        assert store.held.said_of(before[0]) == [{"source": "council", "full_name": "Ada Example"}]
        assert store.originals("b")[0].values == {"nhs_number": "123"}


def tokens(place: Place) -> set[bytes]:
    connection = sqlite3.connect(place.folder / "identity" / FILE)
    found = {
        token for table in ("token", "held_apart") for (token,) in connection.execute(f"SELECT token FROM {table}")
    }
    connection.close()
    assert len(found) == 6
    return found


def test_a_rotation_cut_short_is_finished_by_the_next_opening(place: Place) -> None:
    key_file = place.folder / "keys" / "identity.key"
    with place.identity() as store:
        before = resolve(store, [nhs(1)], [None])
        store.commit()
    old = key_file.read_bytes()
    with place.identity() as store:
        store.rotate(make_key())
    # As if the process had died between the store's commit and the key's taking its place.
    key_file.rename(key_file.with_name("identity.key.next"))
    key_file.write_bytes(old)
    key_file.chmod(0o600)
    with place.identity() as store:
        assert resolve(store, [nhs(1)], [None]) == before
    assert key_file.read_bytes() != old
    assert not key_file.with_name("identity.key.next").exists()


def test_nothing_in_the_store_can_be_read_without_the_key(place: Place) -> None:
    with place.identity() as store:
        people = store.resolve(texts(nhs(1), None), "council", texts(None, "LOCAL-77"))[0]
        store.held.keep_apart(people, "council", arrow.table({"full_name": ["Ada Example", "Bo Example"]}))
        store.held.keep_originals("b", "f", "spell", [2], arrow.table({"nhs_number": ["9990000000"]}), date(2030, 1, 1))
        store.commit()
        assert "Original" in repr(store.originals("b")[0])
        assert "9990000000" not in repr(store.originals("b"))
    held = files(place)
    assert not [text for text in (nhs(1), "LOCAL-77", "Example", "9990000000") if text.encode() in held]


def test_originals_expire(place: Place) -> None:
    with place.identity() as store:
        for day in (date(2024, 3, 1), date(2024, 3, 2)):
            store.held.keep_originals("b", "f", "spell", [day.day], arrow.table({"code": ["x"]}), day)
        store.commit()
        assert store.expire(date(2024, 2, 29)) == 0
        assert store.expire(date(2024, 3, 1)) == 1
    with place.identity() as store:
        assert [kept.row for kept in store.originals("b")] == [2]


def test_files_are_their_owners_alone(place: Place) -> None:
    with place.identity() as store:
        assert store.store_id
    modes = {path.name: path.stat().st_mode & 0o777 for path in (place.folder / "identity", place.folder / "identity" / FILE, place.folder / "keys" / "identity.key")}  # fmt: skip
    assert modes == {"identity": 0o700, FILE: 0o600, "identity.key": 0o600}


def test_a_key_that_others_may_read_is_refused(place: Place) -> None:
    place.identity().close()
    os.chmod(place.folder / "keys" / "identity.key", 0o640)
    with pytest.raises(ExposedKey, match=r"expected .* \(0600\), found 0640; run chmod 600"):
        place.identity()


def test_a_lost_key_or_another_is_refused(place: Place) -> None:
    place.identity().close()
    key_file = place.folder / "keys" / "identity.key"
    key_file.unlink()
    with pytest.raises(MissingPart, match="restore it from its backup"):
        place.identity()
    write_key(key_file, make_key())
    with pytest.raises(WrongKey, match="give the key file that was made with it"):
        place.identity()


def test_a_second_writer_is_refused(place: Place) -> None:
    with place.identity() as first, place.identity() as second:
        resolve(first, [nhs(1)], [None])
        with pytest.raises(IdentityStoreBusy, match="wait for it to end"):
            resolve(second, [nhs(2)], [None])
