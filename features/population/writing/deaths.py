"""Registered deaths: one row a registration, some registered a second time when an inquest ends."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from features.population.writing.dirt import Dirt
from features.population.writing.sending import Sending
from features.population.writing.tables import Tables

#: What of the truth the shape carries, and of which kind of extract.
CARRIES, SOURCE = (("death", "deaths"),), "deaths"
#: Days by which a registration that an inquest puts right comes before it, and its cause: ill-defined.
BEFORE_INQUEST, ILL_DEFINED = 40, "R99"


def write(tables: Tables, folder: Path, dirt: Dirt, rng: np.random.Generator) -> list[Mapping[str, Any]]:
    """Write a file a delivery; what ``area.toml`` says of it."""
    sending = Sending(tables, "deaths", folder, dirt, {"corrected": 0.06 if dirt.corrected else 0.0})
    last = len(sending.days) - 1
    struck = sending.struck("late", "duplicate", "corrected", "unnumbered")
    sending.connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE struck AS
        SELECT *, {struck} AS said, CASE WHEN said = 'late' AND delivery = {last} THEN NULL ELSE said END AS error FROM (
            SELECT person, event_date, cause, known_at, people.nhs_number AS true_number, row_number() OVER (ORDER BY person, event_date, known_at) AS number,
                {sending.delivery("known_at")} AS delivery
            FROM death JOIN people USING (person) WHERE starts_with(feed, 'deaths:')) t""")
    rows = f"""
        SELECT * REPLACE (CASE WHEN error = 'late' THEN delivery + 1 ELSE delivery END AS delivery) FROM struck
        UNION ALL SELECT * FROM struck WHERE error = 'duplicate'
        UNION ALL SELECT * REPLACE ('{ILL_DEFINED}' AS cause, greatest(known_at - {BEFORE_INQUEST}, event_date) AS known_at,
            {sending.delivery(f"(known_at - {BEFORE_INQUEST})")} AS delivery) FROM struck WHERE error = 'corrected' AND known_at - event_date > 1"""
    columns = {"DEC_CONF_NHS_NUMBER": "CASE WHEN error IS DISTINCT FROM 'unnumbered' THEN true_number END", "REG_DATE": "known_at::DATE",
               "REG_DATE_OF_DEATH": "event_date::DATE", "S_UNDERLYING_COD_ICD10": "cause"}  # fmt: skip
    sending.write("deaths", columns, rows, "csv", "death")
    return [{"organisation": "ONS", "scheme": "local", "lag_days": 0}]
