"""Generated records and declarations: every path works out the same numbers, types included."""

from __future__ import annotations

import tempfile
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.engine.language import DIFFERENT as KIND_OF_TEXT
from features.engine.language import (
    LASTING,
    VALUED,
    WINDOWLESS,
    Between,
    Circumstance,
    Derived,
    Kind,
    Op,
    Predictor,
    What,
    facts,
)
from features.engine.oracle import At
from features.engine.scan import Scan
from features.record.tables import PERSON_TABLES, TABLES
from tests.engines import ALL_FEEDS, from_record, in_memory, made_ahead, plainly, through_spark
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


#: Columns of which a range of numbers is asked.
RANGES = {"gp_event": "value", "social_care": "units_a_week"}


@st.composite
def aggregates(draw):
    kind = draw(st.sampled_from(list(Kind)))
    tables = ["spell", "social_care"] if kind in LASTING else list(NAMES)
    if kind in VALUED:
        tables = ["social_care"] if kind in LASTING else ["gp_event", "social_care"]
    if kind in KIND_OF_TEXT:
        tables = list(DIFFERENT)
    if kind is Kind.POINTS:
        tables = list(SETS)
    table = draw(st.sampled_from(tables))
    more, where = {}, {}
    if kind in VALUED:
        more["value"] = "value" if table == "gp_event" else "units_a_week"
    if kind in KIND_OF_TEXT:
        more |= {"distinct": DIFFERENT[table], "prefix": draw(st.sampled_from([None, 2, 9]))}
    if table in SETS and (kind is Kind.POINTS or draw(st.booleans())):
        more["codes"] = draw(st.sampled_from(SETS[table]))
    if table in CONDITIONS and draw(st.booleans()):
        where |= [CONDITIONS[table]]
    if table in RANGES and draw(st.booleans()):
        where[RANGES[table]] = draw(st.sampled_from([Between(0, 20), Between(None, 3), Between(10)]))
    if draw(st.booleans()):
        where |= draw(st.sampled_from([{"weekday": (6, 7)}, {"month": (1, 2)}]))
    within = None if kind in WINDOWLESS else draw(st.sampled_from([None, 3, 10, 30, 365]))
    if kind is Kind.NEW:
        within = within or 10
    lasting = draw(st.sampled_from([0, 5])) if TABLES[table].interval else 0
    return Predictor(
        f"p{draw(st.integers(0, 10**9))}", kind, facts(table, where=where, **more), "test", "{n} days", within, lasting=lasting,
        ago=draw(st.sampled_from([0, 0, 2])), quiet=20 if kind is Kind.NEW else 0,
        gap=draw(st.sampled_from([1, 10])) if kind is Kind.SOON else 0,
    )  # fmt: skip


@st.composite
def circumstances(draw):
    what = draw(st.sampled_from(list(What)))
    table = None if what in (What.SEASON_SIN, What.SEASON_COS) else draw(st.sampled_from(NAMES))
    return Circumstance(f"c{draw(st.integers(0, 10**9))}", what, table, "test", "{n}")


@st.composite
def derived(draw, parts):
    op = draw(st.sampled_from(list(Op)))
    count = {Op.DIFFERENCE: 2, Op.RATIO: 2, Op.BAND: 1}.get(op, draw(st.integers(1, 3)))
    chosen = draw(st.lists(parts, min_size=count, max_size=count, unique_by=lambda part: part.name))
    weights = tuple(draw(st.sampled_from([0.5, 1, -2])) for _ in chosen) if op is Op.SUM and draw(st.booleans()) else ()
    return Derived(f"d{draw(st.integers(0, 10**9))}", op, tuple(chosen), "test", "{n}", weights=weights,
                   cuts=(0, 1, 3) if op is Op.BAND else ())  # fmt: skip


PARTS = st.one_of(aggregates(), aggregates(), circumstances())
DECLARATIONS = st.one_of(PARTS, PARTS, derived(PARTS), derived(st.one_of(PARTS, derived(PARTS))))
PREDICTORS = st.lists(DECLARATIONS, min_size=1, max_size=12, unique_by=lambda predictor: predictor.name)
ASKED = [At(person, t, feeds, {"spell": date(2024, 1, 20), "gp_event": date(2023, 6, 1), "ed_attendance": T - timedelta(days=3)},
            {"prescription": 12})
         for person in (1, 2, 3, 4) for t in (date(2023, 6, 1), date(2024, 2, 1), T)
         for feeds in (ALL_FEEDS if t == T else ALL_FEEDS & ~(1 << PERSON_TABLES.index("spell")),)]  # fmt: skip


@settings(max_examples=40)
@given(rows=RECORDS, predictors=PREDICTORS)
def test_every_path_agrees_with_the_plain_reference(rows, predictors):
    with tempfile.TemporaryDirectory() as folder:
        plain = plainly(Path(folder), rows, predictors, ASKED)
        whole = from_record(Path(folder) / "a", rows, predictors, ASKED)
        cut = from_record(Path(folder) / "b", rows, predictors, ASKED, people=1)
        ahead = from_record(Path(folder) / "d", rows, predictors, ASKED, source=made_ahead)
        scanned = from_record(Path(folder) / "c", rows, predictors, ASKED, source=Scan)
        sent = in_memory(Path(folder), rows, predictors, ASKED)
    assert whole.dtype == sent.dtype == plain.dtype == np.float32
    np.testing.assert_array_equal(whole, cut)
    np.testing.assert_array_equal(whole, scanned)
    np.testing.assert_array_equal(whole, ahead)
    np.testing.assert_array_equal(whole, sent)
    np.testing.assert_allclose(whole, plain, rtol=1e-6, atol=1e-6, equal_nan=True)


#: Fewer: Spark takes a second or two over each.
@pytest.mark.part("java")
@pytest.mark.xdist_group("spark")
@settings(max_examples=6)
@given(rows=RECORDS, predictors=PREDICTORS)
def test_spark_agrees_with_every_other_path(rows, predictors):
    with tempfile.TemporaryDirectory() as folder:
        sparked = through_spark(Path(folder) / "a", rows, predictors, ASKED)
        whole = from_record(Path(folder) / "b", rows, predictors, ASKED)
        plain = plainly(Path(folder), rows, predictors, ASKED)
    assert sparked.dtype == whole.dtype
    np.testing.assert_array_equal(sparked, whole)
    np.testing.assert_allclose(sparked, plain, rtol=1e-6, atol=1e-6, equal_nan=True)
