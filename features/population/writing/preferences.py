"""The co-ordination system's file of plans and wishes: of half of those who have one, and of some who were asked and have none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from features.population.writing.dirt import Dirt
from features.population.writing.sending import Sending
from features.population.writing.tables import Tables

#: What of the truth the shape carries: half of what practices know, and of some that they were asked and said no.
CARRIES, SOURCE = (("preference", "gp"),), "preferences"
_ASKED = """SELECT person, min(event_date) AS event_date, min(known_at) AS known_at, min(feed) AS feed FROM preference
    WHERE kind = 'respect' AND person NOT IN (SELECT person FROM preference WHERE kind = 'power_of_attorney') GROUP BY person"""
TRUTH = {
    "preference": f"""(
    SELECT person, event_date, NULL::DATE AS end_date, kind, min(known_at) AS known_at, min(feed) AS feed, kind || '/' || person AS row_key
    FROM preference WHERE hash(person, kind) % 2 = 0 GROUP BY person, event_date, kind
    UNION ALL SELECT person, event_date, event_date, 'power_of_attorney', known_at, feed, 'asked/' || person FROM ({_ASKED}) WHERE hash(person) % 2 = 0)"""
}
ITEMS = {"end_of_life_plan": "End of life care plan", "palliative_register": "Palliative care register", "respect": "ReSPECT",
         "advance_decision": "Advance decision to refuse treatment", "power_of_attorney": "Lasting power of attorney", "care_plan": "Care plan"}  # fmt: skip


def write(tables: Tables, folder: Path, dirt: Dirt, rng: np.random.Generator) -> list[Mapping[str, Any]]:
    """Write a file a delivery; what ``area.toml`` says of it."""
    sending = Sending(tables, "preferences", folder, dirt)
    item = "CASE kind" + "".join(f" WHEN '{ours}' THEN '{theirs}'" for ours, theirs in ITEMS.items()) + " END"
    rows = f"""
        SELECT person, kind, 'Yes' AS answer, event_date, min(known_at) AS known_at, people.nhs_number AS true_number,
            {sending.delivery("min(known_at)")} AS delivery, NULL AS error
        FROM preference JOIN people USING (person) WHERE hash(person, kind) % 2 = 0 GROUP BY ALL
        UNION ALL
        SELECT person, 'power_of_attorney', CASE WHEN hash(person) % 2 = 0 THEN 'No' ELSE 'Not asked' END, event_date, known_at, people.nhs_number,
            {sending.delivery("known_at")}, CASE WHEN hash(person) % 2 = 1 THEN 'not_asked' END
        FROM ({_ASKED}) JOIN people USING (person)"""
    columns = {"NHS_NUMBER": "true_number", "ITEM": item, "ANSWER": "answer", "RECORDED_DATE": "event_date::DATE", "ENDED_DATE": "NULL", "UPDATED_DATE": "known_at::DATE"}  # fmt: skip
    sending.write("preferences", columns, rows, "csv", "preference")
    return [{"organisation": "EPACCS", "lag_days": 0}]
