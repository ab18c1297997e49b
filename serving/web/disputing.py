""" "This is not right about me": what of a page can be said not to be right, and the table of the record that each is from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from features.flags import FLAGS
from features.predictors import CATALOGUE
from features.record.tables import PERSON_TABLES
from serving.shapes.meeting_bodies import CorrectionBody
from serving.web.deciding import body

#: Tables of which somebody says that something else than what is shown is wrong.
ELSE = ("gp_event", "prescription", "spell", "ed_attendance", "outpatient", "community_contact", "social_care", "residence", "carer", "preference")  # fmt: skip
_TABLE_OF_FLAG = {flag.name: flag.table for flag in FLAGS}
_TABLE_OF_PREDICTOR = {one.name: one.tables[0] for one in CATALOGUE if one.tables}


def choices(one: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(value, words) of what the page shows of somebody, the reasons first, then flags, then anything else by table."""
    found: dict[str, str] = {}
    for reason in (*one["reasons"]["raises"], *one["reasons"]["lowers"]):
        if (table := _TABLE_OF_PREDICTOR.get(reason.get("predictor", ""))) in PERSON_TABLES:
            found[f"{reason['predictor']}.{table}"] = reason["says"]
    for flag in one["flag_words"]:
        if flag["name"] in _TABLE_OF_FLAG:
            found[f"{flag['name']}.{_TABLE_OF_FLAG[flag['name']]}"] = flag["says"]
    return [*found.items(), *((f"{table}.{table}", f"something else: {table.replace('_', ' ')}") for table in ELSE)]


def correction(said: Mapping[str, str]) -> CorrectionBody:
    """A correction as the API has it."""
    fact, _, table = said.get("fact", "").partition(".")
    return body(CorrectionBody, {"fact": fact, "table": table, "told_by": said.get("told_by"), "words": said.get("correction_words")})  # fmt: skip
