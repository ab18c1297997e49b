"""pandas: for each predictor its rows, grouped by person."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
from asked import ZERO, Asked

ASKED = Asked()


@cache
def table(name: str) -> pd.DataFrame:
    return pd.read_parquet(ASKED.table(name), dtype_backend="pyarrow").astype({"person_id": "int64"})


@cache
def day(name: str, column: str) -> pd.Series:
    return pd.to_datetime(table(name)[column])


FACTS: dict[int, pd.DataFrame] = {}


def facts(one: dict) -> pd.DataFrame:
    """Rows of the predictor's group: person, day, end, number or text, in order."""
    if one["group"] in FACTS:
        return FACTS[one["group"]]
    rows = table(one["table"])
    keep = rows[one["date"]].notna()
    for test in one["where"]:
        column = rows[test["column"]]
        if "in" in test:
            keep &= column.isin(test["in"]).fillna(False)
        else:
            keep &= (column >= test["low"]).fillna(False) if test["low"] is not None else True
            keep &= (column < test["high"]).fillna(False) if test["high"] is not None else True
    if one["codes"] is not None:
        keep &= rows["code"].isin(one["codes"])
    for column in (one["value"], one["distinct"]):
        keep &= rows[column].notna() if column else True
    keep = keep.to_numpy(bool)
    made = pd.DataFrame({"person_id": rows["person_id"][keep], "day": day(one["table"], one["date"])[keep]})
    if one["ends"]:
        made["end"] = day(one["table"], "end_date")[keep]
    if one["value"]:
        made["value"] = rows[one["value"]][keep].astype("float64")
    if one["distinct"]:
        made["text"] = (
            rows[one["distinct"]][keep].str[: one["prefix"]] if one["prefix"] else rows[one["distinct"]][keep]
        )
    FACTS[one["group"]] = made
    return made


def value(one: dict) -> pd.Series:
    rows = facts(one)
    first, until = map(pd.Timestamp, ASKED.window(one))
    at = pd.Timestamp(ASKED.at)
    rows = rows[rows["day"] < until]
    if one["ends"]:
        rows = rows.assign(cut=rows["end"].fillna(until).clip(upper=until))
        if one["lasting"]:
            rows = rows[(rows["cut"] - rows["day"]).dt.days >= one["lasting"]]
    if one["kind"] in ("OPEN", "OPEN_SUM"):
        rows = rows[rows["end"].isna() | (rows["end"] > until)]
    elif one["kind"] == "DAYS":
        days = (rows["cut"] - rows["day"].clip(lower=first)).dt.days.clip(lower=0)
        return days.groupby(rows["person_id"]).sum()
    else:
        rows = rows[rows["day"] >= first]
    if one["date"] != "event_date" and one["kind"] == "LATEST":
        rows = rows.sort_values("day", kind="stable")
    by = rows.groupby("person_id", sort=False)
    match one["kind"]:
        case "COUNT" | "OPEN":
            return by.size()
        case "ANY":
            return by.size().clip(upper=1)
        case "SUM" | "OPEN_SUM":
            return by["value"].sum()
        case "DAYS_SINCE_LAST":
            return (at - by["day"].max()).dt.days
        case "DAYS_SINCE_FIRST":
            return (at - by["day"].min()).dt.days
        case "YEARS":
            return (at - by["day"].max()).dt.days / 365.25
        case "LATEST":
            return by["value"].last()
        case "MEAN":
            return by["value"].mean()
        case "LEAST":
            return by["value"].min()
        case "GREATEST":
            return by["value"].max()
        case "DISTINCT":
            return by["text"].nunique()
        case "DEVIATION":
            return by["value"].std().where(by.size() >= 3)
        case "SLOPE":
            return slope(rows)
    raise KeyError(one["kind"])


def slope(rows: pd.DataFrame) -> pd.Series:
    x = (rows["day"] - pd.Timestamp("1970-01-01")).dt.days.astype("float64")
    by = rows["person_id"]
    x_off, y_off = x - x.groupby(by).transform("mean"), rows["value"] - rows["value"].groupby(by).transform("mean")
    made = (x_off * y_off).groupby(by).sum() / (x_off * x_off).groupby(by).sum() * 365.25
    spread = x.groupby(by).max() - x.groupby(by).min()
    return made.where(spread >= 30)


people = pd.read_parquet(ASKED.folder / "cohort.parquet")["person_id"]
columns = {"person_id": people.to_numpy()}
for one in ASKED.predictors:
    made = value(one).reindex(people)
    columns[one["name"]] = (made.fillna(0) if one["kind"] in ZERO else made).to_numpy(np.float32)
pd.DataFrame(columns).to_parquet(ASKED.out)
ASKED.done()
