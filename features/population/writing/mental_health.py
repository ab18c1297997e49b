"""Contacts with mental health teams, as care contacts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from features.population.writing.dirt import Dirt
from features.population.writing.sending import ENTRY, Sending
from features.population.writing.tables import Tables

#: What of the truth the shape carries, and of which kind of extract.
CARRIES, SOURCE = (("community_contact", "mental_health"),), "mental_health"
_STATUS = {"attended": "5", "did_not_attend": "3", "cancelled": "2", "unknown": "9"}


def write(tables: Tables, folder: Path, dirt: Dirt, rng: np.random.Generator) -> list[Mapping[str, Any]]:
    """Write a file a delivery; what ``area.toml`` says of it."""
    sending = Sending(tables, "mental_health", folder, dirt)
    sending.register("MENTAL")
    last = len(sending.days) - 1
    sending.connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE struck AS
        SELECT t.* EXCLUDE (delivery), e.local_id, e.nhs_number, {sending.struck("late", "duplicate", "unnumbered")} AS said,
            CASE WHEN said = 'late' AND delivery = {last} THEN NULL ELSE said END AS error,
            CASE WHEN error = 'late' THEN delivery + 1 ELSE delivery END AS delivery
        FROM (SELECT person, event_date, event_time, status, people.nhs_number AS true_number, row_number() OVER (ORDER BY person, event_date, event_time, status) AS number,
                {sending.delivery("known_at")} AS delivery
            FROM community_contact JOIN people USING (person) WHERE starts_with(feed, 'mental_health:')) t {ENTRY}""")
    moment = "strftime(event_date + to_seconds(coalesce(event_time, 0)), '%Y-%m-%d %H:%M:%S')"
    columns = {"NHSNumber": "CASE WHEN error IS DISTINCT FROM 'unnumbered' THEN nhs_number END", "LocalPatientId": "local_id", "UniqCareContID": "number",
               "CareContDate": moment, "AttendStatus": "CASE status" + "".join(f" WHEN '{a}' THEN '{b}'" for a, b in _STATUS.items()) + " END"}  # fmt: skip
    sending.write("care_contact", columns, "SELECT * FROM struck UNION ALL SELECT * FROM struck WHERE error = 'duplicate'", "csv", "community_contact")  # fmt: skip
    return [{"organisation": "MENTAL", "lag_days": 0}]
