"""The community provider's monthly submissions: a folder each, named by the day on which it came, with the tables of the data set.

Every contact hangs on a referral of its person to its team. Neither falls services nor virtual wards have a national code, so the
area is told which local teams they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as arrow
import pyarrow.csv as csv

from features.population.identifiers import COMMUNITY
from features.population.writing.dirt import Dirt
from features.population.writing.tables import Tables

#: What of the truth the shape carries: tables, and the sources that they are from.
CARRIES, SOURCE = (("community_contact", "community"),), "csds"
#: National code and local identifier of each kind of team.
TEAMS = {
    "district_nursing": ("12", "DN"), "community_matron": ("19", "CM"), "rehabilitation": ("29", "REHAB"),
    "falls": ("29", "FALLS"), "rapid_response": ("51", "UCR"), "palliative": ("47", "PALL"), "mental_health": ("37", "PSY"),
    "virtual_ward": ("51", "VW"), "other": ("49", "OTHER"),
}  # fmt: skip
LOCAL = {"FALLS": "falls", "VW": "virtual_ward"}
ACTIVITY = {"test": "01", "assessment": "02", "intervention": "03", "advice": "04", "review": "06", "other": "97"}
STATUS = {"attended": "5", "did_not_attend": "3", "cancelled": "2", "unknown": None}
_NAMES = {
    "CYP000": "Header", "CYP001": "MPI", "CYP101": "Referral", "CYP102": "ServiceTypeReferredTo", "CYP201": "CareContact",
    "CYP202": "CareActivity",
}  # fmt: skip


def write(tables: Tables, folder: Path, dirt: Dirt, rng: np.random.Generator) -> list[Mapping[str, Any]]:
    """Write the submissions; what ``area.toml`` says of them."""
    register = tables.register(COMMUNITY, dirt)
    deliveries = tables.sql("SELECT number, came, period_from, upto FROM delivery WHERE source = 'community' ORDER BY number").to_pandas()  # fmt: skip
    truth = tables.sql("""
        SELECT person, c.event_date, event_time, team, activity, status, d.number AS delivery, p.nhs_number AS true_number
        FROM community_contact c JOIN delivery d USING (feed) JOIN people p USING (person)
        WHERE d.source = 'community' ORDER BY delivery, person, c.event_date, event_time, team, activity, status""").to_pandas()
    truth["cci"] = [f"C{number}" for number in np.arange(len(truth)) + 1]
    entry = register.of(truth["person"].to_numpy(), rng)
    truth["local_id"] = entry["local_id"].to_numpy()
    rows = dirt.spoil(truth, rng, delivery="delivery", last=len(deliveries) - 1, wrong=_a_day_early)
    patients = register.entries.set_index("local_id")
    for delivery, of_delivery in rows.groupby("delivery", sort=True):
        sent = deliveries.loc[deliveries["number"] == delivery].iloc[0]
        _submission(tables, folder / str(sent["came"])[:10], of_delivery.reset_index(drop=True), sent, patients)
    return [{"organisation": COMMUNITY, "teams": LOCAL}]


def _a_day_early(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(event_date=rows["event_date"] - pd.Timedelta(days=1))


def _submission(tables: Tables, folder: Path, rows: pd.DataFrame, sent: pd.Series, patients: pd.DataFrame) -> None:
    folder.mkdir()
    code = rows["team"].map(lambda team: TEAMS[team][0])
    local = rows["team"].map(lambda team: TEAMS[team][1])
    referral = rows["local_id"] + "/" + local
    first = rows.groupby(referral)["event_date"].transform("min")
    who = patients.loc[rows["local_id"].unique()]
    one = ~referral.duplicated()
    files: dict[str, dict[str, Any]] = {
        "CYP000": {
            "ORGANISATION IDENTIFIER (CODE OF PROVIDER)": [COMMUNITY],
            "REPORTING PERIOD START DATE": [str(_month_before(sent["upto"]))],
            "REPORTING PERIOD END DATE": [str(pd.Timestamp(sent["upto"]).date() - timedelta(days=1))],
        },
        "CYP001": {
            "LOCAL PATIENT IDENTIFIER (EXTENDED)": who.index, "NHS NUMBER": who["nhs_number"],
            "PERSON BIRTH DATE": _days(who["birth_date"]), "POSTCODE OF USUAL ADDRESS": who["postcode"],
        },
        "CYP101": {
            "SERVICE REQUEST IDENTIFIER": referral[one], "LOCAL PATIENT IDENTIFIER (EXTENDED)": rows["local_id"][one],
            "REFERRAL REQUEST RECEIVED DATE": _days(first[one]), "SERVICE DISCHARGE DATE": [None] * int(one.sum()),
        },
        "CYP102": {
            "SERVICE REQUEST IDENTIFIER": referral[one], "CARE PROFESSIONAL TEAM LOCAL IDENTIFIER": local[one],
            "SERVICE OR TEAM TYPE REFERRED TO (COMMUNITY CARE)": code[one],
        },
        "CYP201": {
            "CARE CONTACT IDENTIFIER": rows["cci"], "SERVICE REQUEST IDENTIFIER": referral,
            "CARE PROFESSIONAL TEAM LOCAL IDENTIFIER": local, "CARE CONTACT DATE": _days(rows["event_date"]),
            "CARE CONTACT TIME": _times(rows["event_time"]), "ATTENDANCE STATUS": rows["status"].map(STATUS),
        },
        "CYP202": {
            "CARE ACTIVITY IDENTIFIER": "A" + rows["cci"], "CARE CONTACT IDENTIFIER": rows["cci"],
            "COMMUNITY CARE ACTIVITY TYPE": rows["activity"].map(ACTIVITY),
        },
    }  # fmt: skip
    for name, columns in files.items():
        table = arrow.table({column: arrow.array(_texts(values), arrow.string()) for column, values in columns.items()})
        csv.write_csv(table, folder / f"{name}{_NAMES[name]}.csv")
    tables.key.rows("csds", f"csds/{folder.name}/CYP201{_NAMES['CYP201']}.csv", pd.DataFrame({
        "row": np.arange(len(rows)) + 2, "nhs_number": rows["true_number"], "table": "community_contact", "row_key": rows["cci"],
        "error": rows["error"],
    }))  # fmt: skip


def _month_before(upto: Any) -> Any:
    return (pd.Timestamp(upto) - pd.Timedelta(days=1)).replace(day=1).date()


def _days(days: pd.Series) -> Any:
    return pd.to_datetime(days).dt.strftime("%Y-%m-%d")


def _times(seconds: pd.Series) -> list[str | None]:
    told = {}
    for value in seconds.dropna().unique():
        whole = int(value)
        told[value] = f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
    return [told.get(value) for value in seconds]


def _texts(values: Any) -> list[str | None]:
    return [None if value is None or value != value else str(value) for value in values]
