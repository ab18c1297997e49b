"""Outpatient appointments: those of the coming month stand as booked in the delivery before the one that says what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from features.population.writing import hospitals
from features.population.writing.dirt import Dirt
from features.population.writing.sending import Sending
from features.population.writing.tables import Tables

#: What of the truth the shape carries, and of which kind of extract.
CARRIES, SOURCE = (("outpatient", "op"),), "outpatients"
_STATUS = {
    "attended": "5",
    "did_not_attend": "3",
    "cancelled_by_patient": "2",
    "cancelled_by_provider": "4",
    "unknown": "9",
}


def write(tables: Tables, folder: Path, dirt: Dirt, rng: np.random.Generator) -> list[Mapping[str, Any]]:
    """Write a file a delivery; what ``area.toml`` says of it."""
    sending = Sending(tables, "outpatients", folder, dirt)
    hospitals.register(sending)
    last = len(sending.days) - 1
    sending.connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE struck AS
        SELECT t.*, e.local_id AS patient, e.nhs_number AS said_number, {sending.struck("late", "duplicate", "unnumbered")} AS said,
            CASE WHEN said = 'late' AND delivery = {last} THEN NULL ELSE said END AS error
        FROM (
            SELECT *, number AS thing, {sending.delivery("known_at")} AS delivery FROM (
                SELECT t.* EXCLUDE (nhs_number, local_id), people.nhs_number AS true_number, {hospitals.SENDER} AS provider, row_number() OVER () AS number
                FROM outpatient t JOIN people USING (person))) t {hospitals.ENTRY}""")
    came = "CASE delivery " + " ".join(f"WHEN {n} THEN DATE '{on}'" for n, on in enumerate(sending.days)) + " END"
    rows = f"""
        SELECT * REPLACE (CASE WHEN error = 'late' THEN delivery + 1 ELSE delivery END AS delivery), false AS ahead FROM struck
        UNION ALL SELECT *, false FROM struck WHERE error = 'duplicate'
        UNION ALL SELECT * REPLACE (delivery - 1 AS delivery), true FROM struck
            WHERE delivery > 0 AND event_date >= {came.replace("CASE delivery", "CASE delivery - 1")} AND hash(number, 'booked') % 4 > 0"""
    columns = {
        "NHS_NUMBER": "CASE WHEN error IS DISTINCT FROM 'unnumbered' THEN said_number END", "LOPATID": "patient", "PROCODE3": "provider",
        "ATTENDKEY": "number", "APPTDATE": "event_date::DATE", "APPTTIME": "strftime(TIMESTAMP '2000-01-01' + to_seconds(event_time), '%H%M')",
        "ATTENDED": "CASE WHEN ahead THEN '0' " + "".join(f"WHEN status = '{word}' THEN '{code}' " for word, code in _STATUS.items()) + "END",
        "FIRSTATT": "CASE WHEN first THEN CASE WHEN number % 5 = 0 THEN '3' ELSE '1' END ELSE CASE WHEN number % 3 = 0 THEN '4' ELSE '2' END END",
        "TRETSPEF": "specialty",
    }  # fmt: skip
    sending.write("outpatients", columns, rows, "csv", "outpatient")
    return [{"organisation": "SUS", "lag_days": 30, "history": hospitals.begins(sending)}]
