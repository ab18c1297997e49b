"""A list of care homes and everybody's address in each delivery: some without a UPRN, some without anything but a postcode."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from features.population.writing.dirt import Dirt
from features.population.writing.sending import Sending
from features.population.writing.tables import Tables

#: What of the truth the shape carries: which home, which no practice knows.
CARRIES, SOURCE = (("residence", "care_homes"),), "care_homes"
#: How a home was found (``match_confidence``) is of the extract, not of the truth: an address without a UPRN is found whole.
LACKS = {"residence": ("imd_decile", "imd_version", "lives_alone", "match_confidence")}
#: The homes where people lived, as the list of locations calls them, on the last day of the history.
TRUTH = {
    "residence": """(
    SELECT person, event_date::DATE AS event_date, CASE WHEN end_date <= came THEN end_date::DATE END AS end_date, lsoa, kind, 'address_match' AS kind_from,
        '1-' || home AS care_home_id, 'care_homes' AS feed, person || '/' || event_date AS row_key, came AS known_at
    FROM addresses CROSS JOIN (SELECT max(known_at) AS came FROM feed) WHERE home IS NOT NULL AND event_date < came
    QUALIFY row_number() OVER (PARTITION BY person, event_date ORDER BY uprn) = 1)"""
}
#: Rates of addresses without a UPRN, and of addresses with neither a UPRN nor a house.
RATES = {"no_uprn": 0.10, "postcode_alone": 0.02}
_KIND = {"care_home": "Care home without nursing", "nursing_home": "Care home with nursing"}


def write(tables: Tables, folder: Path, dirt: Dirt, rng: np.random.Generator) -> list[Mapping[str, Any]]:
    """Write both files a delivery; what ``area.toml`` says of them."""
    sending = Sending(tables, "care_homes", folder, dirt, RATES if dirt.late else dict.fromkeys(RATES, 0.0))
    days = ", ".join(f"({n}, DATE '{on}')" for n, on in enumerate(sending.days))
    kind = "CASE kind" + "".join(f" WHEN '{ours}' THEN '{theirs}'" for ours, theirs in _KIND.items()) + " END"
    homes = f"""SELECT d.number AS delivery, NULL AS error, NULL AS true_number, h.* FROM (
        SELECT DISTINCT home, address, postcode, uprn, kind FROM addresses WHERE home IS NOT NULL) h CROSS JOIN (VALUES {days}) d(number, came)"""
    sending.write("locations", {"LOCATION_ID": "'1-' || home", "ADDRESS": "address", "POSTCODE": "postcode", "UPRN": "uprn", "SERVICE_TYPE": kind,
                                "CLOSED_DATE": "NULL"}, homes)  # fmt: skip
    rows = f"""
        SELECT d.number AS delivery, a.*, CASE WHEN a.end_date <= d.came THEN a.end_date END AS went, people.nhs_number AS true_number, {sending.struck("no_uprn", "postcode_alone").replace("t.number", "hash(a.person, a.event_date)")} AS error
        FROM addresses a JOIN people USING (person) CROSS JOIN (VALUES {days}) d(number, came) WHERE a.event_date < d.came
        QUALIFY row_number() OVER (PARTITION BY a.person, a.event_date, d.number ORDER BY a.uprn) = 1"""
    columns = {"NHS_NUMBER": "true_number", "LOCAL_PATIENT_ID": "NULL", "ADDRESS": "CASE WHEN error IS DISTINCT FROM 'postcode_alone' THEN upper(address) END",
               "POSTCODE": "postcode", "UPRN": "CASE WHEN error IS NULL THEN uprn END", "LSOA": "lsoa", "ADDRESS_FROM": "event_date::DATE", "ADDRESS_TO": "went::DATE"}  # fmt: skip
    sending.write("addresses", columns, rows, "csv", "residence")
    return [{"organisation": "PDS", "lag_days": 0}]
