"""Attendances at emergency departments, with the data set's SNOMED CT codes."""

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
CARRIES, SOURCE = (("ed_attendance", "ecds"),), "ecds"
_ARRIVAL = {
    "ambulance": "1048031000000100",
    "walk_in": "1048071000000103",
    "police": "1048001000000106",
    "other": "1047991000000102",
}
_ACUITY = {
    "1": "1064891000000107",
    "2": "1064911000000105",
    "3": "1064901000000108",
    "4": "1077241000000103",
    "5": "1077251000000100",
}
#: Where each went, and how each attendance ended.
_WENT = {"admitted": "306706006", "discharged": "306689006", "left": "306689006", "transferred": "19712007", "died": "305398007", "other": "1066341000000100"}  # fmt: skip
_STATUS = {"left": "1066311000000101", "died": "75004002", "discharged": "182992009"}


def write(tables: Tables, folder: Path, dirt: Dirt, rng: np.random.Generator) -> list[Mapping[str, Any]]:
    """Write a file a delivery; what ``area.toml`` says of it."""
    sending = Sending(tables, "ecds", folder, dirt)
    hospitals.register(sending)
    last = len(sending.days) - 1
    sending.connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE struck AS
        SELECT t.*, e.local_id AS patient, e.nhs_number AS said_number, {sending.struck("late", "duplicate", "corrected", "unnumbered")} AS said,
            CASE WHEN said IN ('late', 'corrected') AND delivery = {last} THEN NULL ELSE said END AS error
        FROM (
            SELECT *, number AS thing, {sending.delivery("known_at")} AS delivery FROM (
                SELECT t.* EXCLUDE (nhs_number, local_id), people.nhs_number AS true_number, {hospitals.SENDER} AS provider, row_number() OVER () AS number
                FROM ed_attendance t JOIN people USING (person))) t {hospitals.ENTRY}""")
    rows = """
        SELECT *, false AS wrong FROM struck WHERE coalesce(error NOT IN ('late', 'corrected'), true)
        UNION ALL SELECT * REPLACE (delivery + 1 AS delivery), false FROM struck WHERE error IN ('late', 'corrected')
        UNION ALL SELECT *, true FROM struck WHERE error = 'corrected' UNION ALL SELECT *, false FROM struck WHERE error = 'duplicate'"""
    columns = {
        "NHS_Number": "CASE WHEN error IS DISTINCT FROM 'unnumbered' THEN said_number END", "Local_Patient_ID": "patient", "Provider_Code": "provider",
        "EC_Ident": "number", "EC_Department_Type": "department", "EC_AttendanceCategory": "'1'", "Arrival_Date": "event_date::DATE",
        "Arrival_Time": "strftime(TIMESTAMP '2000-01-01' + to_seconds(event_time), '%H:%M:%S')",
        "EC_Arrival_Mode_SNOMED_CT": _coded("arrival_mode", _ARRIVAL), "EC_Acuity_SNOMED_CT": f"CASE WHEN wrong THEN '{_ACUITY['5']}' ELSE {_coded('acuity::VARCHAR', _ACUITY)} END",
        "EC_Chief_Complaint_SNOMED_CT": "chief_complaint", "EC_Discharge_Status_SNOMED_CT": _coded("disposal", _STATUS),
        "Discharge_Destination_SNOMED_CT": _coded("disposal", _WENT),
    }  # fmt: skip
    sending.write("ecds", columns, rows, "csv", "ed_attendance")
    return [{"organisation": "SUS", "lag_days": 7, "history": hospitals.begins(sending)}]


def _coded(column: str, codes: Mapping[str, str]) -> str:
    return f"CASE {column} {' '.join(f'WHEN {word!r} THEN {code!r}' for word, code in codes.items())} END"
