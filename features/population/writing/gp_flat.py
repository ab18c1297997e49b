"""Practices that send the flat national shape: one row an entry, the patient's particulars beside each. Prescriptions are not in it,
for the practices' are coded in another system than the shape's; and without a key two entries that say the same of a day are one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from features.population.writing import practices
from features.population.writing.dirt import Dirt
from features.population.writing.gp_operational import REGISTER
from features.population.writing.practices import FLAT, RESTRICTED, events
from features.population.writing.sending import ENTRY, Sending
from features.population.writing.tables import Tables

#: What of the truth the shape carries, of which kind of extract, of which rows, and columns that it has no place for.
CARRIES, SOURCE = (("gp_event", "gp"), ("preference", "gp"), ("carer", "gp")), "gdppr"
ONLY = dict.fromkeys(("gp_event", "preference", "carer"), f"split_part(feed, ':', 3) IN {FLAT}")
TRUTH, NOTED = practices.TRUTH, practices.NOTED
LACKS = {"gp_event": ("event_time", "unit"), **practices.LACKS}
RATES = {"legally_restricted": 0.0003}


def write(tables: Tables, folder: Path, dirt: Dirt, rng: np.random.Generator) -> list[Mapping[str, Any]]:
    """Write a file a delivery; what ``area.toml`` says of it."""
    some = {name: rate for name, rate in REGISTER.items() if getattr(dirt, name)}
    sending = Sending(tables, "gp_flat", folder, dirt.but(**some), RATES if dirt.late else dict.fromkeys(RATES, 0.0))
    sending.register("GPES")
    events(sending, FLAT)
    last = len(sending.days) - 1
    struck = sending.struck("late", "duplicate", "legally_restricted")
    end = "CASE delivery" + "".join(f" WHEN {n} THEN DATE '{on}' - 1" for n, on in enumerate(sending.days)) + " END"
    sending.connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE struck AS
        SELECT t.* EXCLUDE (delivery), e.nhs_number, e.birth_date, e.sex, e.ethnicity, lived.lsoa, {struck} AS said,
            CASE WHEN e.nhs_number IS DISTINCT FROM t.true_number THEN 'number_wrong' WHEN said = 'late' AND delivery = {last} THEN NULL
                WHEN said IS NULL AND row_number() OVER (PARTITION BY t.person, t.event_date, t.code, t.value ORDER BY t.number) > 1 THEN 'indistinguishable'
                ELSE said END AS error,
            CASE WHEN error = 'late' THEN delivery + 1 ELSE delivery END AS delivery
        FROM t_event t {ENTRY}
        LEFT JOIN (SELECT person, arg_max(lsoa, event_date) AS lsoa FROM addresses GROUP BY person) lived ON lived.person = t.person""")
    columns = {
        "NHS_NUMBER": "nhs_number", "PRACTICE": "practice", "SEX": "CASE sex WHEN 'male' THEN '1' WHEN 'female' THEN '2' ELSE '9' END",
        "ETHNIC": "ethnicity", "YEAR_OF_BIRTH": "year(birth_date)", "LSOA": "lsoa", "DATE_OF_DEATH": "NULL",
        "REPORTING_PERIOD_END_DATE": end, "JOURNAL_REPORTING_PERIOD_END_DATE": end, "DATE": "event_date", "RECORD_DATE": "known_at",
        "CODE": "code", "SENSITIVE_CODE": "'0'", "VALUE1_CONDITION": "value", "VALUE2_CONDITION": "NULL", "EPISODE_CONDITION": "NULL",
        "EPISODE_PRESCRIPTION": "NULL", "VALUE1_PRESCRIPTION": "NULL", "VALUE2_PRESCRIPTION": "NULL",
    }  # fmt: skip
    rows = f"""SELECT * FROM struck UNION ALL SELECT * FROM struck WHERE error = 'duplicate'
        UNION ALL SELECT * REPLACE ('{RESTRICTED}' AS code, NULL AS value) FROM struck WHERE error = 'legally_restricted'"""
    sending.write("gdppr", columns, rows, "parquet", "gp_event")
    begins = tables.connection.execute("SELECT min(known_at)::DATE FROM feed").fetchall()[0][0]
    return [{"source": "gdppr", "organisation": "GPES", "lag_days": 0, "history": str(begins)}]
