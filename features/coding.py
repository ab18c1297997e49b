"""Coding systems as types: each refuses a malformed code.

A code is stored as text beside the name of its system. ``SYSTEMS`` maps the name to a :class:`CodingSystem`, whose
``malformed`` marks the bad codes of a whole column at once and whose ``check`` explains a single one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

_VERHOEFF_D = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
    "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip
_VERHOEFF_P = (
    "0123456789", "1576283094", "5803796142", "8916043527",
    "9453126870", "4286573901", "2793806415", "7046913258",
)  # fmt: skip


def verhoeff_ok(digits: str) -> bool:
    """Whether the last digit of a SNOMED CT identifier is its Verhoeff check digit (SNOMED CT Technical Guide §5.5)."""
    check = 0
    for position, digit in enumerate(reversed(digits)):
        check = int(_VERHOEFF_D[check][int(_VERHOEFF_P[position % 8][int(digit)])])
    return check == 0


def nhs_number_ok(digits: str) -> bool:
    """Whether the tenth digit of an NHS number is right: 11 less the weighted sum modulo 11, where 11 counts as 0 and
    10 is never issued (NHS Data Dictionary, NHS NUMBER). Ten equal digits are a filler, not a number."""
    if len(set(digits)) == 1:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(digits[:9], range(10, 1, -1), strict=True))
    return (11 - total % 11) % 11 == int(digits[9])


class MalformedCode(ValueError):
    """A code that its own system's rules refuse."""


@dataclass(frozen=True)
class CodingSystem:
    """One way of writing codes.

    ``pattern`` is matched against the whole code; ``rule`` is a further test of a code that matches; ``shape`` says in
    words what a good code looks like.
    """

    name: str
    title: str
    pattern: str
    shape: str
    rule: Callable[[str], bool] | None = None

    def well_formed(self, code: str) -> bool:
        """Whether one code is acceptable."""
        return bool(re.fullmatch(self.pattern, code)) and (self.rule is None or self.rule(code))

    def check(self, code: str) -> str:
        """The code itself; :class:`MalformedCode` with what was expected where it is not acceptable."""
        if not self.well_formed(code):
            raise MalformedCode(f"a {self.title} code is {self.shape}; {code!r} is not")
        return code

    def malformed(self, codes: pd.Series) -> pd.Series:
        """True where a code is present and not acceptable. Each distinct code is judged once."""
        uniques = codes.dropna().unique()
        bad = {code for code in uniques if not self.well_formed(str(code))}
        if not bad:
            return pd.Series(np.zeros(len(codes), dtype=bool), index=codes.index)
        return codes.isin(list(bad)).astype(bool)


SNOMED = CodingSystem(
    "snomed", "SNOMED CT", r"[1-9]\d{5,17}", "6 to 18 digits, the last of them a Verhoeff check digit", verhoeff_ok
)
ICD10 = CodingSystem(
    "icd10",
    "ICD-10",
    r"[A-Z]\d{2}(?:X|\.?\d{1,2}|X?[0-9AD-]{0,2})?",
    "a letter and two digits, then up to two more characters; SUS pads a three-character code with X (I10X)",
)
ICD9CM = CodingSystem("icd9cm", "ICD-9-CM", r"(?:\d{3}|E\d{3}|V\d{2})\.?\d{0,2}", "3 to 5 digits, or E or V and digits")
BNF = CodingSystem("bnf", "BNF", r"\d{2}(?:\d{2}(?:\d{2}(?:\d|[A-Z0-9]{1,9})?)?)?", "2 to 15 characters, chapter first")
DMD = CodingSystem("dmd", "dm+d", r"[1-9]\d{5,17}", "6 to 18 digits, the last of them a check digit", verhoeff_ok)
RXNORM = CodingSystem("rxnorm", "RxNorm", r"\d{1,8}", "up to 8 digits")
LOINC = CodingSystem("loinc", "LOINC", r"\d{1,7}-\d", "digits, a hyphen and a check digit")
OMOP = CodingSystem("omop", "OMOP concept", r"\d{1,10}", "a concept number")
LOCAL = CodingSystem("local", "local", r"\S(?:.{0,62}\S)?", "up to 64 characters with no space at either end")

ODS = CodingSystem("ods", "ODS organisation", r"[A-Z0-9]{3,9}", "3 to 9 capital letters and digits, such as B86022")
LSOA = CodingSystem("lsoa", "LSOA", r"[EW]01\d{6}", "E01 (England) or W01 (Wales) and six digits, such as E01000001")
NHS_NUMBER = CodingSystem(
    "nhs_number", "NHS number", r"\d{10}", "10 digits, the last a modulus-11 check", nhs_number_ok
)

#: Systems of clinical codes, by the name that the record stores beside a code.
SYSTEMS: dict[str, CodingSystem] = {s.name: s for s in (SNOMED, ICD10, ICD9CM, BNF, DMD, RXNORM, LOINC, OMOP, LOCAL)}

#: Schemes of organisation codes.
SCHEMES: dict[str, CodingSystem] = {s.name: s for s in (ODS, LOCAL)}


def malformed_by_system(systems: pd.Series, codes: pd.Series, known: dict[str, CodingSystem] = SYSTEMS) -> pd.Series:
    """True where a code is not acceptable to the system named beside it (an unknown system name is left to its own
    check)."""
    bad = pd.Series(np.zeros(len(codes), dtype=bool), index=codes.index)
    for name in _present(systems):
        if name in known:
            of_system = (systems == name).fillna(False).astype(bool)
            bad[of_system] = known[name].malformed(codes[of_system])
    return bad


def _present(systems: pd.Series) -> Iterable[str]:
    return [str(s) for s in systems.dropna().unique()]
