"""Teams' caseloads: on each list whoever is on it that day, and who was discharged since the last; of some the discharge is never sent."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from features.population.writing.dirt import Dirt
from features.population.writing.sending import ENTRY, Sending
from features.population.writing.tables import Tables

#: What of the truth the shape carries, and of which kind of extract.
CARRIES, SOURCE = (("caseload", "caseloads"),), "caseloads"
#: Of discharges, those that show only by a name that is gone from the next list.
RATES = {"vanished": 0.05}
_TEAM = {"district_nursing": "District nursing", "rehabilitation": "Rehabilitation"}


def write(tables: Tables, folder: Path, dirt: Dirt, rng: np.random.Generator) -> list[Mapping[str, Any]]:
    """Write a list a delivery; what ``area.toml`` says of it."""
    sending = Sending(tables, "caseloads", folder, dirt, RATES if dirt.late else dict.fromkeys(RATES, 0.0))
    sending.register("COMMUNITY")
    days = ", ".join(f"({n}, DATE '{on}', {'DATE ' + repr(str(sending.days[n - 1])) if n else 'NULL::DATE'})" for n, on in enumerate(sending.days))  # fmt: skip
    sql = f"""
        SELECT t.*, e.local_id, e.nhs_number, {sending.struck("vanished")} AS said,
            CASE WHEN said = 'vanished' AND ended IS NOT NULL AND listed_before THEN said END AS error FROM (
            SELECT c.person, d.number AS delivery, c.event_date, c.team, c.team_id, hash(c.row_key) AS number, people.nhs_number AS true_number,
                CASE WHEN c.end_date <= d.came THEN c.end_date END AS ended, d.before,
                EXISTS (SELECT 1 FROM caseload b WHERE b.row_key = c.row_key AND b.known_at <= d.before AND b.end_date IS NULL) AS listed_before
            FROM caseload c JOIN people USING (person) CROSS JOIN (VALUES {days}) d(number, came, before)
            WHERE c.known_at <= d.came AND (c.known_until IS NULL OR c.known_until > d.came)
                AND (c.end_date IS NULL OR d.before IS NULL OR c.known_at > d.before)) t {ENTRY}"""
    columns = {"NHS_NUMBER": "nhs_number", "LOCAL_PATIENT_ID": "local_id", "TEAM_TYPE": "CASE team" + "".join(f" WHEN '{a}' THEN '{b}'" for a, b in _TEAM.items()) + " END",
               "TEAM_ID": "team_id", "CASELOAD_FROM": "event_date::DATE", "CASELOAD_TO": "ended::DATE"}  # fmt: skip
    sending.connection.execute(f"CREATE OR REPLACE TEMP TABLE listed AS {sql}")
    gone = sending.connection.execute("SELECT delivery, true_number FROM listed WHERE error = 'vanished'").df()
    sending.write("caseloads", columns, "SELECT * FROM listed WHERE error IS NULL", "csv", "caseload")
    notes = gone.assign(row=None, nhs_number=gone["true_number"], table="caseload", row_key=None, error="vanished")
    tables.key.rows("caseloads", "caseloads", notes)
    begins = tables.connection.execute("SELECT min(known_at)::DATE FROM feed").fetchall()[0][0]
    return [{"organisation": "COMMUNITY", "lag_days": 0, "history": str(begins)}]
