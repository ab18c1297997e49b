"""What a model owes to what: refitted without feeds, without practices, and beside other kinds of model, on the same rows.

These take long, and are asked for (``frailty validate --thorough``). Each comparison is of models of one recipe on one set of
training rows, at most :data:`ROWS`, so that the difference is of what was left out and of nothing else; their probabilities are
the models' own, uncalibrated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from features.errors import MissingPart, Refused
from features.progress import SILENT, Progress
from models import logistic
from models.augment import FeedsOff
from models.compared import compare
from models.dataset import Dataset
from models.feeds import FEEDS, steps
from models.glassbox import additive, elastic_net
from models.intervals import TIMES
from models.split import hundredth
from models.train import Recipe, train
from models.ways import EDGE, OURS, Scored

Array = npt.NDArray[np.float64]
#: Raw scores (n,) and probabilities (n,) of a data set's rows, as the released model gives them.
Score = Callable[[Dataset], tuple[Array, Array]]

#: Training rows of a comparison at most; of each model without a practice; and practices left out at most, the largest.
ROWS, ROWS_WITHOUT, PRACTICES = 100_000, 30_000, 12
#: Events, and people without one, that a practice needs among those who test for figures of its own.
FEWEST = 10
_SALT = 0x5A3E_0F_9EA7


def some(data: Dataset, most: int = ROWS) -> Dataset:
    """At most so many rows: whole people, drawn by a hash, with all their dates."""
    if len(data) <= most:
        return data
    at = hundredth(data.person_id, _SALT)
    share = int(np.searchsorted(np.cumsum(np.bincount(at, minlength=100)), most, side="right"))
    if share:
        return data.take(at < share)
    return data.take(np.arange(most))


def refit(learn: Dataset, test: Dataset, recipe: Recipe, says: str, progress: Progress = SILENT) -> Scored:
    """A model of the recipe, fitted to ``learn`` and applied to ``test``."""
    booster = train(learn, replace(recipe, monotone=False), progress=progress).booster
    raw = np.asarray(booster.predict(test.X, raw_score=True, num_threads=recipe.threads_for(test.X.size)), np.float64)
    return Scored(raw, says, np.clip(logistic.sigmoid(raw), EDGE, 1 - EDGE))


def feeds_added(
    learn: Dataset, test: Dataset, off: FeedsOff, recipe: Recipe, times: int = TIMES, progress: Progress = SILENT
) -> list[dict[str, Any]]:
    """What each kind of feed adds: general practice alone, then with each further kind; rows of :func:`~models.compared.compare`
    against all of them."""
    scored = {}
    for name, without in steps().items():
        progress.stage(f"model of {name}")
        scored[name] = refit(off.without(learn, without), off.without(test, without), recipe, f"learned from {name}")
    return compare(test, scored, list(scored)[-1], times, progress=progress, name="what each feed adds")


def feeds_off(
    test: Dataset, score: Score, off: FeedsOff, times: int = TIMES, progress: Progress = SILENT
) -> list[dict[str, Any]]:
    """The released model on the day that one kind of feed does not come, or one table: accuracy, calibration, and the share of the
    list that stays."""
    raw, probability = score(test)
    scored = {OURS: Scored(raw, "every feed", probability)}
    for name, tables in {**FEEDS, **_single(off)}.items():
        raw, probability = score(off.without(test, tables))
        scored[name] = Scored(raw, f"without {name.replace('_', ' ')}", probability)
    return compare(test, scored, OURS, times, progress=progress, name="each feed off")


def _single(off: FeedsOff) -> dict[str, tuple[str, ...]]:
    """Tables that predictors read, one at a time, where they are not a kind of their own."""
    return {table: (table,) for tables in FEEDS.values() for table in tables if table in off.absent and len(tables) > 1}


def challengers(
    learn: Dataset, test: Dataset, recipe: Recipe, times: int = TIMES, progress: Progress = SILENT
) -> dict[str, Any]:
    """Our kind of model beside an elastic net and an explainable boosting machine, all three fitted to the same rows. ``ways``
    are rows of :func:`~models.compared.compare`; ``missing`` says which could not be fitted and why."""
    progress.stage("trees on the same rows")
    scored = {"trees": refit(learn, test, recipe, "gradient-boosted trees of our recipe", SILENT)}
    missing = {}
    for name, says, fit in (("elastic_net", "logistic regression with elastic-net penalty", elastic_net),
                            ("ebm", "explainable boosting machine, a sum of one curve a predictor", additive)):  # fmt: skip
        progress.stage(says)
        try:
            probability = np.clip(fit(learn)(test.X), EDGE, 1 - EDGE)
        except MissingPart as error:
            missing[name] = str(error)
            continue
        scored[name] = Scored(logistic.logit(probability), says, probability)
    rows = compare(test, scored, "trees", times, progress=progress, name="glass-box challengers")
    return {"rows": len(learn), "people": learn.people, "ways": rows, "missing": missing}


def practices_left_out(
    learn: Dataset, test: Dataset, score: Score, recipe: Recipe, times: int = TIMES, progress: Progress = SILENT
) -> list[dict[str, Any]]:
    """How a practice fares whose people taught the model nothing: for each of the largest, the figures of a model fitted without it
    on its own test people, less those of one that had it."""
    names, events = np.unique(test.slices["practice"].to_numpy(str), return_counts=True)
    largest = names[np.argsort(-events, kind="stable")][:PRACTICES]
    taught, tested = learn.slices["practice"].to_numpy(str), test.slices["practice"].to_numpy(str)
    whole = refit(some(learn, ROWS_WITHOUT), test, recipe, "with every practice")
    found = []
    progress.stage("practices left out", len(largest))
    for practice in sorted(largest.tolist()):
        progress.advance()
        own = test.take(tested == practice)
        if min(own.events, len(own) - own.events) < FEWEST:
            continue
        try:
            without = refit(some(learn.take(taught != practice), ROWS_WITHOUT), own, recipe, "without the practice")
        except Refused:
            continue
        at = tested == practice
        had = Scored(whole.score[at], whole.says, None if whole.probability is None else whole.probability[at])
        raw, probability = score(own)
        rows = compare(
            own, {"with": had, "without": without, OURS: Scored(raw, "the released model", probability)}, "with", times
        )
        told: Mapping[str, dict[str, Any]] = {row["way"]: row for row in rows}
        found.append({
            "practice": practice, "rows": len(own), "events": own.events,
            **{f"{way}/{figure}": told[way][figure] for way in ("with", "without") for figure in ("auroc", "observed_expected", "list/ppv")},
            "difference": (told["without"]["less_reference"] or {}).get("auroc"),
        })  # fmt: skip
    return found


def through_time(test: Dataset, score: Score, times: int = TIMES, progress: Progress = SILENT) -> list[dict[str, Any]]:
    """The released model at each date, on the people who never train: whether it keeps."""
    days = test.index_date.astype("datetime64[D]")
    found = []
    for day in np.unique(days):
        own = test.take(days == day)
        if min(own.events, len(own) - own.events) < FEWEST:
            continue
        raw, probability = score(own)
        (row,) = compare(
            own, {OURS: Scored(raw, "this model", probability)}, OURS, times, progress=progress, name=f"at {day}"
        )
        figures = ("auroc", "auprc", "ppv_2", "list/ppv", "brier", "slope", "ici", "observed_expected")
        found.append(
            {"date": str(day), "rows": len(own), "events": own.events, **{name: row[name] for name in figures}}
        )
    return found
