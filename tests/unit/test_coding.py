"""Coding systems refuse malformed codes; check digits agree with an independent package."""

from __future__ import annotations

import nhs_number
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.coding import BNF, DMD, ICD9CM, ICD10, LSOA, NHS_NUMBER, ODS, SNOMED, MalformedCode, malformed_by_system

GOOD = [
    (SNOMED, "73211009"),
    (SNOMED, "1129331000000101"),
    (DMD, "73211009"),
    (ICD10, "I10"),
    (ICD10, "I10X"),
    (ICD10, "S72.0"),
    (ICD10, "S720"),
    (ICD9CM, "7866"),
    (ICD9CM, "V5866"),
    (ICD9CM, "E8859"),
    (BNF, "02"),
    (BNF, "0212000B0AAADAD"),
    (ODS, "B86022"),
    (LSOA, "E01000001"),
    (NHS_NUMBER, "9434765919"),
]
BAD = [
    (SNOMED, "73211008"),  # the check digit is 9
    (SNOMED, "07321100"),
    (SNOMED, "7321A009"),
    (ICD10, "i10"),
    (ICD10, "I1"),
    (ICD10, "I10XDD9"),
    (ICD9CM, "78"),
    (BNF, "2"),
    (BNF, "021"),
    (ODS, "b86022"),
    (ODS, "A1"),
    (LSOA, "S01000001"),
    (NHS_NUMBER, "9434765918"),  # the check digit is 9
    (NHS_NUMBER, "943476591"),
    (NHS_NUMBER, "0000000000"),  # a filler that passes the check digit
]


@pytest.mark.parametrize(("system", "code"), GOOD)
def test_a_good_code_is_itself(system, code):
    assert system.check(code) == code


@pytest.mark.parametrize(("system", "code"), BAD)
def test_a_malformed_code_is_refused_with_what_was_expected(system, code):
    with pytest.raises(MalformedCode, match=system.title):
        system.check(code)


def test_nhs_number_check_digit_by_hand():
    # 9×10 + 4×9 + 3×8 + 4×7 + 7×6 + 6×5 + 5×4 + 9×3 + 1×2 = 299; 299 mod 11 = 2; 11 − 2 = 9
    assert NHS_NUMBER.well_formed("9434765919")


@given(st.integers(0, 9_999_999_999).map(lambda n: f"{n:010d}"))
def test_nhs_numbers_agree_with_an_independent_package(digits):
    # `is_valid` judges more than the check digit (Scottish numbers hold a date), so the check digit alone is compared.
    agrees = nhs_number.calculate_checksum(digits[:9]) == int(digits[9])
    assert NHS_NUMBER.well_formed(digits) == (agrees and len(set(digits)) > 1)


@given(st.integers(100_000, 10**15), st.integers(1, 9))
def test_one_changed_digit_never_passes_verhoeff(number, step):
    body = str(number)
    good = next(body + check for check in "0123456789" if SNOMED.well_formed(body + check))
    first = (int(good[0]) - 1 + step) % 9 + 1
    changed = f"{first}{good[1:]}"
    assert SNOMED.well_formed(changed) == (changed == good)


def test_a_column_is_judged_by_the_system_named_beside_each_code():
    systems = pd.Series(["snomed", "icd10", "snomed", "icd10", None])
    codes = pd.Series(["73211009", "73211009", "I10", "I10", None])
    assert malformed_by_system(systems, codes).tolist() == [False, True, True, False, False]
