"""The hospitals' daily files of admissions and discharges over the last fortnight; the first has everybody who is in hospital."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np

from features.population.writing import hospitals
from features.population.writing.dirt import Dirt
from features.population.writing.sending import Sending
from features.population.writing.tables import Tables

#: What of the truth the shape carries: who is in hospital. (Finished stays are admitted care's to tell of.)
CARRIES, SOURCE = (("spell", "apc"),), "admissions_now"
TRUTH = {"spell": hospitals.OPEN_STAYS}
DAYS = 14


def write(tables: Tables, folder: Path, dirt: Dirt, rng: np.random.Generator) -> list[Mapping[str, Any]]:
    """Write a file a day; what ``area.toml`` says of it. Events come on the morning after; a late one a day later still."""
    sending = Sending(tables, "admissions_now", folder, dirt)
    hospitals.register(sending)
    begins = tables.ends - timedelta(days=DAYS)
    sending.connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE events AS
        WITH t AS (
            SELECT t.*, e.local_id AS patient, e.nhs_number AS said_number FROM (
                SELECT *, row_key AS thing FROM ({hospitals.STAYS}) WHERE end_date IS NULL OR end_date >= DATE '{begins}') t {hospitals.ENTRY})
        SELECT *, {sending.struck("late", "duplicate", "unnumbered")} AS error, greatest(happens + 1 + coalesce(error = 'late', false)::INTEGER, DATE '{begins}') AS comes
        FROM (SELECT *, row_number() OVER (ORDER BY row_key, event) AS number FROM (
            SELECT *, 'admitted' AS event, event_date::DATE AS happens FROM t UNION ALL SELECT *, 'discharged', end_date::DATE FROM t WHERE end_date IS NOT NULL)) t""")
    left = "CASE WHEN event = 'discharged' THEN {} END"
    columns = {
        "NHS_NUMBER": "CASE WHEN error IS DISTINCT FROM 'unnumbered' THEN said_number END", "LOCAL_PATIENT_ID": "patient", "PROVIDER_CODE": "provider",
        "EVENT_TYPE": "event", "EVENT_DATE": "strftime(happens, '%Y-%m-%d') || CASE WHEN event = 'admitted' THEN ' 09:00:00' ELSE ' 17:00:00' END",
        "ADMISSION_DATE": "event_date::DATE", "ADMISSION_METHOD": "admission_method", "ADMISSION_SOURCE": "admission_source",
        "PATIENT_CLASSIFICATION": "CASE patient_class WHEN 'day_case' THEN '2' WHEN 'maternity' THEN '5' ELSE '1' END", "SITE_CODE": hospitals.SITE, "SPECIALTY": "specialty",
        "DISCHARGE_READY_DATE": left.format("ready_date::DATE"), "DISCHARGE_METHOD": left.format("discharge_method"),
        "DISCHARGE_DESTINATION": left.format("discharge_destination"),
    }  # fmt: skip
    chosen = ", ".join(f"CAST({sql} AS VARCHAR) AS {name}" for name, sql in columns.items())
    for day in (begins + timedelta(days=n) for n in range(DAYS + 1)):
        rows = f"SELECT {chosen} FROM events t WHERE comes = DATE '{day}'"
        twice = f"{rows} UNION ALL {rows} AND error = 'duplicate'"
        sending.connection.execute(
            f"COPY (SELECT * FROM ({twice}) ORDER BY ALL) TO '{folder / f'admissions_{day}.csv'}' (FORMAT csv, HEADER)"
        )
    # Late on the last day: in no file; who had left the first hospital before the files began; and who is in another by now, while the first has not said that
    # they left it: the record follows them there. What is not there has no row.
    never = sending.connection.execute(f"""SELECT NULL::BIGINT AS row, true_number AS nhs_number, 'spell' AS "table", NULL::VARCHAR AS row_key, error FROM (
            SELECT true_number, 'never_came' AS error FROM events WHERE comes > DATE '{tables.ends}'
            UNION ALL SELECT a.true_number, 'left_not_yet_told' FROM ({hospitals.STAYS}) a JOIN ({hospitals.STAYS}) b
                ON {hospitals.MOVED_ON} AND b.event_date >= a.event_date WHERE a.end_date IS NULL
            UNION ALL SELECT true_number, 'two_numbers' FROM ({hospitals.two_people("(SELECT DISTINCT row_key, said_number, true_number FROM events)")})
            UNION ALL SELECT a.true_number, 'moved_before' FROM ({hospitals.STAYS}) a JOIN ({hospitals.ONWARD}) o ON a.row_key = o.first
                JOIN ({hospitals.STAYS}) b ON b.row_key = o.next WHERE a.end_date < DATE '{begins}' AND coalesce(b.end_date >= DATE '{begins}', true))
        ORDER BY ALL""").df()
    tables.key.rows("admissions_now", f"{folder.name}/admissions_{tables.ends}.csv", never)
    return [{"organisation": "SUS", "lag_days": 1, "hospital_at_home": hospitals.AT_HOME}]
