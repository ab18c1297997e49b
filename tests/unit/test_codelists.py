"""Code sets: what is wrong with one is said line by line, and which rows of the record belong to it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from features.codelists import CodeSet, faults_in, load, names, use
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
        (BNF, [row("0501", source="")], "line 2: 0501 lacks a term, a category or a source"),
        (BNF, [row("0501", term="")], "line 2: 0501 lacks a term, a category or a source"),
        (BNF, [row("0501", category="")], "line 2: 0501 lacks a term, a category or a source"),
        (ICD10, [{**row("F00"), "points": "7.1"}], None),
        (ICD10, [{**row("F00"), "points": "much"}], "line 2: expected points as a number, found 'much'"),
        (
            ICD10,
            [{**row("F00"), "points": "7"}, {**row("F01"), "points": "2"}],
            "line 3: category one has other points above",
        ),
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
    with pytest.raises(BadInput, match="expected a code set among acs_beside_icd10, acs_icd10"):
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


@pytest.fixture
def area(tmp_path, monkeypatch):
    """Writes a set into an area's own folder and takes sets from there."""
    monkeypatch.delenv("FRAILTY_CODELISTS", raising=False)

    def write(name: str, *lines: str) -> None:
        (tmp_path / f"{name}.csv").write_text("\n".join(lines) + "\n")
        monkeypatch.setenv("FRAILTY_CODELISTS", str(tmp_path))  # put back after the test, whatever `use` does
        use(tmp_path)

    return write


HEADER = "code,term,category,source"
FRAILTY = [f"{code},A term,{degree},Ours" for code, degree in
           (("73211009", "mild"), ("84114007", "moderate"), ("13645005", "severe"))]  # fmt: skip


def test_a_set_of_the_area_stands_in_the_place_of_the_houses_own(area):
    house = load("frailty_snomed")
    area("frailty_snomed", HEADER, *FRAILTY)
    held = load("frailty_snomed")
    assert held.codes == ("73211009", "84114007", "13645005")
    assert held.origin
    assert held.fingerprint != house.fingerprint
    assert load("frailty_snomed:mild").codes == ("73211009",)
    assert load("fall_icd10").origin == ""  # the folder has none: the house's own
    use(None)
    assert load("frailty_snomed") == house


def test_child_processes_read_the_areas_sets_too(area):
    area("frailty_snomed", HEADER, *FRAILTY)
    told = subprocess.run(
        [sys.executable, "-c", "from features.codelists import load; print(load('frailty_snomed').codes[0])"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert told.stdout.strip() == "73211009"


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ([HEADER, *FRAILTY[:2]], "category severe: no code is given for it"),
        ([HEADER, *FRAILTY, "44054006,A term,dire,Ours"], "category dire: the set that it replaces has none"),
        ([HEADER + ",points", *(line + ",1" for line in FRAILTY)], "expected the columns code,term,category,source of"),
        ([HEADER, *FRAILTY, FRAILTY[0]], "73211009 is given twice"),
    ],
)
def test_a_set_that_cannot_take_the_place_is_refused(area, lines, fault):
    area("frailty_snomed", *lines)
    with pytest.raises(BadInput, match=fault):
        load("frailty_snomed")


def test_a_file_that_replaces_nothing_is_refused(area, tmp_path):
    with pytest.raises(BadInput, match=r"frailties_snomed\.csv in .* would replace no code set"):
        area("frailties_snomed", HEADER, *FRAILTY)
    with pytest.raises(BadInput, match="expected a folder of code sets"):
        use(tmp_path / "nowhere")


def test_a_code_stands_for_its_descendants_where_the_area_lists_them(area):
    # Severe (…102) lies beneath mild (…100) here, and 44054006 beneath both: the nearer of the two is severe. 13645005 lies
    # beneath mild alone. Moderate (…107) lies beneath mild as well, but is listed: its own category stays.
    mild, moderate, severe = "925791000000100", "925831000000107", "925861000000102"
    below = [(mild, severe), (mild, "44054006"), (severe, "44054006"), (mild, "13645005"), (mild, moderate)]
    area("descendants_snomed", "code,descendant", *(",".join(pair) for pair in below))
    assert load("frailty_snomed").categories == {
        mild: "mild", moderate: "moderate", severe: "severe", "44054006": "severe", "13645005": "mild",
    }  # fmt: skip
    assert load("frailty_snomed").origin == ""


@pytest.mark.parametrize(
    ("lines", "fault"),
    [(["code,child"], "expected the columns code,descendant, found code,child"),
     (["code,descendant", "73211009,73211008"], "line 2: '73211008' is not 6 to 18 digits")],
)  # fmt: skip
def test_a_list_of_descendants_that_is_none_is_refused(area, lines, fault):
    area("descendants_snomed", *lines)
    with pytest.raises(BadInput, match=fault):
        load("frailty_snomed")


def test_the_fingerprint_follows_codes_categories_and_points():
    def held(category: str, points: float) -> CodeSet:
        return CodeSet("a", SNOMED, {"73211009": "Diabetes"}, {"73211009": category}, {category: points}, ("A source",))

    assert len({held(category, points).fingerprint for category in ("one", "two") for points in (1.0, 2.0)}) == 4
