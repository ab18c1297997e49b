"""What is wrong with an extract in the record's own shape is said whole, before anything is written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as arrow
import pyarrow.parquet as parquet
import pytest

from features.errors import BadInput, WrongUsage
from features.sources import open_source
from features.sources.text import scan
from tests.extracts import Place, extract, nhs

SPELL = {"row_key": "S", "event_date": "2024-03-01"}


def faults(folder: Path) -> list[str]:
    return [str(fault) for fault in open_source("native", folder).check()]


def rewrite(name: str, change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        (folder / name).write_bytes(change((folder / name).read_bytes()))

    return apply


def remove(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def put(name: str, content: bytes) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        (folder / name).write_bytes(content)

    return apply


# what is done to a good extract of spells in CSV, and what the one fault begins and ends with
BROKEN: list[tuple[str, Callable[[Path], None], str, str]] = [
    ("no about.json", remove("about.json"), "about.json: expected", "found no such file; say in it what data this is"),
    ("about.json of another shape", put("about.json", b'{"kind": "invented"}'), "about.json: expected",
     "found something else; give both, as shown"),
    ("no feed file", remove("feed.csv"), "feed.csv: expected the deliveries",
     "known_at, known_until, source, table_name, organisation, organisation_scheme, covers, period_from, period_to, purposes"),
    ("no table", remove("spell.csv"), "e: expected at least one of person, registration", "found none; give the extract's folder"),
    ("a file that is no table", put("spells.csv", b"a,b\n"), "spells.csv: expected a file named after a table (person,",
     "found another name; rename the file or take it out"),
    ("an unknown column", rewrite("spell.csv", lambda held: held.replace(b"patient_class", b"patient class")),
     "spell.csv, column patient class: expected one of", "found an unknown column; rename or drop it"),
    ("a missing column", rewrite("spell.csv", lambda held: held.replace(b",event_date", b",known_until")),
     "spell.csv, column event_date: expected a column of that name", "found none; add it"),
    ("no identifier", rewrite("spell.csv", lambda held: held.replace(b"nhs_number", b"known_until")),
     "spell.csv: expected one of the columns nhs_number and local_id", "found neither; add one"),
    ("a column twice", rewrite("spell.csv", lambda held: held.replace(b"row_key", b"feed")),
     "spell.csv, column feed: expected each column once", "found the same name twice; rename or drop one"),
    # 59 bytes of names with the line's end, 17 of `9990000107,spell,`, 3 of `caf`: counted from 0, the next is byte 79.
    ("Latin-1", rewrite("spell.csv", lambda held: held.replace(b"ordinary", b"caf\xe9")),
     "spell.csv, byte 79: expected text in UTF-8", "found bytes of another encoding; save the file as UTF-8"),
    ("UTF-16", rewrite("spell.csv", lambda held: held.decode().encode("utf-16")),
     "spell.csv, byte 0: expected text in UTF-8", "save the file as UTF-8"),
    ("an empty file", put("spell.csv", b""), "spell.csv, line 1: expected the names of the columns",
     "found nothing; check that the file is whole"),
    ("no rows", rewrite("spell.csv", lambda held: held.splitlines(keepends=True)[0]), "e: expected rows",
     "found none in any table; check that the extract is whole"),
    ("not Parquet", lambda folder: (folder / "spell.csv").rename(folder / "spell.parquet"),
     "spell.parquet: expected a Parquet file", "found something that cannot be read as one; export it again"),
]  # fmt: skip


@pytest.mark.parametrize(("case", "break_it", "begins", "ends"), BROKEN, ids=[case[0] for case in BROKEN])
def test_a_fault_of_structure(
    tmp_path: Path, case: str, break_it: Callable[[Path], None], begins: str, ends: str
) -> None:
    folder = extract(tmp_path / "e", spell=[SPELL])
    assert faults(folder) == []
    break_it(folder)
    (fault,) = [fault for fault in faults(folder) if fault.startswith(begins)]
    assert fault.endswith(ends)
    place = Place(tmp_path)
    with pytest.raises(BadInput, match="nothing was written"):
        place.take(folder)
    assert not place.record.exists()


def test_no_folder_is_one_fault(tmp_path: Path) -> None:
    assert faults(tmp_path / "nowhere") == [
        f"{tmp_path / 'nowhere'}: expected a folder with one file a table, found nothing; give the extract's folder"
    ]


def test_all_faults_are_said_at_once(tmp_path: Path) -> None:
    folder = extract(tmp_path / "e", spell=[SPELL], death=[{"event_date": "2024-04-01"}])
    rewrite("spell.csv", lambda held: held.replace(b"patient_class", b"ward"))(folder)
    rewrite("death.csv", lambda held: held.replace(b"nhs_number", b"number"))(folder)
    remove("about.json")(folder)
    with pytest.raises(BadInput) as refused:
        Place(tmp_path).take(folder)
    told = str(refused.value).splitlines()
    assert [line.split(":")[0] for line in told[1:]] == [
        "  - about.json", "  - death.csv, column number", "  - death.csv", "  - spell.csv, column ward",
        "  - spell.csv, column patient_class"]  # fmt: skip


def test_a_parquet_column_of_another_type_is_a_fault(tmp_path: Path) -> None:
    folder = extract(tmp_path / "e", suffix="parquet", spell=[SPELL])
    held = parquet.read_table(folder / "spell.parquet")
    place = held.column_names.index("event_date")
    parquet.write_table(held.set_column(place, "event_date", arrow.array([19783])), folder / "spell.parquet")
    (fault,) = faults(folder)
    assert fault.startswith(
        "spell.parquet, column event_date: expected date32[day] or text that reads as it, found int64"
    )


def test_parquet_types_that_read_as_the_tables_are_taken(tmp_path: Path) -> None:
    place, folder = Place(tmp_path), extract(tmp_path / "e", suffix="parquet", spell=[SPELL])
    held = parquet.read_table(folder / "spell.parquet")
    as_timestamp = held["event_date"].cast(arrow.timestamp("us"))
    as_codes = held["patient_class"].dictionary_encode()
    held = held.set_column(held.column_names.index("event_date"), "event_date", as_timestamp)
    held = held.set_column(held.column_names.index("patient_class"), "patient_class", as_codes)
    parquet.write_table(held, folder / "spell.parquet")
    place.take(folder)
    assert place.rows("spell", "event_date patient_class") == [("2024-03-01", "ordinary")]


def test_a_row_of_another_length_is_quarantined_with_its_number(tmp_path: Path) -> None:
    place, folder = Place(tmp_path), extract(tmp_path / "e", spell=[{**SPELL, "row_key": str(i)} for i in range(3)])
    lines = (folder / "spell.csv").read_text().splitlines()
    lines[2:2] = ["1,2", f"{lines[1]},{nhs(9)}"]
    (folder / "spell.csv").write_text("\n".join(lines))
    ledger = place.take(folder)
    assert (ledger.entries[1].read, ledger.entries[1].accepted) == (5, 3)
    assert [(line["row"], line["reason"]) for line in place.quarantined()] == [(3, "wrong_number_of_columns"), (4, "wrong_number_of_columns")]  # fmt: skip
    with place.identity() as identity:
        assert nhs(9) in identity.originals(ledger.batch)[1].values["value"]


def test_a_name_that_spans_blocks_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("features.sources.text._BLOCK", 200)
    monkeypatch.setattr("features.sources.text._CHUNK", 7)
    place = Place(tmp_path)
    rows = [{**SPELL, "row_key": f"é{i}", **({"specialty": "bad"} if i == 17 else {})} for i in range(30)]
    ledger = place.take(extract(tmp_path / "e", spell=rows))
    assert (ledger.entries[1].read, ledger.entries[1].accepted) == (30, 29)
    assert [line["row"] for line in place.quarantined()] == [19]


def test_a_scan_counts_lines_and_finds_the_byte(tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_bytes("a,b\né,1\né,2".encode())
    (tmp_path / "bad.csv").write_bytes(b"a,b\n" + "é".encode() + b"\xff")
    (tmp_path / "cut.csv").write_bytes("a,é".encode()[:-1])
    assert (scan(tmp_path / "good.csv").lines, scan(tmp_path / "good.csv").not_utf8_at) == (2, None)
    assert scan(tmp_path / "bad.csv").not_utf8_at == 4 + 2
    assert scan(tmp_path / "cut.csv").not_utf8_at == 2


def test_about_says_what_data_it_is(tmp_path: Path) -> None:
    folder = extract(tmp_path / "e", about="simulated", spell=[SPELL])
    assert open_source("native", folder).about() == json.loads((folder / "about.json").read_text())


def test_an_unknown_kind_of_extract_or_option_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(WrongUsage, match=r"one of native.*; found 'excel'"):
        open_source("excel", tmp_path)
    with pytest.raises(WrongUsage, match="--mapping means nothing to the native source"):
        open_source("native", tmp_path, mapping=tmp_path / "m.toml")
