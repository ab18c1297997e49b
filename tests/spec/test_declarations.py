"""Declarations refuse nonsense with a sentence, are known by what decides their number, and speak in a clinician's words."""

from __future__ import annotations

import dataclasses

import pytest

from features.codelists import load
from features.engine.language import Between, Circumstance, Derived, Kind, Misdeclared, Op, Predictor, What, facts
from features.engine.plan import plan
from features.errors import BadInput

SPELLS = facts("spell")


def declared(kind=Kind.COUNT, of=SPELLS, within=365, name="it", says="admissions: {n}", **more):
    return Predictor(name, kind, of, "test", says, within, **more)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: facts("weather"), "expected a table of the record, found 'weather'; they are person, "),
        (lambda: facts("feed"), "expected a table of the record, found 'feed'"),
        (lambda: facts("spell", ward="12"), "spell has no column 'ward'; it has row_id, "),
        (lambda: facts("spell", admission_method=()), "spell.admission_method: expected a tuple of values"),
        (lambda: facts("spell", value="specialty"), "spell.specialty is string, not a number"),
        (lambda: facts("spell", codes="acs_icd10"), "spell carries no codes"),
        (lambda: facts("diagnosis", codes="weather_icd10"), "expected a code set among"),
        (lambda: declared(name="Emergency admissions"), "expected a name of small letters, digits and _"),
        (lambda: declared(within=0), "it: expected a window of one day or more, found 0"),
        (lambda: declared(Kind.SUM), "it: SUM needs `value`"),
        (lambda: declared(Kind.COUNT, facts("gp_event", value="value")), "it: COUNT has no use for the value 'value'"),
        (lambda: declared(Kind.DISTINCT, facts("diagnosis")), "it: DISTINCT and NEW, and they alone, name the column"),
        (lambda: declared(Kind.COUNT, facts("diagnosis", distinct="code")), "it: DISTINCT and NEW, and they alone, name the column"),
        (lambda: declared(Kind.DAYS, facts("ed_attendance")), "it: DAYS needs intervals; ed_attendance holds events"),
        (lambda: declared(of=facts("ed_attendance"), lasting=21), "it: only intervals last; ed_attendance holds events"),
        (lambda: declared(Kind.OPEN), "it: what is open at t has no window"),
        (lambda: declared(says="{count} admissions"), "it: expected words with {n} for the number, found '{count} admissions'"),
        (lambda: declared(says=""), "it: expected words"),
        (lambda: plan([declared(), declared()]), "given twice: it"),
        (lambda: plan([]), "expected one predictor or more"),
    ],
)  # fmt: skip
def test_a_misdeclaration_says_what_was_expected_and_what_was_found(make, sentence):
    with pytest.raises((Misdeclared, BadInput)) as refused:
        make()
    assert sentence in str(refused.value)


def test_a_declaration_never_changes():
    with pytest.raises(dataclasses.FrozenInstanceError):
        declared().within = 30  # type: ignore[misc]


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (declared(), True),
        (declared(says="{n} stays", says_none="no stay", reference="somewhere", actionable=True), True),  # only words
        (declared(within=366), False),
        (declared(Kind.ANY), False),
        (declared(of=facts("spell", patient_class="ordinary")), False),
        (declared(name="that"), False),
        (declared(lasting=21), False),
    ],
)
def test_the_fingerprint_changes_with_what_decides_the_number(other, same):
    assert (declared().fingerprint == other.fingerprint) is same


def test_the_fingerprint_changes_with_the_codes_and_not_with_the_order_of_conditions():
    assert (
        declared(of=facts("diagnosis", codes="acs_icd10")).fingerprint
        != declared(of=facts("diagnosis", codes="fall_icd10")).fingerprint
    )
    one = facts("spell", patient_class="ordinary", admission_method="21")
    other = facts("spell", admission_method="21", patient_class="ordinary")
    assert declared(of=one).fingerprint == declared(of=other).fingerprint


@pytest.mark.parametrize(
    ("predictor", "value", "said"),
    [
        (declared(says="{n} admissions"), 3.0, "3 admissions"),
        (declared(says="{n} admissions", says_none="no admission"), 0.0, "no admission"),
        (declared(says="{n} admissions"), 0.0, "0 admissions"),
        (declared(says="last eGFR {n}"), 41.25, "last eGFR 41.2"),
        (declared(says="index {n:.2f}"), 0.254, "index 0.25"),
        (declared(says="{n} admissions", says_absent="no data from the hospital"), float("nan"), "no data from the hospital"),
        (declared(name="bed_days", says="{n} days"), float("nan"), "bed days: not known, the records do not go back far enough"),
        (declared(name="bed_days", within=None), float("nan"), "bed days: not recorded"),
    ],
)  # fmt: skip
def test_what_is_said_of_a_number(predictor, value, said):
    assert predictor.phrase(value) == said


def lanes_of(*declarations):
    """The lanes of a plan, with what feeds from each."""
    planned = plan(declarations)
    return [(lane, feeding) for sweep, fed in zip(planned.sweeps, planned.feeding, strict=True)
            for lane, feeding in zip(sweep.lanes, fed, strict=True)]  # fmt: skip


def fed_by_class(feeding, planned_columns):
    entries = [planned_columns[column] for column in feeding.entries["column"]]
    edges = feeding.first_of_class
    return [sorted(entries[edges[c] : edges[c + 1]]) for c in range(len(edges) - 1)]


def test_a_row_gives_one_fact_of_a_class_that_feeds_all_that_it_belongs_to():
    emergency, planned = (
        facts("spell", admission_method="21"),
        facts("spell", admission_method="21", patient_class="ordinary"),
    )
    declarations = [declared(name="a", of=emergency), declared(Kind.ANY, name="b", of=emergency, within=30),
                    declared(name="c", of=planned)]  # fmt: skip
    ((lane, feeding),) = lanes_of(*declarations)
    names = [p.name for p in plan(declarations).base]
    assert lane.conditions == (("admission_method", ("21",)), ("patient_class", ("ordinary",)))
    # Class 1: its method is 21; class 3: it is an ordinary stay besides; class 2, of ordinary class alone, feeds nothing.
    assert fed_by_class(feeding, names) == [[], ["a", "b"], [], ["a", "b", "c"]]


def test_classes_of_codes_are_the_combinations_of_code_sets_that_hold_them():
    fell, broke = facts("diagnosis", codes="fall_icd10"), facts("diagnosis", codes="fragility_fracture_icd10")
    ((lane, _),) = lanes_of(
        declared(name="a", of=fell), declared(name="b", of=broke), declared(name="c", of=fell, within=30)
    )
    assert [lane.code_class("icd10", code) for code in ("I10X", "W19X", "S7200", "S72X")] == [0, 1, 2, 0]
    assert [lane.members_of(number) for number in range(lane.size)] == [[], [(0, "")], [(1, "")]]
    assert lane.code_class("icd9cm", "W19X") == 0


def test_categories_are_told_apart_only_where_they_have_points():
    fell = facts("diagnosis", codes="acs_icd10")
    ((counted, _),) = lanes_of(declared(name="a", of=fell))
    ((pointed, feeding),) = lanes_of(declared(Kind.POINTS, name="a", of=fell))
    categories = set(load("acs_icd10").categories.values())
    assert (counted.size, pointed.size, feeding.items) == (2, 1 + len(categories), len(categories))


def test_facts_that_differ_in_their_number_are_laid_apart():
    measured, counted = facts("gp_event", value="value"), facts("gp_event", distinct="code")
    laid = lanes_of(declared(Kind.LATEST, measured, name="a"), declared(Kind.DISTINCT, counted, name="b"),
                    declared(name="c", of=facts("gp_event")), declared(Kind.MEAN, measured, name="d"))  # fmt: skip
    assert [(lane.value, lane.distinct) for lane, _ in laid] == [("value", None), (None, "code"), (None, None)]


def test_many_conditions_are_laid_apart_before_classes_grow_too_many():
    specialties = [declared(name=f"s{i}", of=facts("spell", specialty=str(100 + i))) for i in range(14)]
    laid = [lane for lane, _ in lanes_of(*specialties)]
    assert [len(lane.conditions) for lane in laid] == [6, 6, 2]
    assert sum(lane.size for lane in laid) == 2**6 + 2**6 + 2**2


def test_parts_that_are_not_asked_for_have_columns_and_are_not_chosen():
    part = declared(name="part")
    planned = plan([Derived("is_there", Op.EITHER, (part,), "test", "there")])
    assert ([p.name for p in planned.base], planned.width, planned.chosen.tolist()) == (["part"], 2, [1])


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Derived("d", Op.RATIO, (declared(),), "test", "{n}"), "d: RATIO of 2 parts, found 1"),
        (lambda: Derived("d", Op.SUM, (declared(),), "test", "{n}", weights=(1, 2)), "d: weights are SUM's, one a part"),
        (lambda: Derived("d", Op.BAND, (declared(),), "test", "{n}", cuts=(5, 3)), "d: cuts are BAND's, ascending"),
        (lambda: Circumstance("c", What.FED, None, "test", "{n}"), "c: FED of a table of the record"),
        (lambda: Circumstance("c", What.SEASON_SIN, "spell", "test", "{n}"), "or of none for the season"),
        (lambda: Between(5, 5), "expected a low bound below a high one, found 5 and 5"),
        (lambda: facts("spell", specialty=Between(0, 5)), "spell.specialty: only numbers lie between two others"),
        (lambda: facts("spell", specialty="100'"), "expected values of letters, digits and _"),
        (lambda: facts("spell", provider="RXX"), "spell.provider is never a predictor"),
        (lambda: facts("spell", date="specialty"), "spell.specialty is string, not a day"),
        (lambda: declared(within=30, ago=30), "expected a window that ends after it begins, found 30 days to 30 days before"),
        (lambda: declared(Kind.NEW, facts("prescription", distinct="code"), within=30), "NEW needs a window and the `quiet` days"),
        (lambda: declared(Kind.SOON, within=30), "it: SOON needs a `gap`"),
        (lambda: declared(Kind.POINTS, facts("diagnosis")), "it: POINTS needs a code set"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_when_it_is_made(make, sentence):
    with pytest.raises(Misdeclared) as refused:
        make()
    assert sentence in str(refused.value)


def test_kinds_keep_the_numbers_that_the_compiled_pass_knows_them_by():
    # Machine code kept on disk knows kinds by number: a new kind takes a new number, and none is given again.
    assert {kind.name: int(kind) for kind in Kind} == {
        "COUNT": 0, "ANY": 1, "DAYS_SINCE_LAST": 2, "DAYS_SINCE_FIRST": 3, "SUM": 4, "LATEST": 5, "MEAN": 6, "LEAST": 7,
        "GREATEST": 8, "SLOPE": 9, "DISTINCT": 10, "DAYS": 11, "OPEN": 12, "OPEN_SUM": 13, "YEARS": 14, "DEVIATION": 15,
        "POINTS": 16, "NEW": 17, "SOON": 18,
    }  # fmt: skip
    assert {op.name: int(op) for op in Op} == {
        "SUM": 0, "DIFFERENCE": 1, "RATIO": 2, "BAND": 3, "EITHER": 4, "BOTH": 5, "NEITHER": 6, "LARGEST": 7,
    }  # fmt: skip
