"""Opt-outs by file: the national service's answer, and a list of the area's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from features.errors import BadInput, WrongUsage
from features.governance.opt_out_lists import changes, numbers
from risk.cli import app
from tests.extracts import Place, extract, nhs


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Three people with a stay each."""
    monkeypatch.setenv("FRAILTY_HOME", str(tmp_path))
    monkeypatch.setenv("FRAILTY_TODAY", "2024-12-20")
    held = Place(tmp_path)
    held.take(
        extract(
            tmp_path / "e",
            spell=[{"row_key": f"S{n}", "nhs_number": nhs(n), "event_date": "2024-03-01"} for n in (1, 2, 3)],
        )
    )
    return held


def told(place: Place, kind: str, on: str, **files: list[int]) -> dict[str, int]:
    asked = ["opt-outs", kind, "--record", str(place.record), "--on", on, "--json"]
    for name, people in files.items():
        path = place.folder / f"{name}.dat"
        path.write_text("".join(f"{nhs(n)},\n" for n in people))
        asked += [f"--{name.replace('_', '-')}", str(path)]
    done = CliRunner().invoke(app, asked, catch_exceptions=False)
    return {name: value for name, value in json.loads(done.stdout).items() if name not in ("kind", "on")}


def test_whoever_does_not_come_back_has_opted_out_and_may_take_it_back(place: Place) -> None:
    first = told(place, "national", "2024-12-03", sent=[1, 2, 3], returned=[2, 3])
    assert first == {"objecting": 1, "ended": 0, "unchanged": 0, "not_shown": 1}
    assert told(place, "national", "2024-12-10", sent=[1, 2, 3], returned=[2]) == {"objecting": 1, "ended": 0, "unchanged": 1, "not_shown": 2}  # fmt: skip
    assert told(place, "national", "2024-12-17", sent=[1, 2, 3], returned=[1, 2]) == {"objecting": 0, "ended": 1, "unchanged": 1, "not_shown": 1}  # fmt: skip
    assert place.rows("objection", "kind event_date end_date known_at known_until") == [
        ("national", "2024-12-03", "2024-12-17", "2024-12-17", None),
        ("national", "2024-12-03", None, "2024-12-03", "2024-12-17"),
        ("national", "2024-12-10", None, "2024-12-10", None),
    ]


def test_a_local_list_names_them_and_the_other_kind_is_left_alone(place: Place) -> None:
    told(place, "national", "2024-12-03", sent=[1, 2], returned=[2])
    assert told(place, "local", "2024-12-04", opted_out=[1, 3])["not_shown"] == 2
    assert told(place, "local", "2024-12-05", opted_out=[3], withdrawn=[1]) == {"objecting": 0, "ended": 1, "unchanged": 1, "not_shown": 2}  # fmt: skip
    assert told(place, "local", "2024-12-05", opted_out=[3], withdrawn=[1])["ended"] == 0


def test_lists_against_what_holds() -> None:
    """In both lists: they object. Withdrawn and never in force: nothing."""
    assert changes(["1", "2"], ["2", "3", "4"], {"1": 5, "3": 6}) == (("2",), {"3": 6})  # type: ignore[dict-item]


def test_a_line_that_is_no_number_refuses_the_file_without_showing_it(tmp_path: Path) -> None:
    (tmp_path / "list.dat").write_text(f"{nhs(1)},\n1234567890,\n")
    with pytest.raises(BadInput, match="line 2: expected an NHS number") as raised:
        numbers(tmp_path / "list.dat")
    assert "1234567890" not in str(raised.value)


@pytest.mark.parametrize(
    "flags", [[], ["--sent", "a"], ["--returned", "a"], ["--withdrawn", "a"], ["--sent", "a", "--opted-out", "b"]]
)
def test_half_an_answer_is_refused(place: Place, flags: list[str]) -> None:
    asked = ["opt-outs", "national", "--record", str(place.record), "--on", "2024-12-01", *flags]
    with pytest.raises(WrongUsage, match="--sent with --returned"):
        CliRunner().invoke(app, asked, catch_exceptions=False)
