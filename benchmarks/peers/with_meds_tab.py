"""meds-tab: each group of facts is a code of a MEDS data set; its command line tabularizes codes by window and aggregation.

What it takes for its values to be those that were asked for: its windows end at the last event before the prediction, so each
person has one more event a microsecond before it; it leaves out the last event of each moment, so each moment has one more event
to leave out; and it counts the events of one moment once, so those of a day are a microsecond apart. In this release its aggregations
of values look for no code that there is and give nothing: it is asked for counts alone.
"""

from __future__ import annotations

import datetime as dt
import os
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
AGGREGATION = {"COUNT": "code/count", "ANY": "code/count"}

expressed = [one for one in ASKED.predictors if one["kind"] in AGGREGATION and not one["lasting"] and not one["ago"]]
WINDOW = {one["name"]: f"{one['within']}d" if one["within"] else "full" for one in expressed}


#: Its tasks are shared by so many of its workers.
WORKERS = len(os.sched_getaffinity(0))


def command(name: str, *given: str, workers: int = 1) -> None:
    """Run one of its commands, by several workers together."""
    program = [str(Path(sys.executable).parent / name), f"output_dir={WORK}/out", f"input_dir={WORK}/data", *given]
    running = [subprocess.Popen([*program, f"worker={worker}"]) for worker in range(workers)]
    ended = [process.wait() for process in running]
    if any(ended):
        raise SystemExit(f"{name} failed")


def lay() -> None:
    """The MEDS data set, one shard, and the labels, which say at what times to tabularize."""
    shutil.rmtree(WORK, ignore_errors=True)
    people = pl.read_parquet(ASKED.folder / "cohort.parquet").select(subject_id="person_id")
    at = dt.datetime.combine(ASKED.at, dt.time())
    marks = people.select("subject_id", time=pl.lit(at - dt.timedelta(microseconds=1)).cast(pl.Datetime("us")), code=pl.lit("MARK"),
                          numeric_value=pl.lit(None, pl.Float32))  # fmt: skip
    nothing = pl.lit(None, pl.Float32)
    place = pl.int_range(pl.len()).over("person_id", "day")
    coded = [
        rows.select(
            subject_id="person_id", time=pl.col("day") + pl.duration(microseconds=place), code=pl.lit(f"G{group}"), numeric_value=nothing
        )
        for group, rows in facts(ASKED, expressed).items()
    ]  # fmt: skip
    events = pl.concat([*coded, marks])
    lost = (
        events.select("subject_id", "time")
        .unique()
        .with_columns(code=pl.lit("LOST"), numeric_value=pl.lit(None, pl.Float32))
    )
    for folder in ("data", "labels"):
        (WORK / folder / SHARD).parent.mkdir(parents=True)
    pl.concat([events, lost]).sort("subject_id", "time", maintain_order=True).write_parquet(
        WORK / "data" / f"{SHARD}.parquet"
    )
    people.sort("subject_id").select(
        "subject_id", prediction_time=pl.lit(at).cast(pl.Datetime("us")), boolean_value=pl.lit(False)
    ).write_parquet(WORK / "labels" / f"{SHARD}.parquet")


def gather() -> pl.DataFrame:
    """Its sparse matrices, one a window, as columns."""
    people = pl.read_parquet(WORK / "labels" / f"{SHARD}.parquet")["subject_id"]
    features = sorted(pl.read_parquet(WORK / "out" / "metadata" / "codes.parquet")["code"].to_list())
    columns: dict[str, object] = {"person_id": people}
    for one in expressed:
        code = f"G{one['group']}/code"
        if code in features:
            matrix = held(WINDOW[one["name"]], AGGREGATION[one["kind"]])
            column = matrix[:, [features.index(code)]].toarray().ravel().astype(np.float32)
            columns[one["name"]] = np.minimum(column, 1) if one["kind"] == "ANY" else column
    return pl.DataFrame(columns)


HELD: dict[tuple[str, str], sparse.csc_array] = {}


def held(window: str, kind: str) -> sparse.csc_array:
    if (window, kind) not in HELD:
        HELD[window, kind] = sparse.csc_array(load_matrix(WORK / "out" / "tabularize" / SHARD / window / f"{kind}.npz"))
    return HELD[window, kind]


lay()
command("meds-tab-describe")
for kind in sorted(set(AGGREGATION.values())):
    windows = sorted({WINDOW[one["name"]] for one in expressed if AGGREGATION[one["kind"]] == kind})
    command(
        "meds-tab-tabularize-time-series", f"input_label_dir={WORK}/labels", "tabularization.min_code_inclusion_count=1",
        f"tabularization.window_sizes=[{','.join(windows)}]", f"tabularization.aggs=[{kind}]", workers=WORKERS,
    )  # fmt: skip
gather().write_parquet(ASKED.out)
shutil.rmtree(WORK)
ASKED.done()
