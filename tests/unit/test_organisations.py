"""The directory's file: what it may say, and that a file which does not fit changes nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from risk import store as stores
from risk.organisations import Unfit, import_file, read
from risk.settings import Settings
from risk.store import Store

GOOD = """
[[organisation]]
code = "U12345"
name = "North network"
kind = "network"
from = 2024-04-01

[[organisation]]
code = "A81001"
name = "Riverside"
kind = "practice"
from = 2020-01-01
part_of = [{code = "U12345", from = 2024-04-01}]

[[team]]
id = "north"
name = "North neighbourhood team"
kind = "neighbourhood"
organisation = "U12345"
from = 2024-04-01
covers = [{practice = "A81001", from = 2024-04-01, to = 2025-04-01}]

[[user]]
id = "u1"
subject = "uuid-1"
name = "A Matron"
from = 2024-04-01
roles = [{role = "matron", team = "north", from = 2024-04-01}, {role = "gp", organisation = "A81001", from = 2024-04-01}]
"""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return stores.open(Settings(home=tmp_path / "home", environment="test"))


def write(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "organisations.toml"
    file.write_text(text)
    return file


def test_a_file_becomes_dated_rows(tmp_path: Path) -> None:
    rows = read(write(tmp_path, GOOD))
    assert rows["team_cover"] == [{"team_id": "north", "scheme": "ods", "practice": "A81001", "valid_from": date(2024, 4, 1), "valid_to": date(2025, 4, 1)}]  # fmt: skip
    assert [(row["role"], row["scheme"], row["organisation"], row["team_id"]) for row in rows["user_role"]] == [
        ("matron", None, None, "north"), ("gp", "ods", "A81001", None),
    ]  # fmt: skip


def test_importing_twice_changes_nothing_and_an_end_is_taken_in(store: Store, tmp_path: Path) -> None:
    first = import_file(store, write(tmp_path, GOOD))
    again = import_file(store, write(tmp_path, GOOD))
    ended = import_file(store, write(tmp_path, GOOD.replace("to = 2025-04-01", "to = 2024-12-01")))
    assert first["organisation"] == {"added": 2, "changed": 0, "same": 0}
    assert all(counts["added"] == counts["changed"] == 0 for counts in again.values())
    assert ended["team_cover"] == {"added": 0, "changed": 1, "same": 0}
    assert store.directory()["team_cover"][0]["valid_to"] == date(2024, 12, 1)


def test_what_a_file_does_not_name_stays(store: Store, tmp_path: Path) -> None:
    import_file(store, write(tmp_path, GOOD))
    import_file(
        store,
        write(tmp_path, '[[organisation]]\ncode = "A81002"\nname = "Hill"\nkind = "practice"\nfrom = 2020-01-01\n'),
    )
    assert [row["code"] for row in store.directory()["organisation"]] == ["A81001", "A81002", "U12345"]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('kind = "practice"', 'kind = "surgery"', "organisation 2 kind: Input should be 'practice'"),
        ('code = "A81001"\nname', 'code = "a81-001"\nname', "organisation 2: Value error, a ODS organisation code is"),
        ("from = 2020-01-01", "", "organisation 2 from: Field required"),
        ("to = 2025-04-01", "to = 2023-04-01", "team 1 covers 1: Value error, it ends before it begins"),
        ('team = "north", ', "", "a role is held at an organisation or in a team"),
        ('id = "u1"', 'id = "u1"\npassword = "x"', "user 1 password: Extra inputs are not permitted"),
        ("[[user]]", "[[users]]", "users: Extra inputs are not permitted"),
        ('covers = [{practice = "A81001"', 'covers = [{practice = "A81009"', "names organisation ods A81009, which neither it nor the directory has"),
        ("[[organisation]]", "[[organisation", "expected TOML"),
    ],
)  # fmt: skip
def test_a_file_that_does_not_fit_changes_nothing_and_says_where(store: Store, tmp_path: Path, old: str, new: str, says: str) -> None:  # fmt: skip
    assert old in GOOD
    with pytest.raises(Unfit) as caught:
        import_file(store, write(tmp_path, GOOD.replace(old, new)))
    assert says in str(caught.value)
    assert not any(store.directory().values())


def test_a_file_that_is_not_there_is_a_sentence(store: Store, tmp_path: Path) -> None:
    with pytest.raises(Unfit, match="could not read it"):
        import_file(store, tmp_path / "none.toml")


def test_the_example_is_one(store: Store) -> None:
    example = Path(__file__).resolve().parents[2] / "docs" / "examples" / "organisations.toml"
    done = import_file(store, example)
    assert {table: counts["added"] for table, counts in done.items()} == {
        "organisation": 3, "organisation_part": 2, "team": 1, "team_cover": 2, "app_user": 1, "user_role": 1,
    }  # fmt: skip
