"""Practices that send the operational shape: tables of patients, registrations, entries, items prescribed and appointments, with
patients who do not exist, entries that are deleted or confidential, and some that should never have been sent."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from features.population.writing import practices
from features.population.writing.dirt import Dirt
from features.population.writing.practices import OPERATIONAL, RESTRICTED, events
from features.population.writing.sending import ENTRY, Sending
from features.population.writing.tables import Tables

#: What of the truth the shape carries: tables, and the sources that they are from; of which kind of extract; and of which rows.
CARRIES, SOURCE = (
    (("gp_event", "gp"), ("prescription", "gp"), ("gp_contact", "gp"), ("preference", "gp"), ("carer", "gp")),
    "olids",
)
#: Columns that the shape or its reading does not carry.
LACKS = {"prescription": ("event_time",), **practices.LACKS}
TRUTH, NOTED = practices.TRUTH, practices.NOTED
ONLY = dict.fromkeys((table for table, _ in CARRIES), f"split_part(feed, ':', 3) IN {OPERATIONAL}")
#: Rates of what this shape alone has.
RATES = {"confidential": 0.002, "deleted": 0.002, "legally_restricted": 0.0003, "confidential_patient": 0.001}
#: A practice has most numbers right.
REGISTER = {"number_missing": 0.002, "number_malformed": 0.0005, "number_of_another": 0.0001, "twice": 0.002}
_ROW = {
    "id": "id",
    "publisher_organisation_code": "practice",
    "lds_is_deleted": "coalesce(gone, false)",
    "lds_datetime_first_acquired": "first",
}
_OF = {**_ROW, "patient_id": "local_id || '-' || practice"}
_ENTRY = {
    **_OF,
    "clinical_effective_date": "event_date",
    "date_recorded": "known_at",
    "is_confidential": "error = 'confidential'",
}
_MODE = {"face_to_face": "Face to Face (Surgery)", "telephone": "Telephone", "video": "Video Conference/Online", "home_visit": "Face to Face (Home Visit)", "other": "Other"}  # fmt: skip
_STATUS = {"attended": "5", "did_not_attend": "3", "cancelled": "2", "booked": "0"}
_KIND = {
    "regular": "Regular",
    "temporary": "Temporary",
    "immediately_necessary": "Immediately Necessary",
    "private": "Private",
}


def write(tables: Tables, folder: Path, dirt: Dirt, rng: np.random.Generator) -> list[Mapping[str, Any]]:
    """Write the tables; what ``area.toml`` says of them."""
    rates = {name: rate if dirt.late else 0.0 for name, rate in RATES.items()}
    some = {name: rate for name, rate in REGISTER.items() if getattr(dirt, name)}
    sending = Sending(tables, "gp_operational", folder, dirt.but(**some), rates)
    sending.register("GPS")
    of = OPERATIONAL
    events(sending, of)
    _observations(sending)
    _orders(sending, of)
    _appointments(sending, of)
    _episodes(sending, of)
    _patients(sending, of)
    begins = tables.connection.execute("SELECT min(known_at)::DATE FROM feed").fetchall()[0][0]
    return [{"source": "olids", "organisation": "GPS", "lag_days": 0, "history": str(begins)}]


def _days(sending: Sending, column: str = "delivery") -> str:
    """SQL of the day of a delivery by its number."""
    return "CASE " + column + "".join(f" WHEN {n} THEN DATE '{on}'" for n, on in enumerate(sending.days)) + " END"


def _spoilt(sending: Sending, rows: str, value: str = "NULL") -> str:
    """SQL of ``rows`` (with number, delivery, known_at) with the errors of rows: ``t`` is the true row."""
    last = len(sending.days) - 1
    struck = sending.struck("late", "duplicate", "corrected", "confidential", "deleted", "legally_restricted")
    sending.connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE struck AS SELECT t.*, e.local_id, {struck} AS said,
            CASE WHEN said IN ('late', 'corrected', 'deleted') AND delivery = {last} OR said = 'corrected' AND {value} IS NULL THEN NULL ELSE said END AS error,
            number::VARCHAR AS id, false AS gone FROM ({rows}) t {ENTRY}""")
    first = _days(sending)
    return f"""
        SELECT * REPLACE (CASE WHEN error = 'late' THEN delivery + 1 ELSE delivery END AS delivery), {first} AS first FROM struck
        UNION ALL SELECT *, {first} FROM struck WHERE error = 'duplicate'
        UNION ALL SELECT * REPLACE (delivery + 1 AS delivery), {first} FROM struck WHERE error = 'corrected'
        UNION ALL SELECT * REPLACE (id || 'x' AS id, event_date - 1 AS event_date), {first} FROM struck WHERE error = 'deleted'
        UNION ALL SELECT * REPLACE (id || 'x' AS id, event_date - 1 AS event_date, delivery + 1 AS delivery, true AS gone), {first} FROM struck WHERE error = 'deleted'
    """


def _observations(sending: Sending) -> None:
    # The first of the two deliveries of a corrected entry has its number ten times too big.
    rows = _spoilt(sending, "SELECT * FROM t_event", "value")
    wrong = f"CASE WHEN error = 'corrected' AND first = {_days(sending)} THEN value * 10 ELSE value END"
    columns = {
        **_ENTRY,
        "clinical_effective_date": _moment("event_date", "event_time"),
        "mapped_concept_code": "code",
        "result_value": wrong,
        "result_unit_display": "unit",
    }
    restricted = f"SELECT * REPLACE (id || 'r' AS id, '{RESTRICTED}' AS code, NULL AS value, NULL AS unit), {_days(sending)} AS first FROM struck WHERE error = 'legally_restricted'"
    sending.write("observation", columns, f"{rows} UNION ALL {restricted}", "parquet", "gp_event")


def _orders(sending: Sending, of: str) -> None:
    rows = f"""SELECT w.*, people.nhs_number AS true_number, {sending.delivery("known_at")} AS delivery, row_number() OVER (ORDER BY person, w.event_date, event_time, code, w.known_at, quantity) AS number,
        split_part(feed, ':', 3) AS practice FROM prescription w JOIN people USING (person)
        WHERE starts_with(feed, 'gp:') AND known_until IS NULL AND split_part(feed, ':', 3) IN {of}"""
    rows = rows.replace("w.*", "w.person, w.event_date, w.event_time, w.code, w.quantity, w.days, w.known_at")
    columns = {**_ENTRY, "clinical_effective_date": _moment("event_date", "event_time"), "mapped_concept_code": "NULL", "bnf_reference": "code",
               "quantity_value": "quantity", "duration_days": "days"}  # fmt: skip
    sending.write("medication_order", columns, _spoilt(sending, rows), "parquet", "prescription")


def _appointments(sending: Sending, of: str) -> None:
    """One row a booking and delivery, as it stands then."""
    rows = f"""SELECT w.*, people.nhs_number AS true_number, split_part(feed, ':', 3) AS practice, {sending.delivery("known_at")} AS delivery,
            row_number() OVER (ORDER BY person, event_date, event_time, mode, known_at, status) AS number, coalesce(row_key, 'n' || number) AS thing
        FROM (SELECT person, event_date, event_time, mode, status, known_at, row_key, feed FROM gp_contact
            WHERE starts_with(feed, 'gp:') AND split_part(feed, ':', 3) IN {of}) w JOIN people USING (person)"""
    latest = f"SELECT * FROM ({rows}) QUALIFY row_number() OVER (PARTITION BY thing, delivery ORDER BY known_at DESC, number) = 1"
    when = {**_OF, "id": "thing", "start_date": _moment("event_date", "event_time"), "appointment_status_code": _words("status", _STATUS),
            "contact_mode_source_code": _words("mode", _MODE), "appointment_status_source_display": "NULL", "is_blocked": "false"}  # fmt: skip
    ahead = f"CASE WHEN event_date >= {_days(sending)} THEN 'not_yet_happened' END"
    sql = (
        f"SELECT t.*, e.local_id, false AS gone, {ahead} AS error, {_days(sending)} AS first FROM ({latest}) t {ENTRY}"
    )
    sending.write("appointment", when, sql, "parquet", "gp_contact")


def _episodes(sending: Sending, of: str) -> None:
    rows = f"""SELECT person, event_date, end_date, practice, kind, row_key AS id, known_at, {sending.delivery("known_at")} AS delivery,
            hash(row_key) AS number, people.nhs_number AS true_number
        FROM registration JOIN people USING (person) WHERE starts_with(feed, 'gp:') AND practice IN {of}
        QUALIFY row_number() OVER (PARTITION BY row_key, delivery ORDER BY registration.known_at DESC) = 1"""
    columns = {**_OF, "episode_type_code": "NULL", "episode_type_source_code": _words("kind", _KIND), "episode_of_care_start_date": "event_date",
               "episode_of_care_end_date": "end_date"}  # fmt: skip
    sql = f"SELECT t.*, e.local_id, false AS gone, NULL::VARCHAR AS error, {_days(sending)} AS first FROM ({rows}) t {ENTRY}"
    sending.write("episode_of_care", columns, sql)


def _patients(sending: Sending, of: str) -> None:
    """Everybody in every delivery, with one patient a practice who does not exist."""
    sending.connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE patient_of AS SELECT DISTINCT person, practice FROM (
            SELECT person, practice FROM t_event UNION ALL SELECT person, practice FROM registration WHERE starts_with(feed, 'gp:') AND practice IN {of}
            UNION ALL SELECT person, split_part(feed, ':', 3) FROM prescription WHERE starts_with(feed, 'gp:')
            UNION ALL SELECT person, split_part(feed, ':', 3) FROM gp_contact WHERE starts_with(feed, 'gp:')) WHERE practice IN {of}""")
    confidential = (
        f"(hash(e.true_nhs_number, {sending.tables.seed}) % 1000000) / 1e6 < {sending.rates['confidential_patient']}"
    )
    days = ", ".join(f"({n}, DATE '{on}')" for n, on in enumerate(sending.days))
    rows = f"""
        SELECT d.number AS delivery, d.came, e.local_id || '-' || p.practice AS id, e.nhs_number, e.local_id AS person_id, e.birth_date, e.sex, p.practice,
            {confidential} AS confidential, false AS dummy, e.true_nhs_number AS true_number, false AS gone, DATE '{sending.days[0]}' AS first,
            EXISTS (SELECT 1 FROM objection o WHERE o.person = e.person AND o.kind = 'restricted' AND o.known_at <= d.came
                AND (o.known_until IS NULL OR o.known_until > d.came) AND (o.end_date IS NULL OR o.end_date > d.came)) AS sensitive
        FROM patient_of p JOIN entry e USING (person), (VALUES {days}) d(number, came)
        UNION ALL
        SELECT d.number, d.came, 'TEST-' || covers, NULL, NULL, TIMESTAMP '1940-01-01', 'unknown', covers, false, true, NULL, false, DATE '{sending.days[0]}', false
        FROM (SELECT DISTINCT covers FROM feed WHERE source = 'gp' AND covers IN {of}), (VALUES {days}) d(number, came)"""
    columns = {**_ROW, "nhs_number": "nhs_number", "person_id": "person_id", "gender_display": "upper(sex[1]) || sex[2:]",
               "birth_year": "year(birth_date)", "birth_month": "month(birth_date)", "is_confidential": "confidential", "is_dummy_patient": "dummy",
               "is_spine_sensitive": "sensitive"}  # fmt: skip
    error = "CASE WHEN dummy THEN 'dummy_patient' WHEN sensitive THEN 'spine_sensitive' WHEN confidential THEN 'confidential_patient' END"
    sending.write("patient", columns, f"SELECT *, {error} AS error FROM ({rows})", "csv", "person")


def _moment(day: str, second: str) -> str:
    """SQL of a date with the time of day where there is one."""
    return f"CASE WHEN {second} IS NULL THEN strftime({day}, '%Y-%m-%d') ELSE strftime({day} + to_seconds({second}), '%Y-%m-%d %H:%M:%S') END"


def _words(column: str, words: Mapping[str, str]) -> str:
    return "CASE " + column + "".join(f" WHEN '{ours}' THEN '{theirs}'" for ours, theirs in words.items()) + " END"
