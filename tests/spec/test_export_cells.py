"""Cells and columns of an exported file: no text is run, no number is lost, nothing is named that identifies."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest

from risk.export import cells
from risk.export.columns import COLUMNS, EXPORTS, NUMBER
from risk.export.writing import write_csv, write_xlsx

FORMULA = '=HYPERLINK("http://example.com","x")'
RUN = [FORMULA, "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "=", "-", "－1", "＝1+1", "＋1", "＠A1", "﹣1", "\u22121", "  =1", "\u00a0=1", "\u3000＝1", "\ufeff=1", "\u200b@x", " \t=1"]  # fmt: skip
KEPT = [
    "85-89",
    "high",
    "3 emergency admissions in the last year",
    "A81001",
    "'tis",
    "",
    " ",
    "lives alone; in hospital now",
    "£5",
    "#N",
]


@pytest.mark.parametrize("text", RUN)
def test_text_that_a_spreadsheet_might_run_gets_an_apostrophe(text: str) -> None:
    """Harm: a word that somebody typed into a record runs on the machine of whoever opens the list."""
    assert cells.harmless(text) == cells.harmless_in_csv(text) == "'" + text


@pytest.mark.parametrize("text", KEPT)
def test_other_text_is_as_it_was(text: str) -> None:
    """Harm: a reason or a code reads otherwise in the file than on the list."""
    assert cells.harmless(text) == cells.harmless_in_csv(text) == text


@pytest.mark.parametrize("code", ["0123", "12E34", "1e5", "9991234578", "1.50", "1,000", " 7 ", "5%"])
def test_a_code_that_reads_as_a_number_stays_text_in_a_csv_file(code: str) -> None:
    """Harm: Excel takes 12E34 for a number, and the practice's code is gone."""
    assert cells.harmless_in_csv(code) == "'" + code
    assert cells.harmless(code) == code, "a cell of an Excel file says itself that it is text"


def test_an_nhs_number_is_text_in_either_file() -> None:
    """Harm: a spreadsheet rounds an NHS number, or drops a digit, and a letter goes to somebody else."""
    said = cells.nhs_number("9991234578")
    assert said == cells.harmless_in_csv(said) == "999 123 4578"


WATERMARK = [("exported by", "=cmd"), ("people", "2 drawn")]
ROWS: list[list[Any]] = [[1, FORMULA, None, 0.61], [2, 'a "quoted", and a\r\nline', "x", 0.5]]
HEADS = ["rank", "text", "nothing", "probability"]


def test_a_csv_file_as_it_is_read_back(tmp_path: Path) -> None:
    """Harm: a comma or a quotation mark in a reason begins a cell of its own, which is run."""
    out = io.BytesIO()
    write_csv(out, tmp_path, HEADS, ROWS, lambda: WATERMARK)
    assert out.getvalue().startswith(b"\xef\xbb\xbf")
    read = list(csv.reader(io.StringIO(out.getvalue().decode("utf-8-sig"), newline="")))
    assert read == [HEADS, ["1", "'" + FORMULA, "", "0.61"], ["2", 'a "quoted", and a\r\nline', "x", "0.5"],
                    ["# exported by", "'=cmd"], ["# people", "2 drawn"]]  # fmt: skip


def test_an_excel_file_holds_text_as_text_and_no_formula(tmp_path: Path) -> None:
    """Harm: as above, in Excel's own format."""
    out = io.BytesIO()
    write_xlsx(out, tmp_path, HEADS, [*ROWS, [3, "999 123 4578", "http://example.com", 0.1]], lambda: WATERMARK)
    with zipfile.ZipFile(out) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        everything = "".join(book.read(name).decode() for name in book.namelist())
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet.lower().replace("=hyperlink(", "")
    found = dict(re.findall(r'<c r="([A-Z]\d)"[^>]* t="inlineStr"><is><t[^>]*>([^<]*)</t>', sheet))
    assert (found["B2"], found["B4"], found["C4"], found["A5"]) == ("'" + FORMULA, "999 123 4578", "http://example.com", "# exported by")  # fmt: skip
    assert re.search(r'<c r="D2"><v>0.61</v></c>', sheet), "a number is a number"
    assert "frail" not in everything.lower()
    assert list(tmp_path.iterdir()) == []


def test_no_column_tells_who_somebody_is_but_the_one_that_takes_the_right_to() -> None:
    """Harm: a pseudonymous file names people by what they have; or everybody's scores of a practice are taken away with their numbers."""
    forbidden = re.compile(r"code|snomed|icd|diagnos|postcode|lsoa|birth|name|address|ward", re.IGNORECASE)
    assert [name for name in COLUMNS if forbidden.search(name)] == []
    assert all(NUMBER not in (*export.usual, *export.own) for export in EXPORTS.values())
    assert {kind for kind, export in EXPORTS.items() if NUMBER not in export.known} == {"scores"}
    for export in EXPORTS.values():
        assert set(export.usual) <= set(export.known) <= set(COLUMNS)
        assert {"run", "valid_until"} <= set(export.usual)
    assert [export.title for export in EXPORTS.values() if "frail" in export.title] == ["frailty-register"]
