"""Contacts with 999 and 111: incidents of the dispatch system, and cases of the 111 provider. A patient is often not traced on a call."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from features.population.identifiers import AMBULANCE
from features.population.writing.dirt import Dirt
from features.population.writing.sending import ENTRY, Sending
from features.population.writing.tables import Tables

#: What of the truth the shape carries, and of which kind of extract.
CARRIES, SOURCE = (("ambulance", "ambulance"),), "ambulance"
_CARD = {
    "fall": "17B01",
    "breathing": "06D01",
    "chest_pain": "10D02",
    "sick_person": "26A01",
    "stroke": "28C01",
    "mental_health": "25A01",
    "other": "31D03",
}
_WORDS = {"fall": "Falls", "breathing": "Breathing problems", "chest_pain": "Chest pain", "sick_person": "Unwell", "stroke": "Stroke, FAST positive",
          "mental_health": "Mental health", "other": "Rash"}  # fmt: skip
#: How many times as often as elsewhere a row has no NHS number.
UNTRACED = 20


def write(tables: Tables, folder: Path, dirt: Dirt, rng: np.random.Generator) -> list[Mapping[str, Any]]:
    """Write a file a service and delivery; what ``area.toml`` says of it."""
    sending = Sending(tables, "ambulance", folder, dirt, {"unnumbered": min(dirt.unnumbered * UNTRACED, 1)})
    sending.register(AMBULANCE)
    last = len(sending.days) - 1
    sending.connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE struck AS
        SELECT t.*, e.local_id AS patient, e.nhs_number AS said_number, {sending.struck("late", "duplicate", "unnumbered")} AS said,
            CASE WHEN said = 'late' AND delivery = {last} THEN NULL ELSE said END AS error
        FROM (SELECT t.* EXCLUDE (nhs_number, local_id), people.nhs_number AS true_number, row_number() OVER () AS number, {sending.delivery("known_at")} AS delivery
            FROM ambulance t JOIN people USING (person)) t {ENTRY}""")
    who = {
        "NHS_NUMBER": "CASE WHEN error IS DISTINCT FROM 'unnumbered' THEN said_number END",
        "LOCAL_PATIENT_ID": "patient",
    }
    when = {"CALL_DATE": "strftime(event_date + to_seconds(event_time), '%Y-%m-%d %H:%M:%S')"}
    words, cards = (
        f"CASE complaint {' '.join(f'WHEN {name!r} THEN {said!r}' for name, said in told.items())} END"
        for told in (_WORDS, _CARD)
    )
    for name, service, columns in (
        ("incidents", "999", {**who, "INCIDENT_NUMBER": "number", **when, "CHIEF_COMPLAINT": f"CASE WHEN number % 2 = 0 THEN {words} ELSE {cards} END",
                              "OUTCOME": "CASE WHEN conveyed THEN 'See and convey' ELSE 'See and treat' END"}),
        ("cases", "111", {**who, "CASE_ID": "number", **when, "SYMPTOM_GROUP": words, "DISPOSITION": "'Speak to a clinician'"}),
    ):  # fmt: skip
        of_service = f"SELECT * FROM struck WHERE service = '{service}'"
        rows = f"""SELECT * REPLACE (CASE WHEN error = 'late' THEN delivery + 1 ELSE delivery END AS delivery) FROM ({of_service})
            UNION ALL {of_service} AND error = 'duplicate'"""
        sending.write(name, columns, rows, "csv", "ambulance")
    found = sending.connection.execute("SELECT min(known_at)::DATE FROM feed WHERE source = 'ambulance'").fetchall()
    return [{"organisation": AMBULANCE, "lag_days": 7, "history": str(found[0][0])}]
