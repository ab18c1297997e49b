"""polars: for each table one lazy group-by, with a filtered expression for each predictor."""

from __future__ import annotations

import polars as pl
from asked import ZERO, Asked
from picked import condition

ASKED = Asked()


def mask(one: dict) -> str:
    return f"group_{one['group']}"


def value(one: dict) -> pl.Expr:
    first, until = ASKED.window(one)
    day, at = pl.col(one["date"]), pl.lit(ASKED.at)
    keep = pl.col(mask(one)) & (day < until)
    if one["ends"]:
        cut = pl.min_horizontal(pl.col("end_date").fill_null(until), pl.lit(until))
        keep &= (cut - day).dt.total_days() >= one["lasting"] if one["lasting"] else True
    if one["kind"] in ("OPEN", "OPEN_SUM"):
        keep &= pl.col("end_date").is_null() | (pl.col("end_date") > until)
    elif one["kind"] == "DAYS":
        return (cut - pl.max_horizontal(day, pl.lit(first))).dt.total_days().clip(lower_bound=0).filter(keep).sum()
    else:
        keep &= day >= first
    number = pl.col(one["value"]).cast(pl.Float64).filter(keep) if one["value"] else None
    days = day.filter(keep)
    match one["kind"]:
        case "COUNT" | "OPEN":
            return keep.sum()
        case "ANY":
            return keep.any().cast(pl.Float32)
        case "SUM" | "OPEN_SUM":
            return number.sum()
        case "DAYS_SINCE_LAST":
            return (at - days.max()).dt.total_days()
        case "DAYS_SINCE_FIRST":
            return (at - days.min()).dt.total_days()
        case "YEARS":
            return (at - days.max()).dt.total_days() / 365.25
        case "LATEST":
            return number.sort_by(days, maintain_order=True).last() if one["date"] != "event_date" else number.last()
        case "MEAN":
            return number.mean()
        case "LEAST":
            return number.min()
        case "GREATEST":
            return number.max()
        case "DISTINCT":
            text = pl.col(one["distinct"]).str.slice(0, one["prefix"]) if one["prefix"] else pl.col(one["distinct"])
            return text.filter(keep).n_unique()
        case "DEVIATION":
            return pl.when(keep.sum() >= 3).then(number.std())
        case "SLOPE":
            x = days.cast(pl.Int32).cast(pl.Float64)
            return pl.when(x.max() - x.min() >= 30).then(pl.cov(x, number) / x.var() * 365.25)
    raise KeyError(one["kind"])


tables: dict[str, list[dict]] = {}
for one in ASKED.predictors:
    tables.setdefault(one["table"], []).append(one)
made = pl.scan_parquet(ASKED.folder / "cohort.parquet")
for table, own in tables.items():
    masks = {mask(one): condition(one) for one in own}
    rows = pl.scan_parquet(ASKED.table(table)).with_columns(**masks)
    values = [value(one).cast(pl.Float32).alias(one["name"]) for one in own]
    made = made.join(rows.group_by("person_id").agg(values), on="person_id", how="left")
zero = [one["name"] for one in ASKED.predictors if one["kind"] in ZERO]
made.with_columns(pl.col(zero).fill_null(0)).collect().write_parquet(ASKED.out)
ASKED.done()
