"""Facts picked from the tables with polars, for peers that take no tables: of each group the person, the day and the number."""

from __future__ import annotations

import polars as pl
from asked import Asked


def condition(one: dict) -> pl.Expr:
    """Rows of the predictor's group."""
    keep = pl.col(one["date"]).is_not_null()
    for test in one["where"]:
        column = pl.col(test["column"])
        if "in" in test:
            keep &= column.is_in(test["in"])
        else:
            keep &= column >= test["low"] if test["low"] is not None else True
            keep &= column < test["high"] if test["high"] is not None else True
    if one["codes"] is not None:
        keep &= pl.col("code").is_in(one["codes"])
    for column in (one["value"], one["distinct"]):
        keep &= pl.col(column).is_not_null() if column else True
    return keep


def facts(asked: Asked, predictors: list[dict]) -> dict[int, pl.DataFrame]:
    """By the number of the group: ``person_id``, ``day`` (datetime), ``value``, in order."""
    groups = {one["group"]: one for one in predictors}
    tables = {one["table"] for one in predictors}
    found = {}
    for table in sorted(tables):
        rows = pl.read_parquet(asked.table(table))
        for group, one in groups.items():
            if one["table"] == table:
                value = pl.col(one["value"]).cast(pl.Float64) if one["value"] else pl.lit(1.0)
                found[group] = rows.filter(condition(one)).select(
                    "person_id", pl.col(one["date"]).cast(pl.Datetime("us")).alias("day"), value.alias("value")
                )
    return found
