"""Generated records and declarations: every path works out the same numbers, types included."""

from __future__ import annotations

import tempfile
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from features.engine.language import LASTING, VALUED, Kind, Predictor, facts
from features.record.tables import PERSON_TABLES, TABLES
from tests.engines import ALL_FEEDS, cut_everywhere, plainly, through_duckdb
from tests.records import DEFAULTS

T = date(2024, 3, 1)
DAYS = st.integers(-60, 8).map(lambda n: T + timedelta(days=n))
CODES = {"gp_event": ("73211009", "84114007", "1020291000000106"), "diagnosis": ("W19X", "I10X", "J440"),
         "prescription": ("0501013B0AAAAAA", "0212000B0AAAAAA", "0501013B0BBBBBB")}  # fmt: skip


@st.composite
def rows_of(draw, name):
    row = {"row_id": draw(st.integers(1, 10**6)), "person_id": draw(st.integers(1, 3)), "event_date": draw(DAYS)}
    row["known_at"] = row["event_date"] + timedelta(days=draw(st.integers(0, 20)))
    if draw(st.booleans()):
        row["known_until"] = row["known_at"] + timedelta(days=draw(st.integers(0, 20)))
    if TABLES[name].interval and draw(st.booleans()):
        row["end_date"] = row["event_date"] + timedelta(days=draw(st.integers(0, 40)))
    if "event_time" in TABLES[name].columns:
        row["event_time"] = draw(st.none() | st.integers(0, 3))
    if name in CODES:
        row["code"] = draw(st.sampled_from(CODES[name]))
        row["system"] = DEFAULTS[name]["system"]
    if name == "gp_event":
        row["value"] = draw(st.none() | st.integers(-50, 50).map(float))
    if name == "social_care":
        row["units_a_week"] = draw(st.none() | st.integers(0, 50).map(float))
        row["component"] = draw(st.sampled_from(["home_care", "telecare"]))
    if name == "spell":
        row["admission_method"] = draw(st.sampled_from(["21", "11", "2A", None]))
    return row


NAMES = ("gp_event", "prescription", "diagnosis", "spell", "social_care", "ed_attendance")
RECORDS = st.fixed_dictionaries({name: st.lists(rows_of(name), max_size=6, unique_by=lambda row: (row["row_id"], row["known_at"])) for name in NAMES})  # fmt: skip
SETS = {"gp_event": ("long_term_conditions_snomed", "long_term_conditions_snomed:diabetes", "measurements_snomed:egfr"),
        "diagnosis": ("fall_icd10", "acs_icd10", "acs_icd10:copd"),
        "prescription": ("medicines_bnf", "medicines_bnf:antibiotic")}  # fmt: skip
#: Text columns whose different values are counted; a method of admission may be null.
DIFFERENT = {"gp_event": "code", "diagnosis": "code", "prescription": "code", "spell": "admission_method"}
CONDITIONS = {"spell": ("admission_method", ("21", "2A")), "social_care": ("component", ("telecare",)),
              "prescription": ("code", CODES["prescription"][:1])}  # fmt: skip


@st.composite
def declarations(draw):
    kind = draw(st.sampled_from(list(Kind)))
    tables = ["spell", "social_care"] if kind in LASTING else list(NAMES)
    if kind in VALUED:
        tables = ["social_care"] if kind in LASTING else ["gp_event", "social_care"]
    if kind is Kind.DISTINCT:
        tables = list(DIFFERENT)
    table = draw(st.sampled_from(tables))
    more = {}
    if kind in VALUED:
        more["value"] = "value" if table == "gp_event" else "units_a_week"
    if kind is Kind.DISTINCT:
        more |= {"distinct": DIFFERENT[table], "prefix": draw(st.sampled_from([None, 2, 9]))}
    if table in SETS and draw(st.booleans()):
        more["codes"] = draw(st.sampled_from(SETS[table]))
    if table in CONDITIONS and draw(st.booleans()):
        more |= [CONDITIONS[table]]
    within = None if kind in (Kind.OPEN, Kind.OPEN_SUM) else draw(st.sampled_from([None, 1, 10, 30, 365]))
    lasting = draw(st.sampled_from([0, 5])) if TABLES[table].interval else 0
    return Predictor(
        f"p{draw(st.integers(0, 10**9))}", kind, facts(table, **more), "test", "{n} days", within, lasting=lasting
    )


PREDICTORS = st.lists(declarations(), min_size=1, max_size=12, unique_by=lambda predictor: predictor.name)
ASKED = [(person, t, feeds) for person in (1, 2, 3, 4) for t in (date(2024, 2, 1), T)
         for feeds in (ALL_FEEDS if t == T else ALL_FEEDS & ~(1 << PERSON_TABLES.index("spell")),)]  # fmt: skip


@settings(max_examples=30)
@given(rows=RECORDS, predictors=PREDICTORS)
def test_the_compiled_path_and_the_plain_reference_agree(rows, predictors):
    with tempfile.TemporaryDirectory() as folder:
        compiled = through_duckdb(Path(folder) / "a", rows, predictors, ASKED)
        cut = cut_everywhere(Path(folder) / "b", rows, predictors, ASKED)
        plain = plainly(Path(folder), rows, predictors, ASKED)
    assert compiled.dtype == plain.dtype == np.float32
    np.testing.assert_array_equal(compiled, cut)
    np.testing.assert_allclose(compiled, plain, rtol=1e-6, atol=1e-9, equal_nan=True)
