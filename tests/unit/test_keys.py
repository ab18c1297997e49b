"""Keys, and the opaque ids made with one of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from features.errors import MissingPart
from risk import keys
from risk.keys import ExposedKey, Secret
from risk.pseudonyms import Pseudonyms
from risk.settings import Settings

KEY = Secret("person", bytes(range(32)))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


def test_keys_are_made_once_private_and_each_its_own(settings: Settings) -> None:
    made = keys.held(settings, make=True)
    assert keys.held(settings) == keys.held(settings, make=True) == made
    assert len({made.token.value, made.person.value, made.audit.value}) == 3
    assert {path.stat().st_mode & 0o777 for path in settings.keys_folder.iterdir()} == {0o600}


def test_a_missing_key_is_never_made_up_for(settings: Settings) -> None:
    with pytest.raises(MissingPart, match="expected the token key in"):
        keys.held(settings)
    assert not settings.keys_folder.exists()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o660])
def test_a_key_that_others_may_read_or_write_is_refused(settings: Settings, mode: int) -> None:
    keys.held(settings, make=True)
    (settings.keys_folder / "person.key").chmod(mode)
    with pytest.raises(ExposedKey, match=f"found {mode:04o}; run chmod 600"):
        keys.held(settings)


def test_a_key_of_the_wrong_length_is_refused(settings: Settings) -> None:
    keys.held(settings, make=True)
    (settings.keys_folder / "audit.key").write_bytes(b"short")
    with pytest.raises(MissingPart, match="expected a key of 32 bytes"):
        keys.held(settings)


def test_a_key_is_never_shown() -> None:
    assert repr(KEY.value) not in repr(KEY)
    assert repr(KEY) == "Secret(name='person')"


def test_each_use_has_its_own_key() -> None:
    assert len({KEY.derived("a"), KEY.derived("b"), Secret("audit", KEY.value).derived("a")}) == 3


@pytest.mark.parametrize("person_id", [1, 101, 2**62, 2**63 - 1])
def test_an_opaque_id_opens_for_its_reader_alone(person_id: int) -> None:
    one, other = Pseudonyms(KEY, "client-1"), Pseudonyms(KEY, "client-2")
    text = one.of(person_id)
    assert (one.of(person_id), one.person(text)) == (text, person_id)
    assert other.of(person_id) != text
    assert other.person(text) is None
    assert Pseudonyms(Secret("person", bytes(32)), "client-1").person(text) is None


@pytest.mark.parametrize(
    "text", ["", "101", "a" * 39, "A" * 39, "é" * 39, "a" * 38, "a" * 40, "../../etc/passwd", "0" * 39]
)
def test_what_is_no_opaque_id_opens_nothing(text: str) -> None:
    assert Pseudonyms(KEY, "client-1").person(text) is None


def test_every_changed_letter_makes_it_nobodys() -> None:
    held = Pseudonyms(KEY, "client-1")
    text = held.of(101)
    changed = {text[:n] + ("a" if text[n] != "a" else "b") + text[n + 1 :] for n in range(39)}
    assert [held.person(other) for other in changed] == [None] * 39
