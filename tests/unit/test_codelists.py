"""Code sets: what is wrong with one is said line by line, and which rows of the record belong to it."""

from __future__ import annotations

import pytest

from features.codelists import faults_in, load, names
from features.coding import BNF, ICD10, SNOMED
from features.errors import BadInput


def row(code: str, term: str = "A term", category: str = "one", source: str = "A source") -> dict[str, str]:
    return {"code": code, "term": term, "category": category, "source": source}


@pytest.mark.parametrize(
    ("system", "rows", "fault"),
    [
        (SNOMED, [row("73211009")], None),
        (SNOMED, [row("73211008")], "line 2: '73211008' is not"),  # the check digit is 9
        (SNOMED, [row("73211009"), row("84114007"), row("73211009")], "line 4: 73211009 is given twice"),
        (ICD10, [row("I10"), row("i11")], "line 3: 'i11' is not"),
        (BNF, [row("0501", source="")], "line 2: 0501 lacks a term or a source"),
        (BNF, [row("0501", term="")], "line 2: 0501 lacks a term or a source"),
        (BNF, [], "expected the columns code,term,category,source"),
        (BNF, [{"code": "0501", "term": "A term"}], "expected the columns code,term,category,source"),
    ],
)
def test_faults_are_named_by_line(system, rows, fault):
    found = faults_in(system, rows)
    assert found == [] if fault is None else len(found) == 1 and fault in found[0]


@pytest.mark.parametrize("name", names())
def test_every_code_set_of_the_house_is_sound_and_says_where_it_is_from(name):
    held = load(name)
    assert held.codes
    assert all(held.sources)
    assert name.endswith(held.system.name)


def test_an_unknown_set_or_category_is_answered_with_those_there_are():
    with pytest.raises(BadInput, match="expected a code set among acs_icd10"):
        load("weather_icd10")
    with pytest.raises(BadInput, match="has no category 'rain'; it has mild, moderate, severe"):
        load("frailty_snomed:rain")


@pytest.mark.parametrize(
    ("name", "system", "code", "holds"),
    [
        ("fall_icd10", "icd10", "W19X", True),  # W19, padded as SUS does
        ("fall_icd10", "icd10", "W19.9", True),  # a dot is no part of a code
        ("fall_icd10", "icd10", "W010", True),  # beneath W01
        ("fall_icd10", "icd10", "W20X", False),  # struck by an object: no fall
        ("fall_icd10", "icd10", "R296", True),
        ("fall_icd10", "icd10", "R29X", False),  # above R29.6, not beneath
        ("fall_icd10", "icd9cm", "W19X", False),  # another system's code
        ("frailty_snomed", "snomed", "925861000000102", True),
        ("frailty_snomed:mild", "snomed", "925861000000102", False),  # another category
        ("frailty_snomed", "snomed", "92586100000010", False),  # SNOMED codes have no prefixes
        ("medicines_bnf:antibiotic", "bnf", "0501013B0AAAAAA", True),
        ("medicines_bnf:antibiotic", "bnf", "0502010A0AAAAAA", False),  # 5.2 is antifungal
    ],
)
def test_which_rows_belong(name, system, code, holds):
    assert load(name).holds(system, code) is holds


def test_a_category_has_a_fingerprint_of_its_own():
    assert load("frailty_snomed:mild").fingerprint != load("frailty_snomed:severe").fingerprint
    assert load("frailty_snomed:mild").codes == ("925791000000100",)
