"""Everything held on one person, for a subject access request: whole, nobody else's, and in the audit."""

from __future__ import annotations

import html
import json
import stat
import zipfile
from pathlib import Path
from typing import Any

import orjson
import pytest

from features.errors import WrongUsage
from features.record.erasure import holds
from risk.person_report.report import report
from risk.person_report.withheld import OTHERS, TO_READ, told
from risk.person_report.writing import JSON, PAGE
from risk.person_report.writing import page as as_page
from risk.run import folder
from risk.store.hiding import Told
from tests.extracts import nhs
from tests.integration.test_forget import AT, Area
from tests.typed import typed


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Area:
    area = Area(tmp_path_factory.mktemp("report") / "area")
    area.build()
    return area


@pytest.fixture
def area(built: Area, tmp_path: Path) -> Area:
    return built.copy(tmp_path / "area")


def made(area: Area, person: str, out: Path) -> tuple[dict[str, Any], dict[str, Any], str]:
    """Counts, the report, and its page."""
    counts = report(area.settings, [area.place.record], person, out, "request 7")
    with zipfile.ZipFile(out) as archive:
        assert archive.namelist() == [JSON, PAGE]
        return counts, json.loads(archive.read(JSON)), archive.read(PAGE).decode()


def test_it_has_whatever_a_forgetting_would_remove(area: Area, tmp_path: Path) -> None:
    """Harm: somebody is told that this is everything, and it is not."""
    person = area.person
    area.store.tell([Told(person, "opted_out", AT, "a ward", "a test", True, "", "")])
    there = holds(area.place.record, [person])
    rows = {
        table: count
        for table, count in area.store.rows_about([person]).items()
        if table not in ("audit_event", "overlay")
    }
    files = {number: [name for name in folder.manifest(area.settings.runs, number)["files"] if folder.person_row(area.settings.runs, number, name, person)] for number in (1, 2)}  # fmt: skip
    counts, held, page = made(area, nhs(1), tmp_path / "report.zip")
    (record,) = held["record"].values()
    assert {table: len(found) for table, found in record.items()} == there
    assert {table: len(found) for table, found in held["store"].items()} == rows
    assert {run["number"]: sorted(run["files"]) for run in held["runs"]} == {
        number: sorted(names) for number, names in files.items()
    }
    assert all(files.values())
    assert f"nhs|{nhs(1)}" in held["identity"]
    assert [row["ground"] for row in held["suppressions"]] == ["opted_out"]
    assert [(model["name"], model["part"]) for model in held["models"]] == [("unplanned_admission_365", "train")]
    assert {one["days"] for one in held["kept"]} >= {area.settings.decision_days, area.settings.audit_days}
    assert counts["record_rows"] == sum(there.values())
    assert "Everything held on one person" in page
    assert html.escape(held["withheld"][0]["why"]) in page


def test_who_was_told_of_them_is_in_it_and_staff_are_not_named(area: Area, tmp_path: Path) -> None:
    _, held, page = made(area, nhs(1), tmp_path / "report.zip")
    look = next(row for row in held["read_by"] if row["action"] == "person.look")
    assert look["reason"] == {TO_READ: "Name 1 rang"}
    assert {row["action"] for row in held["read_by"]} >= {"person.look"}
    assert "u1" not in orjson.dumps(held["read_by"]).decode()
    assert TO_READ in page


def test_nobody_else_is_in_it(area: Area, tmp_path: Path) -> None:
    """Harm: one person is sent another's record."""
    area.store.tell([])
    _, held, page = made(area, nhs(1), tmp_path / "report.zip")
    ((other,),) = area.place.rows("person", "person_id", "birth_month = DATE '1927-05-01'")
    everything = orjson.dumps(held).decode() + page
    others = [nhs(number) for number in range(2, 41)] + [str(other), "1927-05-01"]
    assert not [text for text in others if text in everything]
    assert str(area.person) not in everything, "nor a number of the product's own"


def test_two_records_of_one_person_are_one_report(area: Area, tmp_path: Path) -> None:
    """Three and four are one by a link: either number gives both, and the link."""
    three, four = (made(area, nhs(number), tmp_path / f"{number}.zip")[1] for number in (3, 4))
    for held in (three, four):
        assert {f"nhs|{nhs(3)}", f"nhs|{nhs(4)}"} <= set(held["identity"])
        (record,) = held["record"].values()
        assert len(record["person"]) == 2
        assert [row["other_person_id"] for row in record["person_link"]] == [OTHERS["other_person_id"]]


def test_it_is_in_the_audit_and_its_owners_alone(area: Area, tmp_path: Path) -> None:
    out = tmp_path / "report.zip"
    made(area, nhs(1), out)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    (row,) = [row for row in area.store.audit_rows() if row["action"] == "person.report"]
    assert (row["actor_kind"], json.loads(row["people"])) == ("system", [area.person])
    assert area.store.audit_texts_of([row["seq"]]) == {row["seq"]: "request 7"}
    with pytest.raises(WrongUsage, match="already"):
        report(area.settings, [area.place.record], nhs(1), out)
    with pytest.raises(WrongUsage, match="nobody here"):
        report(area.settings, [area.place.record], "9991234578", tmp_path / "nobody.zip")
    assert not (tmp_path / "nobody.zip").exists()


def test_the_command_prints_counts_and_no_number(area: Area, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "HOME": area.settings.home,
        "KEYS": area.settings.keys,
        "TODAY": AT,
        "ENVIRONMENT": "test",
    }.items():
        monkeypatch.setenv(f"FRAILTY_{name}", str(value))
    out = tmp_path / "report.zip"
    done = typed("person-report", nhs(1), "--record", str(area.place.record), "--out", str(out), "--json")
    assert done.exit_code == 0, done.output
    assert out.is_file()
    assert nhs(1) not in done.output
    assert str(area.person) not in done.output


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"by": "u1", "kind": "decision"}, {"by": OTHERS["by"], "kind": "decision"}),
        ({"person_id": 7, "hash": b"x", "band": "high"}, {"band": "high"}),
        ({"text": "his wife said"}, {"text": {TO_READ: "his wife said"}}),
        ({"reasons": b'{"raises": []}', "raw": 0.5, "low": None}, {"reasons": {"raises": []}, "raw": 0.5}),
        ({"day": AT}, {"day": "2024-12-02"}),
        ({"other_person_id": 8}, {"other_person_id": OTHERS["other_person_id"]}),
    ],
)  # fmt: skip
def test_a_row_as_it_is_told(row: dict[str, Any], said: dict[str, Any]) -> None:
    """Harm: a report tells of a third person, or what somebody typed goes out unread."""
    assert told(row) == said


def test_a_page_is_words_and_never_markup() -> None:
    assert "<script>" not in as_page({"store": {"<script>": [{"words": "<script>alert(1)</script>"}]}})
