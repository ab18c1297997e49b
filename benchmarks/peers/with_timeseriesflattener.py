"""timeseriesflattener: a value frame for each group of facts, and its aggregators over look-behind windows."""

from __future__ import annotations

import datetime as dt

import polars as pl
from asked import Asked
from picked import facts
from timeseriesflattener import Flattener, PredictionTimeFrame, PredictorSpec, ValueFrame
from timeseriesflattener import aggregators as of

ASKED = Asked()
AGGREGATORS = {"COUNT": of.CountAggregator(), "ANY": of.HasValuesAggregator(), "SUM": of.SumAggregator(), "MEAN": of.MeanAggregator(),
               "LEAST": of.MinAggregator(), "GREATEST": of.MaxAggregator(), "LATEST": of.LatestAggregator(timestamp_col_name="timestamp")}  # fmt: skip
#: A look-behind window has both its ends: one that ends some days ago must not reach the day itself.
JUST = dt.timedelta(microseconds=1)
EVER = 150 * 365

expressed = [
    one for one in ASKED.predictors if one["kind"] in AGGREGATORS and not one["lasting"] and not one["distinct"]
]
groups = facts(ASKED, expressed)
people = pl.read_parquet(ASKED.folder / "cohort.parquet").select("person_id")
at = PredictionTimeFrame(
    people.with_columns(pl.lit(dt.datetime.combine(ASKED.at, dt.time())).alias("t")),
    entity_id_col_name="person_id",
    timestamp_col_name="t",
)
specs, names = [], {}
for number, one in enumerate(expressed):
    column = f"v{number}"
    frame = groups[one["group"]].select("person_id", timestamp="day", **{column: "value"})
    ago = dt.timedelta(days=one["ago"]) + JUST
    fallback = 0 if one["kind"] in ("COUNT", "ANY", "SUM") else float("nan")
    specs.append(PredictorSpec(
        ValueFrame(frame, entity_id_col_name="person_id", value_timestamp_col_name="timestamp"),
        lookbehind_distances=[(ago, dt.timedelta(days=one["within"] or EVER))],
        aggregators=[AGGREGATORS[one["kind"]]], fallback=fallback,
    ))  # fmt: skip
    names[column] = one["name"]
made = Flattener(at).aggregate_timeseries(specs).df
found = {name.split("_")[1]: name for name in made.columns if name.startswith("pred_")}
made.select(
    "person_id", *(pl.col(found[column]).cast(pl.Float32).alias(name) for column, name in names.items())
).write_parquet(ASKED.out)
ASKED.done()
