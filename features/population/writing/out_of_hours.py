"""Contacts with general practice out of hours: a third of those who called 111 and stayed at home were dealt with by a doctor that night.

The truth beside the extracts has no rows of its own for them: they are what became of its calls (:data:`TRUTH`).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from features.population.writing.dirt import Dirt
from features.population.writing.sending import ENTRY, Sending
from features.population.writing.tables import Tables

_MODES = ("Telephone advice", "Telephone advice", "Treatment centre", "Home visit")
#: The calls, numbered; every third was dealt with.
_CALLS = """SELECT person, event_date, coalesce(event_time, 0) AS event_time, known_at, feed, row_number() OVER (ORDER BY person, event_date, event_time) AS number
    FROM ambulance JOIN people USING (person) WHERE service = '111' AND NOT conveyed"""
#: What of the truth the shape carries: what became of these calls.
CARRIES, SOURCE = (("gp_contact", "ambulance"),), "out_of_hours"
TRUTH = {"gp_contact": f"""(
    SELECT person, event_date, event_time, known_at, feed, NULL::VARCHAR AS row_key, ['telephone', 'telephone', 'face_to_face', 'home_visit'][number % 4 + 1] AS mode,
        'attended' AS status FROM ({_CALLS}) WHERE number % 3 = 0)"""}  # fmt: skip


def write(tables: Tables, folder: Path, dirt: Dirt, rng: np.random.Generator) -> list[Mapping[str, Any]]:
    """Write a file a delivery; what ``area.toml`` says of it."""
    sending = Sending(tables, "out_of_hours", folder, dirt)
    sending.register("OOH")
    mode = "CASE number % 4" + "".join(f" WHEN {n} THEN '{said}'" for n, said in enumerate(_MODES)) + " END"
    rows = f"""
        SELECT t.*, e.local_id, e.nhs_number, {sending.struck("unnumbered", "duplicate")} AS error FROM (
            SELECT c.*, people.nhs_number AS true_number, {sending.delivery("known_at")} AS delivery FROM ({_CALLS}) c JOIN people USING (person)) t {ENTRY} WHERE t.number % 3 = 0"""
    sending.connection.execute(f"CREATE OR REPLACE TEMP TABLE cases AS {rows}")
    columns = {"NHS_NUMBER": "CASE WHEN error IS DISTINCT FROM 'unnumbered' THEN nhs_number END", "LOCAL_PATIENT_ID": "local_id", "CASE_REFERENCE": "number",
               "CONTACT_DATE": "strftime(event_date + to_seconds(event_time), '%Y-%m-%d %H:%M:%S')", "CASE_TYPE": mode, "CASE_STATUS": "'Completed'"}  # fmt: skip
    sending.write(
        "out_of_hours",
        columns,
        "SELECT * FROM cases UNION ALL SELECT * FROM cases WHERE error = 'duplicate'",
        "csv",
        "gp_contact",
    )
    return [{"organisation": "OOH", "lag_days": 0}]
