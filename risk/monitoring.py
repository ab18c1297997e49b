"""Watching a model in use: the published runs, and dates at which it is tried, held against what it was made of and what happened."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.parquet as parquet

from features import matrix
from features.cohort import CohortRules, cohort
from features.errors import Refused
from features.outcomes import label, named
from features.predictors import CATALOGUE
from features.progress import SILENT, Progress
from features.record.permission import Permissions
from features.record.reader import Record
from models import report as reports
from models.bundle import Bundle
from models.dataset import SLICES
from models.monitor import Reference, Watched, watch
from risk import learnt, sections, watched
from risk import store as stores
from risk.dataset import NOT_RECORDED, about, slices
from risk.lists import TIE_KEY_BYTES, draw, set_apart
from risk.run import folder
from risk.run.weekly import whom
from risk.same_outcome import same_outcome
from risk.settings import Settings
from risk.store import Store
from risk.today import today
from risk.training import opened
from risk.validation import LIVE, find

#: Newest runs of which every predictor is looked at; of the others the score, and what happened.
INPUT_RUNS = 4


@dataclass(frozen=True)
class Asked:
    """What to watch: a model as ``NAME[@WHICH]`` (None: the live one that the lists rank by), its newest ``runs`` published
    runs (a challenger's: runs made with it in shadow), and
    the dates ``at`` which to try it on the record as it was then known. ``inputs`` newest runs have every predictor looked at."""

    record: Path
    model: str | None = None
    at: tuple[date, ...] = ()
    runs: int = 104
    inputs: int = INPUT_RUNS


def monitor(
    asked: Asked, settings: Settings, *, permissions: Permissions | None = None, progress: Progress = SILENT
) -> dict[str, Any]:
    """What moved and what happened, ready for JSON; kept as the latest, which guards of later runs read.

    :class:`Refused` where there is neither a published run nor a date to look at.
    """
    bundle = find(asked.model or f"{settings.list_outcome}_{settings.list_horizon}@{LIVE}", settings)
    store = stores.open(settings)
    tried_beside = challenges(store, bundle)
    runs = [run for run in store.runs("shadow" if tried_beside else "published") if run["model_name"] == bundle.name]
    runs = [run for run in runs if not tried_beside or run["model_sha256"] == bundle.sha256][: asked.runs]
    if not runs and not asked.at:
        how = "made in shadow with it" if tried_beside else "published"
        raise Refused(f"no run of {bundle.name} has been {how} yet; name dates at which to try it with --at")
    versions = {bundle.version: bundle}
    for version in {run["model_version"] for run in runs} - set(versions):
        versions[version] = find(f"{bundle.name}@{version}", settings)
    progress.stage("dates", len(runs) + len(asked.at))
    with opened(asked.record, settings, permissions, "evaluation") as record:
        said = about(record)
        dates = []
        for place, run in enumerate(runs):
            dates.append(
                of_run(record, settings, run, versions[run["model_version"]], with_values=place < asked.inputs)
            )
            progress.advance()
        for day in asked.at:
            dates.append(
                tried(record, bundle, day, settings.list_fraction, sections.inside(settings.list_sections_inside))
            )
            progress.advance()
    progress.stage("comparison")
    references: dict[int, Reference] = {
        version: known for version, held in versions.items() if (known := learnt.reference(settings, held)) is not None
    }
    tables = {predictor.name: predictor.tables for predictor in CATALOGUE}
    found = watch(dates, references, {version: held.report for version, held in versions.items()}, tables)
    outcome = same_outcome(bundle)
    result = {
        "first_line": reports.first_line(said), "about": said, "on": str(today(settings)),
        "title": f"Watching: {outcome.title.lower()} within {bundle.horizon} days",
        "model": {"name": bundle.name, "version": bundle.version, "sha256": bundle.sha256},
        "trained_on": {"dates": list(bundle.dates["train"]), "referenced": sorted(references)}, **found,
    }  # fmt: skip
    watched.keep(settings, f"{bundle.name}-challenger" if tried_beside else bundle.name, result)
    return result


def challenges(store: Store, bundle: Bundle) -> bool:
    """Whether the bundle is what the ledger says is tried beside the live one: its shadow runs are then watched, and what is found is kept
    apart from what guards read of the live one."""
    row = store.challenger(bundle.name)
    return row is not None and row["bundle_sha256"] == bundle.sha256


def of_run(record: Record, settings: Settings, run: dict[str, Any], bundle: Bundle, with_values: bool) -> Watched:
    """A published run as it was published, with what has befallen its people since, by all that the record now knows."""
    at, number = run["index_date"], run["number"]
    scores = parquet.read_table(settings.runs / str(number) / folder.SCORES).to_pandas()
    held = cohort(record, [at], CohortRules(run["minimum_age"], record.objections))
    kept = held.frame[held.frame["person_id"].isin(scores["person_id"])].reset_index(drop=True)
    kind, y, why = _befell(record, dataclasses.replace(held, frame=kept), bundle)
    where = pd.Index(kept["person_id"]).get_indexer(pd.Index(scores["person_id"]))
    gone = where < 0
    placed = kind.reindex(where).reset_index(drop=True).where(~pd.Series(gone), NOT_RECORDED)
    return Watched(
        name=f"run {number}", at=at, version=bundle.version,
        raw=scores["raw"].to_numpy(np.float64), probability=scores["probability"].to_numpy(np.float64),
        feeds=scores["feeds"].to_numpy(np.uint64), listed=scores["listed"].to_numpy(bool),
        y=np.where(gone, np.nan, y[where] if len(y) else np.nan), slices=placed,
        values=_column_of(settings.runs / str(number) / folder.VALUES) if with_values and folder.VALUES in folder.manifest(settings.runs, number)["files"] else None,
        unknown={**why, **({"no_longer_in_the_record": int(gone.sum())} if gone.any() else {})},
    )  # fmt: skip


def tried(record: Record, bundle: Bundle, at: date, fraction: float, inside: Collection[str] = ()) -> Watched:
    """The model tried at a date, on everybody whom a run would have scored by what was then known; listed as a run lists, with sections set apart but
    for those of ``inside``."""
    predictors = bundle.check(CATALOGUE)
    people = whom(bundle.outcome, cohort(record, [at], CohortRules(bundle.minimum_age, record.objections)), record)
    built = matrix.build(record, people, predictors)
    raw = bundle.raw(built.values)
    kind, y, why = _befell(record, people, bundle)
    scores = people.frame[["person_id", "practice_scheme", "practice"]].assign(raw=raw)
    apart = sections.beside(record, at, scores.join(draw(scores, fraction, secrets.token_bytes(TIE_KEY_BYTES))))
    drawn = set_apart(apart, inside)
    return Watched(
        name="tried", at=at, version=bundle.version, raw=raw, probability=bundle.probability(raw, people.frame["feeds"].to_numpy(np.uint64)),
        feeds=people.frame["feeds"].to_numpy(np.uint64), listed=drawn["listed"].to_numpy(bool), y=y, slices=kind,
        values=lambda name: built.values[:, bundle.names.index(name)], unknown=why,
    )  # fmt: skip


def _befell(record: Record, held: Any, bundle: Bundle) -> tuple[pd.DataFrame, npt.NDArray[np.float64], dict[str, int]]:
    """What kind of people they are, what befell them (NaN where it is not known), and how many are not known for which reason."""
    labels = label(record, held, named(bundle.outcome), bundle.horizon)
    why = {str(reason): int(n) for reason, n in labels["censored"].value_counts().items()}
    kind = slices(held.frame, np.zeros(len(held.frame), np.float32))[list(SLICES)]
    return kind, labels["y"].to_numpy(np.float64), why


def _column_of(path: Path) -> Callable[[str], npt.NDArray[np.float32]]:
    """Columns of a run's values, read one at a time."""
    return lambda name: parquet.read_table(path, columns=[name])[name].to_numpy().astype(np.float32)
