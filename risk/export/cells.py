"""Text for a spreadsheet that shows it and never runs it.

A cell that begins with ``=``, ``+``, ``-``, ``@``, a tab, a carriage return or a line feed is taken for a formula (OWASP, CSV Injection); some programs take the
full-width forms of the signs for the signs, and pass over spaces before them. Such text gets an apostrophe before it, in Excel files too: a sheet is saved
again as CSV by whoever passes it on.
"""

from __future__ import annotations

import re
import unicodedata

#: Signs that begin a formula, after compatibility normalisation (NFKC: full-width and small forms are the signs themselves).
SIGNS = frozenset("=+-@\u2212")
APOSTROPHE = "'"
#: What a spreadsheet that opens a CSV file turns into a number, and so loses zeros, digits or all of a code such as 12E34.
_NUMBER = re.compile(r"\s*[\d.,]+(?:[eE][+-]?\d+)?%?\s*")


def harmless(text: str) -> str:
    """``text``, with an apostrophe before it where a spreadsheet might run it."""
    for letter in text:
        kind = unicodedata.category(letter)
        if kind in ("Zs", "Zl", "Zp", "Cf"):  # spaces, and what has no width
            continue
        begins = unicodedata.normalize("NFKC", letter)[:1]
        return APOSTROPHE + text if kind == "Cc" or begins in SIGNS else text
    return text


def harmless_in_csv(text: str) -> str:
    """The same of a file in which every cell is text until somebody opens it: text that reads as a number gets the apostrophe too."""
    return APOSTROPHE + text if _NUMBER.fullmatch(text) else harmless(text)


def nhs_number(digits: str) -> str:
    """An NHS number as it is shown to people, 3 3 4 (NHS Data Model and Dictionary, NHS NUMBER): text that no spreadsheet turns into a number."""
    return f"{digits[:3]} {digits[3:6]} {digits[6:]}"
