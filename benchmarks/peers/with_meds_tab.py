"""meds-tab: each group of facts is a code of a MEDS data set; its command line tabularizes codes by window and aggregation.

Its windows end at the last event before the prediction. So that they end at the prediction, each person has one more event, a
microsecond before it.
"""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import scipy.sparse as sparse
from asked import Asked
from MEDS_tabular_automl.utils import load_matrix
from picked import facts

ASKED = Asked()
WORK = ASKED.out.with_suffix(".work")
SHARD = "train/0"
AGGREGATION = {
    "COUNT": "code/count",
    "ANY": "code/count",
    "SUM": "value/sum",
    "LEAST": "value/min",
    "GREATEST": "value/max",
}

expressed = [
    one
    for one in ASKED.predictors
    if one["kind"] in AGGREGATION and not one["lasting"] and not one["distinct"] and not one["ago"]
]
WINDOW = {one["name"]: f"{one['within']}d" if one["within"] else "full" for one in expressed}


def command(name: str, *given: str) -> None:
    subprocess.run([Path(sys.executable).parent / name, f"output_dir={WORK}/out", *given], check=True)


def lay() -> None:
    """The MEDS data set, one shard, and the labels, which say at what times to tabularize."""
    shutil.rmtree(WORK, ignore_errors=True)
    people = pl.read_parquet(ASKED.folder / "cohort.parquet").select(subject_id="person_id")
    at = dt.datetime.combine(ASKED.at, dt.time())
    marks = people.select("subject_id", time=pl.lit(at - dt.timedelta(microseconds=1)).cast(pl.Datetime("us")), code=pl.lit("MARK"),
                          numeric_value=pl.lit(None, pl.Float32))  # fmt: skip
    coded = [
        rows.select(
            subject_id="person_id", time="day", code=pl.lit(f"G{group}"), numeric_value=pl.col("value").cast(pl.Float32)
        )
        for group, rows in facts(ASKED, expressed).items()
    ]
    for folder in ("data", "labels"):
        (WORK / folder / SHARD).parent.mkdir(parents=True)
    pl.concat([*coded, marks]).sort("subject_id", "time").write_parquet(WORK / "data" / f"{SHARD}.parquet")
    people.sort("subject_id").select(
        "subject_id", prediction_time=pl.lit(at).cast(pl.Datetime("us")), boolean_value=pl.lit(False)
    ).write_parquet(WORK / "labels" / f"{SHARD}.parquet")


def gather() -> pl.DataFrame:
    """Its sparse matrices, of every window and aggregation, as columns."""
    people = pl.read_parquet(WORK / "labels" / f"{SHARD}.parquet")["subject_id"]
    features = sorted(pl.read_parquet(WORK / "out" / "metadata" / "codes.parquet")["code"].to_list())
    columns: dict[str, object] = {"person_id": people}
    for one in expressed:
        kind = AGGREGATION[one["kind"]]
        own = [feature for feature in features if feature.endswith("/code" if kind.startswith("code") else "/value")]
        code = f"G{one['group']}/{kind.split('/')[0]}"
        if code in own:
            matrix = held(WINDOW[one["name"]], kind)
            column = matrix[:, [own.index(code)]].toarray().ravel().astype(np.float32)
            if one["kind"] == "ANY":
                column = np.minimum(column, 1)
            columns[one["name"]] = (
                np.where(column == 0, np.nan, column) if one["kind"] in ("LEAST", "GREATEST") else column
            )
    return pl.DataFrame(columns)


HELD: dict[tuple[str, str], sparse.csc_array] = {}


def held(window: str, kind: str) -> sparse.csc_array:
    if (window, kind) not in HELD:
        HELD[window, kind] = sparse.csc_array(load_matrix(WORK / "out" / "tabularize" / SHARD / window / f"{kind}.npz"))
    return HELD[window, kind]


lay()
windows, kinds = sorted(set(WINDOW.values())), sorted({AGGREGATION[one["kind"]] for one in expressed})
given = [f"input_dir={WORK}/data", "tabularization.min_code_inclusion_count=1", f"tabularization.window_sizes=[{','.join(windows)}]",
         f"tabularization.aggs=[{','.join(kinds)}]"]  # fmt: skip
command("meds-tab-describe", f"input_dir={WORK}/data")
command("meds-tab-tabularize-time-series", f"input_label_dir={WORK}/labels", *given)
gather().write_parquet(ASKED.out)
shutil.rmtree(WORK)
ASKED.done()
