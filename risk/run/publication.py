"""From scores to a published run: the folder filled and sealed, the rows written under a staging run, the pointer moved."""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import orjson
import pandas as pd
import pyarrow as arrow

from features.errors import FrailtyError
from risk.run import deliveries, flags, folder, scoring
from risk.run.manifest import of_run
from risk.run.timing import Timed
from risk.settings import Settings
from risk.store import NewRun, Store

if TYPE_CHECKING:
    from risk.run.weekly import Asked, Prepared

#: Why a person is on the priority list.
LISTED = "among the {k:,} highest risks of {scored:,} people scored in the practice"


def publish(
    store: Store,
    settings: Settings,
    asked: Asked,
    ready: Prepared,
    scores: pd.DataFrame,
    values: npt.NDArray[np.float32],
    flagged: Iterable[arrow.Table],
    left: arrow.Table,
    tie_key: bytes,
    timed: Timed,
) -> dict[str, Any]:
    """Write everything under a new number, then move the pointer (not for a shadow run); the run's manifest. ``flagged`` are the
    flags of everybody scored, part by part; ``left`` who is on no list any more."""
    practices = scoring.practices(scores, ready.registered)
    valid_until = ready.at + datetime.timedelta(days=settings.list_valid_days)
    number = store.begin_run(new_run(asked, ready))
    with _failed_unless_published(store, settings.runs, number), folder.Staged(settings.runs, number) as staged:
        timed.stage("reasons", len(scores))
        staged.write(folder.SCORES, scoring.score_rows(scores))
        reasons = scoring.explain(staged, scores, values, ready.bundle, ready.predictors, timed)
        timed.stage("flags")
        shown = flags.keep(staged, flagged, scores, ready.at)
        staged.write(folder.LEAVERS, left)
        timed.stage("files")
        about_run = of_run(number, asked, ready, scores, practices, valid_until)
        kept = {**about_run, "tie_key": tie_key.hex(), "deliveries": ready.deliveries, "seconds": timed.seconds}
        sealed = staged.seal(kept)
        timed.stage("rows in the store", len(scores))
        store.write_practices(number, scoring.records(practices))
        rows = scores.rename(columns={"practice_scheme": "scheme"})
        store.write_scores(number, {str(name): column for name, column in rows.items()})
        store.write_list(number, entries(rows, practices, reasons, shown))
        timed.stage("publish")
        store.publish(
            number,
            content_sha256=sealed["content_sha256"],
            counts=about_run["counts"],
            valid_until=valid_until,
            shadow=asked.shadow,
        )
    return {**about_run, "content_sha256": sealed["content_sha256"], "seconds": timed.end()}


def new_run(asked: Asked, ready: Prepared) -> NewRun:
    """What the store is told when the run begins."""
    return NewRun(
        index_date=ready.at,
        data_as_at=deliveries.newest(ready.deliveries),
        outcome=asked.outcome,
        title=ready.title,
        horizon=asked.horizon,
        minimum_age=asked.minimum_age,
        fraction=asked.fraction,
        model_name=ready.bundle.name,
        model_version=ready.bundle.version,
        model_sha256=ready.bundle.sha256,
        manifest_fingerprint=ready.fingerprint,
        permissions={"purpose": "case_finding", "refused": ready.refused},
        about=ready.about,
        feeds=deliveries.by_table(ready.deliveries),
        waived=ready.waived,
    )


def entries(
    scores: pd.DataFrame,
    practices: pd.DataFrame,
    reasons: Mapping[int, dict[str, Any]],
    shown: Mapping[int, dict[str, flags.Flag]],
) -> Iterator[dict[str, Any]]:
    """The rows of the lists, by practice and rank."""
    size = {(row.practice_scheme, row.practice): (row.k, row.scored) for row in practices.itertuples()}
    columns = [
        "scheme",
        "practice",
        "rank",
        "person_id",
        "raw",
        "probability",
        "low",
        "high",
        "band",
        "age_band",
        "sex",
    ]
    listed = scores[scores["listed"]].sort_values(["scheme", "practice", "rank"])
    for row in scoring.records(listed[columns]):
        k, scored = size[row["scheme"], row["practice"]]
        yield {
            **row,
            "reason": LISTED.format(k=k, scored=scored),
            "reasons": orjson.dumps(reasons[row["person_id"]]),
            "flags": orjson.dumps(shown[row["person_id"]]),
        }


def recover(store: Store, runs: Path) -> list[int]:
    """Clear what killed runs left, in the store and among the folders; their numbers. For the holder of the folder."""
    left = [run["number"] for run in store.runs("staging")]
    for number in left:
        store.fail_run(number, "it stopped before it was published")
    folder.sweep(runs, {run["number"] for run in store.runs("failed")})
    return left


@contextmanager
def _failed_unless_published(store: Store, runs: Path, number: int) -> Iterator[None]:
    """Whatever goes wrong, the run is marked failed and its folder goes; unless it was published after all (an answer can
    be lost after a transaction is done), and then both stay. Where the store cannot be told, the next run does it."""
    try:
        yield
    except BaseException as error:
        why = str(error) if isinstance(error, FrailtyError) else type(error).__name__
        with suppress(Exception):
            store.fail_run(number, why)  # refuses what was published after all
            shutil.rmtree(runs / str(number), ignore_errors=True)
        raise
