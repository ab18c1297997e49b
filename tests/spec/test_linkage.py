"""Linking people without an NHS number, on people who do not exist; the figures at scale are those of ``make accept-linkage``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from features.linkage import matching
from features.linkage.linking import Linked, compare, link
from features.linkage.matching import TooFew
from features.linkage.pile import REJECTED
from features.record.one_person import PROBABLE
from features.record.reader import Record
from tests.extracts import Place
from tests.linked import key_of, taken
from tests.people_to_link import people

DAY = date(2024, 12, 1)


@pytest.fixture(scope="module", autouse=True)
def fewer_random_pairs() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matching, "RANDOM_PAIRS", 3e5)
        yield


@pytest.fixture(scope="module")
def area(tmp_path_factory: pytest.TempPathFactory) -> tuple[Place, Linked, dict[int, int]]:
    """1,500 people and 300 of a council's, linked; and who each of those truly is (by person, 0: nobody of the area)."""
    place = taken(tmp_path_factory.mktemp("area"), people(1500, 300, 3))
    with place.identity() as identity:
        done = link(place.record, identity, place.folder / "identity", DAY)
        return place, done, key_of(place, identity)


def test_most_are_linked_and_none_wrongly(area: tuple[Place, Linked, dict[int, int]]) -> None:
    _, done, key = area
    right = [key[other] == person for person, other in _pairs(done)]
    assert (done.numbered, done.loose) == (1500, len(key))
    assert all(right)
    assert len(right) >= 0.95 * sum(person > 0 for person in key.values())


def test_links_are_dated_rows_with_their_probability(area: tuple[Place, Linked, dict[int, int]]) -> None:
    place, done, _ = area
    rows = place.rows("person_link", "person_id other_person_id known_at same reason probability")
    assert {(row[0], row[1]) for row in rows} == set(_pairs(done))
    assert {row[2:5] for row in rows} == {("2024-12-01", True, PROBABLE)}
    assert all(0.99 <= row[5] <= 1 for row in rows)


def test_services_then_read_as_the_registered_persons(area: tuple[Place, Linked, dict[int, int]]) -> None:
    place, done, _ = area
    with Record(place.record, purpose="case_finding") as held:
        served = held.connection.execute(
            "SELECT count(DISTINCT person_id) FROM social_care SEMI JOIN registration USING (person_id)"
        ).fetchall()
    assert served == [(len(done.made),)]


def test_nothing_that_identifies_anybody_leaves_the_identity_store(area: tuple[Place, Linked, dict[int, int]]) -> None:
    place, *_ = area
    told = people(1500, 300, 3)
    with place.identity() as identity:
        charts = compare(place.record, identity, place.folder / "identity")
    assert len(charts) == 3
    seen = b"".join(path.read_bytes() for path in place.folder.rglob("*") if path.is_file() and "council" not in path.parts and "area" not in path.parts and path.name != "key.parquet")  # fmt: skip
    seen += "".join(charts.values()).encode()
    values = {
        *told.council["local_id"][:50],
        *told.area["postcode"][:50],
        *(f"{name}" for name in told.area["family_name"][:50] if len(name) > 8),
    }
    assert not [value for value in values if value.encode() in seen]
    assert [path.name for path in (place.folder / "identity").iterdir()] == ["identity.db"]


def test_linking_again_changes_nothing_and_keeps_what_a_person_decided(
    area: tuple[Place, Linked, dict[int, int]],
) -> None:
    place, *_ = area
    before = place.contents()
    with place.identity() as identity:
        first, *others = identity.pile.waiting()
        identity.pile.decide(first.person_id, first.other_person_id, REJECTED, DAY)
        identity.commit()
        again = link(place.record, identity, place.folder / "identity", date(2024, 12, 8))
        waiting = identity.pile.waiting()
    assert len(again.made) == 0
    assert place.contents() == before
    assert [(pair.person_id, pair.other_person_id) for pair in waiting] == [
        (pair.person_id, pair.other_person_id) for pair in others
    ]


def test_equal_data_give_equal_links(tmp_path: Path, area: tuple[Place, Linked, dict[int, int]]) -> None:
    """Of another identity store, with other person ids: by what the council calls them."""
    other = taken(tmp_path, people(1500, 300, 3))
    with other.identity() as identity:
        done = link(other.record, identity, other.folder / "identity", DAY)
    assert sorted(done.made["probability"].round(9)) == sorted(area[1].made["probability"].round(9))


def test_too_few_to_learn_from(tmp_path: Path) -> None:
    place = taken(tmp_path, people(100, 20, 4))
    with place.identity() as identity, pytest.raises(TooFew, match="nobody was linked by probability"):
        link(place.record, identity, place.folder / "identity", DAY)
    assert place.rows("person_link", "person_id") == []


def _pairs(done: Linked) -> list[tuple[int, int]]:
    return list(zip(done.made["person_id"], done.made["other_person_id"], strict=True))
