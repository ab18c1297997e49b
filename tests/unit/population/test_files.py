"""The files: every table of the record, in its schema, with clocks that make sense, and nothing of the truth."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pyarrow as arrow
import pyarrow.parquet as parquet
import pytest

from features.coding import NHS_NUMBER
from features.record.tables import TABLES

#: Columns of the native shape beside a table's own.
ALLOWED = {"nhs_number", "local_id", "row_key", "feed", "spell_key", "other_nhs_number", "other_local_id"}
DATED = [t.name for t in TABLES.values() if t.dated]


@pytest.mark.parametrize("name", TABLES)
def test_every_table_has_rows_that_fit_its_schema(built, name):
    table, held = TABLES[name], parquet.read_table(built.out / f"{name}.parquet")
    assert held.num_rows > 0
    # Keys that the record fills itself are filled with row numbers here.
    numbers = arrow.array(np.arange(held.num_rows))
    columns = {c: held[c] if c in held.column_names else numbers for c in table.columns}
    frame = arrow.table(columns).cast(arrow.schema(list(table.columns.items()))).to_pandas(types_mapper=pd.ArrowDtype)
    table.schema.validate(frame, lazy=True)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_carries_its_own_columns_and_identifiers_and_no_more(built, name):
    held = set(parquet.read_schema(built.out / f"{name}.parquet").names)
    assert held - set(TABLES[name].columns) <= ALLOWED


def test_nothing_of_the_truth_is_in_the_extract(built):
    assert {path.name for path in built.out.iterdir()} == {f"{name}.parquet" for name in TABLES} | {"about.json"}
    assert not built.truth.is_relative_to(built.out)


def test_the_extract_says_that_it_is_simulated(built):
    assert json.loads((built.out / "about.json").read_text()) == {
        "kind": "simulated", "title": "Simulated area, 5,000 people, seed 11",
    }  # fmt: skip


@pytest.mark.parametrize("name", DATED)
def test_nothing_is_known_before_it_happened_but_a_booking(built, name):
    exempt = "AND status <> 'booked'" if name == "gp_contact" else ""
    assert built.number(f"SELECT count(*) FROM {{{name}}} WHERE known_at < event_date {exempt}") == 0


CAME = """(SELECT nhs_number, min(event_date) AS came FROM {registration} WHERE kind = 'regular' AND nhs_number IS NOT NULL
    GROUP BY nhs_number HAVING min(event_date) > DATE '2020-12-31')"""


@pytest.mark.parametrize("name", ["spell", "diagnosis", "outpatient", "ed_attendance", "ambulance", "community_contact", "caseload",
                                  "social_care", "home_care_week", "gp_contact", "prescription"])  # fmt: skip
def test_what_befell_newcomers_elsewhere_no_service_of_the_area_knows(built, name):
    assert (
        built.number(f"SELECT count(*) FROM {{{name}}} r JOIN {CAME} c USING (nhs_number) WHERE r.event_date < came")
        == 0
    )


def test_newcomers_bring_their_practice_record(built):
    of_before = f"FROM {{gp_event}} r JOIN {CAME} c USING (nhs_number) WHERE r.event_date < came"
    assert built.number(f"SELECT count(*) {of_before} AND value IS NULL") > 100  # conditions
    assert built.number(f"SELECT count(*) {of_before} AND value IS NOT NULL") > 100  # measurements
    assert built.number(f"SELECT count(*) {of_before} AND known_at < came") == 0


def test_some_appointments_are_known_as_booked_beforehand(built):
    assert built.number("SELECT count(*) FROM {gp_contact} WHERE status = 'booked' AND known_at < event_date") > 0


@pytest.mark.parametrize("name", [n for n in TABLES if n != "feed"])
def test_versions_of_a_thing_follow_one_another_without_gap_or_overlap(built, name):
    broken = built.number(f"""
        SELECT count(*) FROM (
            SELECT known_until, lead(known_at) OVER (PARTITION BY row_key ORDER BY known_at) AS next
            FROM {{{name}}} WHERE row_key IS NOT NULL)
        WHERE known_until IS DISTINCT FROM next""")
    assert broken == 0
    assert built.number(f"SELECT count(*) FROM {{{name}}} WHERE known_until <= known_at") == 0


@pytest.mark.parametrize("name", [n for n in TABLES if n != "feed"])
def test_each_row_became_known_with_the_delivery_that_it_names(built, name):
    astray = built.number(f"""
        SELECT count(*) FROM {{{name}}} r LEFT JOIN {{feed}} f ON f.feed = r.feed
        WHERE f.table_name IS DISTINCT FROM '{name}' OR f.known_at <> r.known_at""")
    assert astray == 0


def test_feed_keys_are_unique_and_deliveries_of_a_feed_follow_one_another(built):
    assert built.number("SELECT count(*) - count(DISTINCT feed) FROM {feed}") == 0
    broken = built.number("""
        SELECT count(*) FROM (
            SELECT known_until, lead(known_at) OVER (
                PARTITION BY source, table_name, organisation, covers ORDER BY known_at) AS next FROM {feed})
        WHERE known_until IS DISTINCT FROM next""")
    assert broken == 0


def test_a_stay_is_known_the_day_after_admission_and_its_end_only_after_discharge(built):
    assert built.sql("SELECT DISTINCT known_at - event_date FROM {spell} WHERE end_date IS NULL") == [(1,)]
    assert built.number("SELECT count(*) FROM {spell} WHERE known_at <= end_date") == 0


def test_the_council_sends_quarterly_and_requests_only_once_completed(built):
    days = built.sql(
        "SELECT DISTINCT month(known_at), day(known_at) FROM {social_care} WHERE known_at > DATE '2020-12-01'"
    )
    assert {month for month, _ in days} <= {2, 5, 8, 11}
    assert built.number("SELECT count(*) FROM {social_care} WHERE event = 'request' AND end_date >= known_at") == 0


def test_nhs_numbers_are_valid_and_from_the_range_for_testing(built):
    numbers = pd.Series(
        [n for (n,) in built.sql("SELECT DISTINCT nhs_number FROM {person} WHERE nhs_number IS NOT NULL")]
    )
    assert not NHS_NUMBER.malformed(numbers).any()
    assert numbers.str.startswith("999").all()


def test_some_people_are_known_to_the_council_alone(built):
    without, of_council = built.sql(
        "SELECT count(*) FILTER (nhs_number IS NULL), count(*) FROM {social_care} WHERE local_id LIKE 'C%'"
    )[0]
    assert 0.02 < without / of_council < 0.30


def test_there_are_registrations_that_do_not_count_and_people_who_object(built):
    kinds = {k for (k,) in built.sql("SELECT DISTINCT kind FROM {registration}")}
    assert {"regular", "temporary", "private", "dummy"} <= kinds
    assert {"type_1", "national"} <= {k for (k,) in built.sql("SELECT DISTINCT kind FROM {objection}")}


def test_there_are_eight_practices_or_more_and_every_person_lives_somewhere(built):
    assert built.number("SELECT count(DISTINCT practice) FROM {registration}") == 8
    homeless = built.number("""
        SELECT count(*) FROM (SELECT nhs_number FROM {registration} WHERE kind = 'regular'
        EXCEPT SELECT nhs_number FROM {residence})""")
    # Whoever came in the last weeks may be registered before the address is known.
    assert homeless <= 5


def test_nothing_happens_to_the_dead(built):
    late = built.number("""
        SELECT count(*) FROM {death} d JOIN {spell} s USING (nhs_number) WHERE s.event_date > d.event_date""")
    assert late == 0
    assert (
        built.number("""
        SELECT count(*) FROM {death} d JOIN {gp_contact} c USING (nhs_number)
        WHERE c.event_date > d.event_date + 16 AND c.status <> 'booked'""")
        == 0
    )


def test_emergency_stays_of_a_person_never_overlap(built):
    overlapping = built.number("""
        SELECT count(*) FROM (
            SELECT end_date, lead(event_date) OVER (PARTITION BY nhs_number ORDER BY event_date, end_date) AS next
            FROM {spell} WHERE known_until IS NULL AND admission_method[1] = '2')
        WHERE next < end_date""")
    assert overlapping == 0


def test_a_practice_that_fell_silent_has_no_delivery_in_those_months(built):
    gaps = built.sql("""
        SELECT organisation, max(known_until - known_at) FROM {feed}
        WHERE table_name = 'gp_event' GROUP BY organisation ORDER BY 2 DESC""")
    assert gaps[0][1] > 140
    assert all(gap <= 14 for _, gap in gaps[1:])


def test_spell_keys_of_diagnoses_are_keys_of_stays(built):
    assert built.number("SELECT count(*) FROM {diagnosis} d WHERE spell_key NOT IN (SELECT row_key FROM {spell})") == 0
