"""Admitted patient care as consultant episodes: some stays in several, some in two hospitals, some filed in two years or twice; who is
still in hospital has no finished episode.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from features.population.writing import hospitals
from features.population.writing.dirt import Dirt
from features.population.writing.sending import Sending
from features.population.writing.tables import Tables

#: What of the truth the shape carries, of which kind of extract, how it may tell of it, and what it has no column for.
CARRIES, SOURCE = (("spell", "apc"), ("diagnosis", "apc")), "hes"
TRUTH = {"spell": hospitals.WHOLE_STAYS, "diagnosis": hospitals.WHOLE_DIAGNOSES}
LACKS = {"diagnosis": ("event_time",)}
_CLASS = {"ordinary": "1", "hospital_at_home": "1", "day_case": "2", "maternity": "5"}
#: Chance that an episode stands twice, under another key, having straddled two years.
TWO_YEARS = 0.3

#: Episodes of stays: one to three, a change of consultant each time. Diagnoses are shared out among them in their order; each has the
#: primary one of the first again.
_EPISODES = """
    CREATE OR REPLACE TEMP TABLE episodes AS
    SELECT t.*, i, pieces, event_date + (nights * i // pieces)::INTEGER AS starts,
        CASE WHEN i = pieces - 1 THEN end_date ELSE event_date + (nights * (i + 1) // pieces)::INTEGER END AS ends
    FROM (
        SELECT *, end_date - event_date AS nights,
            CASE WHEN nights >= 8 AND hash(row_key, 'many') % 3 = 0 THEN 3 WHEN nights >= 2 AND hash(row_key, 'two') % 3 = 0 THEN 2 ELSE 1 END AS pieces
        FROM stays WHERE end_date IS NOT NULL) t, unnest(range(pieces)) AS parts(i)"""
_SENT = """
    CREATE OR REPLACE TEMP TABLE sent AS
    SELECT e.*, CASE WHEN e.i = 0 THEN coalesce(d.codes[:share], []) ELSE list_concat([d.codes[1]], d.codes[e.i * share + 1:(e.i + 1) * share]) END AS given
    FROM (SELECT episodes.*, coalesce(c.share, 1) AS share FROM episodes LEFT JOIN (
            SELECT row_key, greatest(ceil(len(codes) / pieces), 1)::INTEGER AS share FROM episodes JOIN coded USING (row_key) WHERE i = 0) c USING (row_key)) e
    LEFT JOIN coded d USING (row_key)"""

#: Noted in the key: two stays with one provider that began on one day, which admitted care tells of as one; one
#: that lies within another, likewise; stays over two hospitals that know the patient by different numbers; and, for their diagnoses, episodes that
#: were sent with an error.
_BESIDE = f"""
    SELECT NULL::BIGINT AS row, true_number AS nhs_number, '{{table}}' AS "table", row_key, 'one_day_two_stays' AS error FROM stays
    WHERE end_date IS NOT NULL QUALIFY count(*) OVER (PARTITION BY person, provider, event_date) > 1
    UNION ALL SELECT NULL, a.true_number, '{{table}}', unnest([a.row_key, b.row_key]), 'stay_within_stay' FROM stays a JOIN stays b
        ON b.person = a.person AND b.provider = a.provider AND b.event_date > a.event_date AND b.event_date < a.end_date
    UNION ALL SELECT NULL, true_number, '{{table}}', row_key, 'two_numbers' FROM ({hospitals.two_people("stays")})
    UNION ALL SELECT NULL, true_number, '{{table}}', row_key, error FROM struck WHERE error IS NOT NULL AND '{{table}}' = 'diagnosis'"""


def write(tables: Tables, folder: Path, dirt: Dirt, rng: np.random.Generator) -> list[Mapping[str, Any]]:
    """Write a file a delivery; what ``area.toml`` says of it."""
    sending = Sending(tables, "hes", folder, dirt, {"in_two_years": TWO_YEARS if dirt.duplicate else 0.0})
    hospitals.register(sending)
    run, last = sending.connection.execute, len(sending.days) - 1
    run(f"""CREATE OR REPLACE TEMP TABLE stays AS SELECT t.*, e.local_id AS patient, e.nhs_number AS said_number
        FROM (SELECT *, row_key AS thing FROM ({hospitals.STAYS})) t {hospitals.ENTRY}""")
    run(
        "CREATE OR REPLACE TEMP TABLE coded AS SELECT spell_key AS row_key, list(code ORDER BY position) AS codes FROM diagnosis GROUP BY ALL"
    )
    run(_EPISODES)
    run(_SENT)
    run(f"""
        CREATE OR REPLACE TEMP TABLE struck AS
        SELECT *, CASE WHEN said IN ('late', 'corrected') AND delivery = {last} OR said = 'in_two_years' AND NOT straddles THEN NULL ELSE said END AS error
        FROM (SELECT *, {sending.struck("late", "duplicate", "corrected", "unnumbered", "in_two_years")} AS said,
                year(starts - INTERVAL 3 MONTH) < year(ends - INTERVAL 3 MONTH) AS straddles
            FROM (SELECT sent.*, row_number() OVER (ORDER BY row_key, i) AS number, {sending.delivery("ends")} AS delivery FROM sent) t)""")
    rows = """
        SELECT *, number || '' AS epikey, false AS unfinished, false AS wrong FROM struck WHERE error IS DISTINCT FROM 'late' AND error IS DISTINCT FROM 'corrected'
        UNION ALL SELECT * REPLACE (delivery + 1 AS delivery), number || '', false, false FROM struck WHERE error IN ('late', 'corrected')
        UNION ALL SELECT *, number || '', false, true FROM struck WHERE error = 'corrected'
        UNION ALL SELECT *, number || CASE WHEN error = 'in_two_years' THEN 'Y' ELSE '' END, false, false FROM struck WHERE error IN ('duplicate', 'in_two_years')
        UNION ALL SELECT * REPLACE (NULL AS error), number || '', true, false FROM struck WHERE straddles"""
    last_one = "i = pieces - 1"
    days = {name: f"CASE WHEN {when} THEN {sql}::DATE END" for name, sql, when in (
        ("EPISTART", "starts", "true"), ("EPIEND", "ends", "NOT unfinished"), ("ADMIDATE", "event_date", "true"),
        ("DISDATE", "end_date", f"{last_one} AND NOT unfinished"), ("DISREADYDATE", "ready_date", last_one))}  # fmt: skip
    columns = {
        "NHS_NUMBER": "CASE WHEN error IS DISTINCT FROM 'unnumbered' THEN said_number END", "LOPATID": "patient", "PROCODE3": "provider",
        "EPIKEY": "epikey", "EPISTAT": "CASE WHEN unfinished THEN 1 ELSE 3 END", "EPIORDER": "i + 1",
        **{name: f"coalesce(({sql})::VARCHAR, '{'1800-01-01' if name != 'DISREADYDATE' else ''}')" for name, sql in days.items()},
        "ADMIMETH": "CASE WHEN wrong THEN '28' ELSE admission_method END", "ADMISORC": "admission_source",
        "DISMETH": f"CASE WHEN {last_one} THEN discharge_method ELSE '8' END", "DISDEST": f"CASE WHEN {last_one} THEN discharge_destination ELSE '98' END",
        "CLASSPAT": "CASE patient_class" + "".join(f" WHEN '{name}' THEN '{code}'" for name, code in _CLASS.items()) + " END",
        "SITETRET": hospitals.SITE, "MAINSPEF": "CASE WHEN i = 0 THEN specialty ELSE '430' END",
        **{f"DIAG_{place:02}": f"coalesce(given[{place}], '{'R69X' if place == 1 else ''}')" for place in range(1, 21)},
    }  # fmt: skip
    sending.write("apc", columns, rows, "csv", "spell")
    for table in ("spell", "diagnosis"):
        tables.key.rows("hes", "", run(_BESIDE.format(table=table)).df())
    return [
        {
            "organisation": "SUS",
            "lag_days": 14,
            "history": hospitals.begins(sending),
            "hospital_at_home": hospitals.AT_HOME,
        }
    ]
