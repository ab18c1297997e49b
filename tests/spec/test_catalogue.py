"""What every predictor of the catalogue owes its reader, and what none may be."""

from __future__ import annotations

from collections import Counter

import pytest

from features.codelists import load
from features.engine.language import Derived, Kind, Misdeclared, Predictor, facts
from features.population import codes
from features.predictors import CATALOGUE, FAMILIES, named
from features.record.tables import TABLES

NAMES = [predictor.name for predictor in CATALOGUE]
#: Whose habit it is, what it costs or who pays, and how a row came to be: columns that no predictor reads.
NEVER = {"practice", "provider", "organisation", "organisation_scheme", "practice_scheme", "team_id", "worker", "funding", "cost",
         "lsoa", "language", "ethnicity", "feed_id", "row_id", "person_id", "spell_id", "other_person_id", "care_home_id",
         "match_confidence", "kind_from", "imd_version", "cause"}  # fmt: skip
#: Of every column of every table, words that no column has that a predictor may read.
OF_NOBODY_WHO_CARES = ("practi", "provid", "organis", "worker", "staff", "clinician", "fund", "cost", "price", "payer")
#: The product's own lists and decisions have no table here, and a relative's own record none either.
NOT_LOOKED_AT = ("feed", "person_link", "objection", "death")


def read_by(predictor):
    """What is read from the record: of the predictor itself and of its parts."""
    if isinstance(predictor, Predictor):
        return [predictor]
    return [one for part in getattr(predictor, "parts", ()) for one in read_by(part)]


def rests_on_a_rule(predictor):
    """Somebody decided which codes, admissions, lengths of stay, cuts or scores count."""
    return (isinstance(predictor, Derived) and bool(predictor.cuts)) or any(map(_rule, read_by(predictor)))


def _rule(predictor):
    of = predictor.of
    return bool(of.codes or predictor.lasting or of.table == "assessment" or "admission_method" in dict(of.where))


@pytest.mark.parametrize("predictor", CATALOGUE, ids=NAMES)
def test_every_predictor_speaks_in_words_and_belongs_to_a_domain(predictor):
    assert predictor.domain
    for value in (0.0, 1.0, 2.5, float("nan")):
        said = predictor.phrase(value)
        assert said
        assert "{" not in said
        assert "_" not in said


@pytest.mark.parametrize("predictor", CATALOGUE, ids=NAMES)
def test_no_predictor_reads_who_provided_what_it_cost_or_where_it_is_from(predictor):
    for of in (one.of for one in read_by(predictor)):
        assert not NEVER & {*dict(of.where), of.value, of.distinct, of.date}
        assert of.table not in NOT_LOOKED_AT


@pytest.mark.parametrize(
    "predictor", [p for p in CATALOGUE if rests_on_a_rule(p)], ids=lambda predictor: predictor.name
)
def test_a_predictor_that_rests_on_a_clinical_rule_names_its_source(predictor):
    assert predictor.reference


@pytest.mark.parametrize("predictor", CATALOGUE, ids=NAMES)
def test_what_is_not_there_has_words_of_its_own(predictor):
    # A kind that can be absent for want of facts, its feed being there, must say so better than "not recorded".
    can_be_absent = {Kind.DAYS_SINCE_LAST, Kind.DAYS_SINCE_FIRST, Kind.LATEST, Kind.MEAN, Kind.SLOPE, Kind.DEVIATION,
                     Kind.LEAST, Kind.GREATEST}  # fmt: skip
    if any(one.kind in can_be_absent for one in read_by(predictor)):
        assert predictor.says_absent
    elif any(one.kind is not Kind.YEARS for one in read_by(predictor)):
        assert predictor.says_none


def test_a_column_that_names_an_organisation_or_a_price_is_among_those_never_read():
    columns = {column for table in TABLES.values() for column in table.columns}
    suspect = {column for column in columns if any(word in column for word in OF_NOBODY_WHO_CARES)}
    assert suspect <= NEVER
    assert {"practice", "provider", "team_id", "care_home_id"} <= columns & NEVER


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("registration", "practice", "B86022"),
        ("spell", "provider", "RZ1"),
        ("caseload", "team_id", "DN01"),
        ("person", "ethnicity", "A"),
    ],
)
def test_a_predictor_that_picks_by_organisation_or_ethnicity_cannot_be_declared(table, column, value):
    with pytest.raises(Misdeclared, match=f"{table}.{column} is never a predictor"):
        facts(table, **{column: value})


def test_the_record_holds_no_list_no_decision_and_nothing_of_a_relative():
    names = {*TABLES, *(column for table in TABLES.values() for column in table.columns)}
    assert not [
        name
        for name in names
        if any(word in name for word in ("decision", "listed", "score_of", "relative", "next_of_kin"))
    ]


def test_the_catalogue_is_as_wide_as_it_is_said_to_be_and_says_each_thing_once():
    assert len(CATALOGUE) >= 320
    assert sorted(said for said, n in Counter(predictor.says for predictor in CATALOGUE).items() if n > 1) == []
    assert sorted(said for said, n in Counter(predictor.phrase(3.0) for predictor in CATALOGUE).items() if n > 1) == []
    assert not [name for name, family in FAMILIES.items() if not family]


def test_names_differ_and_every_family_fills_its_place():
    assert len(set(NAMES)) == len(NAMES)
    assert sum(map(len, FAMILIES.values())) == len(CATALOGUE)
    assert named(["age", "falls_2y"]) == tuple(p for p in CATALOGUE if p.name in ("age", "falls_2y"))


def test_each_table_about_a_persons_health_and_care_is_looked_at():
    assert {table for predictor in CATALOGUE for table in predictor.tables} >= {
        "person", "residence", "carer", "preference", "gp_event", "prescription", "gp_contact", "spell", "diagnosis",
        "outpatient", "ed_attendance", "ambulance", "community_contact", "social_care", "assessment", "caseload", "home_care_week",
        "registration",
    }  # fmt: skip


def test_what_the_simulated_practices_code_is_what_the_code_sets_know():
    conditions = load("long_term_conditions_snomed")
    assert {code for code in codes.CONDITION.values() if not conditions.holds("snomed", code)} == set()
    assert set(codes.MEASURE.values()) <= set(load("measurements_snomed").codes)
    assert set(load("frailty_snomed").codes) == set(codes.FRAILTY.values())
