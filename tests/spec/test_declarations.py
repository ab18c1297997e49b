"""Declarations refuse nonsense with a sentence, are known by what decides their number, and speak in a clinician's words."""

from __future__ import annotations

import dataclasses

import pytest

from features.engine.language import Kind, Misdeclared, Predictor, facts
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
        (lambda: declared(Kind.DISTINCT, facts("diagnosis")), "it: DISTINCT, and it alone, names the column"),
        (lambda: declared(Kind.COUNT, facts("diagnosis", distinct="code")), "it: DISTINCT, and it alone, names the column"),
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
        (declared(name="bed_days", says="{n} days"), float("nan"), "bed days: not recorded"),
    ],
)  # fmt: skip
def test_what_is_said_of_a_number(predictor, value, said):
    assert predictor.phrase(value) == said


def test_a_row_gives_one_fact_of_a_class_that_feeds_all_that_it_belongs_to():
    emergency = facts("spell", admission_method="21")
    planned = plan([declared(name="a"), declared(Kind.ANY, name="b", within=30), declared(name="c", of=emergency)])
    (lane,) = planned.lanes
    assert lane.conditions == (("admission_method", ("21",)),)
    # Class 0: any stay, which feeds a and b; class 1: its method is 21, which feeds c as well.
    assert planned.first_of_class.tolist() == [0, 2, 5]
    assert planned.predictor_of.tolist() == [0, 1, 0, 1, 2]


def test_classes_of_codes_are_the_combinations_of_code_sets_that_hold_them():
    fell, broke = facts("diagnosis", codes="fall_icd10"), facts("diagnosis", codes="fragility_fracture_icd10")
    (lane,) = plan(
        [declared(name="a", of=fell), declared(name="b", of=broke), declared(name="c", of=fell, within=30)]
    ).lanes
    assert [lane.code_class("icd10", code) for code in ("I10X", "W19X", "S7200", "S72X")] == [0, 1, 2, 0]
    assert [lane.members_of(number) for number in range(lane.size)] == [(), (0,), (1,)]
    assert lane.code_class("icd9cm", "W19X") == 0


def test_facts_that_differ_in_their_number_are_laid_apart_and_the_others_ride_along():
    measured, counted = facts("gp_event", value="value"), facts("gp_event", distinct="code")
    planned = plan([declared(Kind.LATEST, measured, name="a"), declared(Kind.DISTINCT, counted, name="b"),
                    declared(name="c", of=facts("gp_event"))])  # fmt: skip
    assert [lane.members for lane in planned.lanes] == [(0, 2), (1,)]


def test_many_conditions_are_laid_apart_before_classes_grow_too_many():
    specialties = [declared(name=f"s{i}", of=facts("spell", specialty=str(100 + i))) for i in range(20)]
    laid = plan(specialties).lanes
    assert [len(lane.conditions) for lane in laid] == [8, 8, 4]
    assert sum(lane.size for lane in laid) == 2**8 + 2**8 + 2**4
    assert [lane.base for lane in laid] == [0, 2**8, 2**9]


def test_kinds_keep_the_numbers_that_the_compiled_pass_knows_them_by():
    # Machine code kept on disk knows kinds by number: a new kind takes a new number, and none is given again.
    assert {kind.name: int(kind) for kind in Kind} == {
        "COUNT": 0, "ANY": 1, "DAYS_SINCE_LAST": 2, "DAYS_SINCE_FIRST": 3, "SUM": 4, "LATEST": 5, "MEAN": 6, "LEAST": 7,
        "GREATEST": 8, "SLOPE": 9, "DISTINCT": 10, "DAYS": 11, "OPEN": 12, "OPEN_SUM": 13, "YEARS": 14,
    }  # fmt: skip
