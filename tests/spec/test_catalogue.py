"""What every predictor of the catalogue owes its reader, and what none may be."""

from __future__ import annotations

import pytest

from features.codelists import load
from features.engine.language import Kind
from features.population import codes
from features.predictors import CATALOGUE, FAMILIES, named

NAMES = [predictor.name for predictor in CATALOGUE]
#: Whose habit it is, what it costs or who pays, and how a row came to be: columns that no predictor reads.
NEVER = {"practice", "provider", "organisation", "practice_scheme", "funding", "cost", "lsoa", "language", "ethnicity",
         "feed_id", "row_id", "kind_from", "imd_version"}  # fmt: skip


def rests_on_a_rule(predictor):
    """Somebody decided which codes, admissions, lengths of stay or scores count."""
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
    of = predictor.of
    assert not NEVER & {*dict(of.where), of.value, of.distinct, of.date}
    assert of.table not in ("feed", "person_link", "objection", "death")


@pytest.mark.parametrize(
    "predictor", [p for p in CATALOGUE if rests_on_a_rule(p)], ids=lambda predictor: predictor.name
)
def test_a_predictor_that_rests_on_a_clinical_rule_names_its_source(predictor):
    assert predictor.reference


@pytest.mark.parametrize("predictor", CATALOGUE, ids=NAMES)
def test_what_is_not_there_has_words_of_its_own(predictor):
    # A kind that can be absent for want of facts, its feed being there, must say so better than "not recorded".
    can_be_absent = {Kind.DAYS_SINCE_LAST, Kind.DAYS_SINCE_FIRST, Kind.LATEST, Kind.MEAN, Kind.SLOPE}
    if predictor.kind in can_be_absent:
        assert predictor.says_absent
    elif predictor.kind not in (Kind.YEARS,):
        assert predictor.says_none


def test_names_differ_and_every_family_fills_its_place():
    assert len(set(NAMES)) == len(NAMES)
    assert sum(map(len, FAMILIES.values())) == len(CATALOGUE)
    assert named(["age", "falls_2y"]) == tuple(p for p in CATALOGUE if p.name in ("age", "falls_2y"))


def test_each_table_about_a_persons_health_and_care_is_looked_at():
    assert {table for predictor in CATALOGUE for table in predictor.tables} >= {
        "person", "residence", "carer", "preference", "gp_event", "prescription", "gp_contact", "spell", "diagnosis",
        "outpatient", "ed_attendance", "ambulance", "community_contact", "social_care", "assessment",
    }  # fmt: skip


def test_what_the_simulated_practices_code_is_what_the_code_sets_know():
    conditions = load("long_term_conditions_snomed")
    assert {code for code in codes.CONDITION.values() if not conditions.holds("snomed", code)} == set()
    assert set(load("measurements_snomed").codes) == set(codes.MEASURE.values())
    assert set(load("frailty_snomed").codes) == set(codes.FRAILTY.values())
