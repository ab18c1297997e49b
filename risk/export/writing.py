"""Rows into a CSV or Excel file, in bounded memory: a row is written and let go."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import IO, Any

from risk.export.cells import harmless, harmless_in_csv

Cell = str | int | float | None
#: Before each line below the people: what the file is, and how many are in it. A program leaves such lines out.
MARK = "# "
WIDEST = 60


def write_csv(out: IO[bytes], _folder: Path, columns: Sequence[str], rows: Iterable[Sequence[Cell]], watermark: Callable[[], Sequence[tuple[str, str | int]]]) -> None:  # fmt: skip
    """UTF-8 with a byte-order mark, which Excel takes for what it is; every text in quotation marks, so that none begins another cell."""
    text = io.TextIOWrapper(out, "utf-8-sig", newline="", write_through=False)
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow(
            [harmless_in_csv(cell) if isinstance(cell, str) else "" if cell is None else cell for cell in row]
        )
    for name, said in watermark():
        writer.writerow([MARK + name, _in_csv(said)])
    text.flush()
    text.detach()


def _in_csv(cell: Cell) -> str | int | float:
    return harmless_in_csv(cell) if isinstance(cell, str) else "" if cell is None else cell


def write_xlsx(out: IO[bytes], folder: Path, columns: Sequence[str], rows: Iterable[Sequence[Cell]], watermark: Callable[[], Sequence[tuple[str, str | int]]]) -> None:  # fmt: skip
    """One sheet; text is text whatever it looks like. Rows go through files in ``folder``, which is the caller's to remove."""
    from xlsxwriter import Workbook

    safe: dict[str, Any] = {"constant_memory": True, "tmpdir": str(folder), "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}  # fmt: skip
    with Workbook(out, safe) as book:
        sheet = book.add_worksheet("Export")
        as_text, bold = book.add_format({"num_format": "@"}), book.add_format({"bold": True})
        for place, name in enumerate(columns):
            sheet.set_column(place, place, min(WIDEST, max(12, len(name) + 2)))
            sheet.write_string(0, place, name, bold)
        sheet.freeze_panes(1, 0)
        sheet.repeat_rows(0)
        at = 0
        for at, row in enumerate(rows, 1):
            for place, cell in enumerate(row):
                _in_sheet(sheet, at, place, cell, as_text)
        for below, (name, said) in enumerate(watermark(), at + 1):
            sheet.write_string(below, 0, MARK + name, as_text)
            _in_sheet(sheet, below, 1, said, as_text)
        sheet.set_footer("&L&8Not for placement, funding, resuscitation or discharge decisions&R&8Page &P of &N")


def _in_sheet(sheet: Any, row: int, column: int, cell: Cell, as_text: Any) -> None:
    if isinstance(cell, str):
        sheet.write_string(row, column, harmless(cell), as_text)
    elif cell is not None:
        sheet.write_number(row, column, cell)


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: By format: the media type, and what writes it.
FORMATS = {"csv": ("text/csv; charset=utf-8", write_csv), "xlsx": (XLSX, write_xlsx)}
