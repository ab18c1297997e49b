"""Demographics as the national service has them: everybody in every delivery, as they are on its day; and numbers superseded.

The service has numbers right; of names, dates and addresses it has some wrong, as ``dirt`` says.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from features.population.identifiers import nhs_numbers
from features.population.writing.dirt import Dirt
from features.population.writing.sending import Sending
from features.population.writing.tables import Tables

#: What of the truth the shape carries of everybody who has had a practice, as things stood on the last day. Nothing says
#: since when somebody is protected but the delivery that first does.
CARRIES, SOURCE = (
    tuple((table, "demographics") for table in ("person", "registration", "residence", "objection")),
    "demographics",
)
LACKS = {"person": ("language",), "objection": ("event_date", "end_date"),
         "residence": ("end_date", "kind", "kind_from", "lives_alone", "care_home_id", "match_confidence")}  # fmt: skip
#: Whose particulars the shape has, right or wrong.
SENDER = "PDS"
_LAST = "(SELECT max(known_at) AS came FROM feed)"
_STANDING = f"""SELECT person, practice, event_date, end_date, end_reason, came FROM registration CROSS JOIN {_LAST}
    WHERE person < (SELECT count(*) FROM people) AND kind = 'regular' AND known_at <= came AND (known_until IS NULL OR known_until > came)
    QUALIFY row_number() OVER (PARTITION BY person ORDER BY event_date DESC) = 1"""
_IS = "'demographics' AS feed, person::VARCHAR AS row_key, came AS known_at"
#: Small areas with their deprivation, as far as anybody is recorded in them.
_DEPRIVED = "SELECT lsoa, any_value(imd_decile) AS imd_decile, any_value(imd_version) AS imd_version FROM residence WHERE imd_decile IS NOT NULL GROUP BY lsoa"
TRUTH = {
    "person": f"(SELECT person, date_trunc('month', birth_date)::DATE AS birth_month, sex, ethnicity, {_IS} FROM ({_STANDING}) JOIN people USING (person))",
    "registration": f"""(
        SELECT s.person, event_date, coalesce(end_date, died) AS end_date, practice, 'ods' AS practice_scheme, 'regular' AS kind,
            coalesce(CASE end_reason WHEN 'moved' THEN 'removed' ELSE end_reason END, CASE WHEN end_date IS NULL AND died IS NOT NULL THEN 'died' END) AS end_reason, {_IS.replace("person", "s.person")}
        FROM ({_STANDING}) s LEFT JOIN (SELECT person, min(event_date) AS died FROM death GROUP BY person) USING (person))""",
    "residence": f"""(
        SELECT person, a.event_date::DATE AS event_date, a.lsoa, d.imd_decile, d.imd_version, {_IS} FROM addresses a JOIN ({_STANDING}) USING (person)
        LEFT JOIN ({_DEPRIVED}) d ON d.lsoa = a.lsoa WHERE a.event_date <= came
        QUALIFY row_number() OVER (PARTITION BY person ORDER BY a.event_date DESC, uprn) = 1)""",
    "objection": f"""(SELECT DISTINCT person, o.kind, {_IS} FROM objection o JOIN ({_STANDING}) USING (person) WHERE o.kind = 'restricted' AND o.known_at <= came)""",
}  # fmt: skip
#: Of all people, whose old number another took the place of.
SUPERSEDED = 0.002
_REASON = {"died": "DEA", "left_area": "EMB", "removed": "ORR", "moved": "ORR", "other": "TRA"}


def write(tables: Tables, folder: Path, dirt: Dirt, rng: np.random.Generator) -> list[Mapping[str, Any]]:
    """Write a file a delivery and one of superseded numbers; what ``area.toml`` says of them."""
    sending = Sending(
        tables, "demographics", folder, dirt.but(number_missing=0, number_malformed=0, number_of_another=0, twice=0)
    )
    sending.register("PDS")
    reason = (
        "CASE r.end_reason" + "".join(f" WHEN '{ours}' THEN '{theirs}'" for ours, theirs in _REASON.items()) + " END"
    )
    days = ", ".join(f"({n}, DATE '{on}')" for n, on in enumerate(sending.days))
    rows = f"""
        SELECT d.number AS delivery, e.* EXCLUDE (error), e.true_nhs_number AS true_number, lived.lsoa, lived.uprn, lived.since, r.practice, r.event_date AS registered,
            {reason} AS reason, r.end_date AS removed, dead.died, o.person IS NOT NULL AS closed,
            CASE WHEN closed THEN 'restricted_person' END AS error
        FROM entry e CROSS JOIN (VALUES {days}) d(number, came)
        JOIN LATERAL (
            SELECT practice, event_date, end_date, end_reason FROM registration g WHERE g.person = e.person AND g.kind = 'regular'
                AND g.known_at <= d.came AND (g.known_until IS NULL OR g.known_until > d.came) ORDER BY g.event_date DESC LIMIT 1) r ON true
        LEFT JOIN LATERAL (
            SELECT lsoa, uprn, event_date AS since FROM addresses a WHERE a.person = e.person AND a.event_date <= d.came
            ORDER BY a.event_date DESC, a.uprn LIMIT 1) lived ON true
        LEFT JOIN (SELECT person, min(event_date) AS died, min(known_at) AS told FROM death GROUP BY person) dead
            ON dead.person = e.person AND dead.told <= d.came
        LEFT JOIN (SELECT person, min(known_at) AS told FROM objection WHERE kind = 'restricted' GROUP BY person) o
            ON o.person = e.person AND o.told <= d.came"""
    columns = {
        "NHS_NUMBER": "true_nhs_number", "GIVEN_NAME": "given_name", "FAMILY_NAME": "family_name", "BIRTH_DATE": "birth_date::DATE",
        "GENDER": "CASE sex WHEN 'male' THEN '1' WHEN 'female' THEN '2' ELSE '0' END", "ETHNIC_CATEGORY": "ethnicity",
        "PREFERRED_LANGUAGE": "NULL", "ADDRESS": "CASE WHEN NOT closed THEN address END", "POSTCODE": "CASE WHEN NOT closed THEN postcode END",
        "UPRN": "CASE WHEN NOT closed THEN uprn END", "LSOA": "CASE WHEN NOT closed THEN lsoa END", "ADDRESS_FROM": "since",
        "GP_PRACTICE": "CASE WHEN NOT closed THEN practice END", "GP_FROM": "registered", "REMOVAL_REASON": "reason", "REMOVAL_DATE": "removed",
        "DEATH_DATE": "died", "DEATH_STATUS": "CASE WHEN died IS NOT NULL THEN '2' END",
        "SECURITY": "CASE WHEN closed THEN 'R' ELSE 'U' END",
    }  # fmt: skip
    sending.write("demographics", columns, rows, "csv", "person")
    _superseded(sending, rng)
    sending.connection.execute(f"""COPY (SELECT lsoa AS LSOA, imd_decile AS IMD_DECILE, imd_version AS IMD_VERSION FROM ({_DEPRIVED}) ORDER BY 1)
        TO '{folder / f"deprivation_{sending.days[0]}.csv"}' (FORMAT csv, HEADER)""")
    return [{"organisation": "PDS", "lag_days": 0}]


def _superseded(sending: Sending, rng: np.random.Generator) -> None:
    """Old numbers that nobody has any more."""
    people = sending.tables.people["nhs_number"].to_pylist()
    spare = nhs_numbers(len(people) * 2, rng)[len(people) :].to_pylist()
    held = set(people)
    old = [number for number in spare if number not in held][: max(1, round(len(people) * SUPERSEDED))]
    who = rng.choice(len(people), len(old), replace=False)
    day = sending.days[0]
    lines = [f"{people[person]},{number},{day}" for person, number in zip(who, old, strict=True)]
    text = "\n".join(["NHS_NUMBER,SUPERSEDED_NHS_NUMBER,MERGED_ON", *lines]) + "\n"
    (sending.folder / f"superseded_{day}.csv").write_text(text)
