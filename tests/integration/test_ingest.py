"""Ingest as a user meets it: every refusal is a sentence and a code, and the record is as it was."""

from __future__ import annotations

import io
import json
import os
import resource
import signal
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet
import pytest

from features.record.manifest import load
from features.record.writer import RecordBusy, Transaction
from risk.cli import main
from tests.area import FRAILTY
from tests.extracts import Place, extract, feed, nhs, row

PLANTED = {"nhs_number": "9990000000", "local_id": "", "full_name": "Planted Surname", "postcode": "ZZ99 3VZ",
           "address": "1 Planted Street"}  # fmt: skip


def environment(place: Place) -> dict[str, str]:
    return {
        "FRAILTY_IDENTITY": str(place.folder / "identity"),
        "FRAILTY_IDENTITY_KEY": str(place.folder / "keys" / "identity.key"),
    }


@dataclass(frozen=True)
class Done:
    """What the command line did: its exit code and what it printed."""

    returncode: int
    stdout: str
    stderr: str


def command(place: Place, *arguments: str) -> Done:
    """Run ``frailty`` in this process, as its entry point does."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        for name, value in environment(place).items():
            patch.setenv(name, value)
        patch.setattr(sys, "argv", ["frailty", *arguments, "--record", str(place.record)])
        try:
            main()
        except SystemExit as stop:
            return Done(int(stop.code or 0), out.getvalue(), err.getvalue())
    raise AssertionError("the command line always exits")


def spells(count: int, **same: Any) -> list[dict[str, Any]]:
    return [{"row_key": f"S{i}", "nhs_number": nhs(i), "event_date": "2024-03-01", **same} for i in range(count)]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A record that holds two spells, and an identity store that knows their people."""
    place = Place(tmp_path)
    place.take(extract(tmp_path / "first", spell=spells(2)))
    return place


def test_taking_in_and_listing_feeds(tmp_path: Path) -> None:
    place = Place(tmp_path)
    source = extract(tmp_path / "e", spell=[*spells(3), {"event_date": "2024-03-01", "nhs_number": "1"}])
    done = command(place, "ingest", "native", str(source), "--json")
    assert done.returncode == 0, done.stderr
    (taken,) = json.loads(done.stdout)["extracts"]
    assert taken["totals"] == {"read": 5, "accepted": 4, "quarantined": {"malformed_nhs_number": 1}, "dropped": {}, "noted": {}}  # fmt: skip
    said = command(place, "ingest", "native", str(source))
    assert said.returncode == 0
    assert "was taken in before; nothing changed" in said.stderr
    listed = json.loads(command(place, "feeds", "--ledger", "--json").stdout)
    (held,) = listed["feeds"]
    shown = {
        name: held[name] for name in ("source", "table", "organisation", "covers", "period_to", "received", "rows")
    }
    assert shown == {"source": "test", "table": "spell", "organisation": "QHM", "covers": "*", "period_to": "2024-12-01",
                     "received": "2024-12-01", "rows": 3}  # fmt: skip
    assert listed["extracts"] == [{name: value for name, value in taken.items() if name != "path"}]
    table = command(place, "feeds", "--ledger").stdout
    assert "malformed_nhs_number" in table


# extract that does not fit, exit code, words that the sentence must hold
def unreadable(folder: Path) -> Path:
    source = extract(folder / "bad", spell=spells(1))
    (source / "spell.csv").write_bytes((source / "spell.csv").read_bytes().replace(b"ordinary", b"\xe9"))
    return source


REFUSED = [
    ("nothing there", lambda folder: folder / "nowhere", 3, "found nothing; give the extract's folder"),
    ("another encoding", unreadable, 3, "expected text in UTF-8"),
    ("an unknown column", lambda folder: extract(folder / "bad", spell=spells(1, ward="7")), 3, "column ward"),
    ("empty", lambda folder: extract(folder / "bad", feeds=[feed("spell")], spell=[]), 3, "expected at least one of"),
    ("another kind of data", lambda folder: extract(folder / "bad", about="real", spell=spells(3)), 4,
     "take it into a record of its own"),
]  # fmt: skip


@pytest.mark.parametrize(("case", "make", "code", "words"), REFUSED, ids=[case[0] for case in REFUSED])
def test_a_refusal_is_a_sentence_and_a_code(place: Place, case: str, make: Any, code: int, words: str) -> None:
    before = place.contents()
    done = command(place, "ingest", "native", str(make(place.folder)))
    assert (done.returncode, done.stdout) == (code, "")
    assert words in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert place.contents() == before


def test_when_one_of_two_extracts_does_not_fit_neither_is_taken(place: Place) -> None:
    before = place.contents()
    good, bad = extract(place.folder / "good", spell=spells(9)), unreadable(place.folder)
    assert command(place, "ingest", "native", str(good), str(bad)).returncode == 3
    assert place.contents() == before


def test_an_unknown_kind_of_extract_is_wrong_usage(place: Place) -> None:
    done = command(place, "ingest", "excel", "x")
    assert (done.returncode, "found 'excel'" in done.stderr) == (2, True)


# stage at which the process is killed, after how many advances of it
KILLED = [("checking the extract", 0), ("reading rows", 0), ("reading rows", 1), ("reading rows", 2), ("writing tables", 0),
          ("writing tables", 1), ("writing tables", 2), ("committing", 0)]  # fmt: skip


@pytest.mark.parametrize(("stage", "advances"), KILLED)
def test_a_kill_leaves_the_record_as_it_was_and_the_next_ingest_clears_up(
    place: Place, stage: str, advances: int
) -> None:
    held, before = load(place.record), place.rows("spell", "row_id specialty known_until")
    source = extract(place.folder / "next", death=[{"event_date": "2024-04-01"}], spell=spells(5, specialty="300", known_at="2024-04-01"))  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "tests.integration.interrupted", str(source), str(place.folder), stage, str(advances)],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert load(place.record) == held
    assert place.rows("spell", "row_id specialty known_until") == before
    ledger = place.take(source)
    assert ledger.totals()["accepted"] == 1 + 5 + 1  # a death, five corrected spells, the delivery of deaths
    named = {*load(place.record).batches}
    left = {path.name.split(".")[0] for folder in ("data", "ledger") for path in (place.record / folder).iterdir()}
    assert left == named


@pytest.mark.parametrize("people", [3, 3_000])
def test_a_full_disk_is_a_sentence_and_leaves_the_record_as_it_was(place: Place, people: int) -> None:
    """With few people the record's folder runs out of room, with many the identity store does."""
    before = place.contents()
    numbers = [nhs(i) for i in range(people)]
    many = [
        row("spell", row_key=f"T{i}", nhs_number=numbers[i % people], event_date="2024-03-01") for i in range(9_000)
    ]
    source = extract(place.folder / "much", suffix="parquet", spell=many)
    limit = 150_000  # bytes that any one file may have

    def small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    done = subprocess.run(
        [str(FRAILTY), "ingest", "native", str(source), "--record", str(place.record)],
        env={**os.environ, **environment(place)}, capture_output=True, text=True, check=False, timeout=120,
        preexec_fn=small_disk,
    )  # fmt: skip
    assert done.returncode == 5, done.stderr
    assert "nothing was written and the record is as it was; make room and ingest again" in " ".join(
        done.stderr.split()
    )
    assert place.contents() == before


def test_a_second_writer_is_refused(place: Place) -> None:
    source = extract(place.folder / "next", spell=spells(3))
    with Transaction(place.record):
        done = command(place, "ingest", "native", str(source))
        assert done.returncode == 4
        assert "another ingest is writing" in done.stderr
        with pytest.raises(RecordBusy):
            place.take(source)
    assert place.take(source).totals()["accepted"] == 1


def test_nothing_of_a_person_is_anywhere_but_sealed(place: Place) -> None:
    bad = [
        {**PLANTED, "event_date": "2024-03-01", "row_key": "9990000000"},
        {**PLANTED, "nhs_number": nhs(3), "event_date": "Planted Surname", "known_at": "2024-03-01"},
        {**PLANTED, "nhs_number": nhs(4), "event_date": "2024-03-01", "specialty": "9990000000"},
        {**PLANTED, "nhs_number": nhs(5), "event_date": "2024-03-01", "row_key": "kept"},
    ]
    source = extract(
        place.folder / "next", spell=[*bad, {"row_key": "C", "event_date": "2024-03-01", "specialty": "300"}]
    )
    (source / "spell.csv").open("a").write("9990000000,Planted Surname\n")
    done = command(place, "ingest", "native", str(source), "--json")
    assert done.returncode == 0, done.stderr
    (taken,) = json.loads(done.stdout)["extracts"]
    assert sum(taken["totals"]["quarantined"].values()) == 4
    words = ["9990000000", "Planted", "ZZ99 3VZ", *(nhs(i) for i in range(10))]
    everything = [done.stdout, done.stderr, *(_text(path) for folder in ("record", "identity") for path in (place.folder / folder).rglob("*") if path.is_file())]  # fmt: skip
    assert [word for word in words for text in everything if word in text] == []
    with place.identity() as identity:
        originals = identity.originals(taken["batch"])
        assert [original.row for original in originals] == [2, 3, 4, 7]
        assert originals[0].values["full_name"] == "Planted Surname"
        people = [person for (person,) in place.rows("spell", "person_id")]
        assert {said["address"] for person in people for said in identity.held.said_of(person)} == {"1 Planted Street"}


def test_a_structural_refusal_shows_no_value(place: Place) -> None:
    source = extract(place.folder / "next", spell=[{**PLANTED, "event_date": "2024-03-01", "ward": "Planted"}])
    done = command(place, "ingest", "native", str(source))
    assert done.returncode == 3
    assert "Planted" not in done.stderr
    assert "9990000000" not in done.stderr


def _text(path: Path) -> str:
    if path.suffix == ".parquet":
        return json.dumps(parquet.read_table(path).to_pylist(), default=str)
    return path.read_bytes().decode("latin-1")
