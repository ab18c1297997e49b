"""Pooled out-of-fold figures, for a source whose one usable date leaves no later people to test on.

Everybody is scored by a model of the same recipe that was trained without them, folds being groups of people; the figures are of
all the scores taken together.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from features.errors import Refused, WrongUsage
from features.progress import SILENT, Progress
from models import logistic
from models.baselines import fit_logistic, past_admissions
from models.dataset import Dataset
from models.discrimination import Ranking
from models.intervals import TIMES, Drawn, draw
from models.split import fold_of
from models.train import Augment, Recipe, train

Array = npt.NDArray[np.float64]


def cross_validate(
    data: Dataset,
    folds: int = 5,
    recipe: Recipe | None = None,
    times: int = TIMES,
    progress: Progress = SILENT,
    *,
    augment: Augment | None = None,
) -> dict[str, Any]:
    """``auroc``, ``auprc`` and ``brier`` of ours with intervals, the same of the baselines under ``baselines``, and the
    ``differences`` in AUROC; with ``folds``, ``rows``, ``people`` and ``events``.

    Ours is the model's own probability, uncalibrated. :class:`~features.errors.Refused` where a fold has no event.
    """
    check_folds(folds)
    recipe = recipe or Recipe()
    fold = fold_of(data.person_id, folds)
    ours, theirs = np.empty(len(data)), np.empty(len(data))
    for k in range(folds):
        held = fold == k
        if not data.y[held].sum():
            raise Refused(f"fold {k + 1} of {folds} holds no event: take fewer folds, more people or a longer horizon")
        progress.stage(f"fold {k + 1} of {folds}")
        learn = data.take(~held)
        ours[held] = train(learn, replace(recipe, seed=recipe.seed + k), augment=augment).booster.predict(
            data.X[held], num_threads=recipe.threads_for(learn.X.size)
        )
        theirs[held] = logistic.sigmoid(fit_logistic(learn).raw(data.X[held]))
    drawn = _figures(
        data, {"ours": ours, "logistic": theirs, "past_admissions": past_admissions(data)}, times, progress
    )

    def told(way: str) -> dict[str, Any]:
        figures = ("auroc", "auprc", "brier")
        return {figure: drawn.estimate(f"{way}/{figure}").to_json() for figure in figures if f"{way}/{figure}" in drawn}

    return {
        "folds": folds, "rows": len(data), "people": data.people, "events": data.events, "dates": data.dates,
        **told("ours"),
        "baselines": {way: told(way) for way in ("logistic", "past_admissions")},
        "differences": {
            way: {"auroc": drawn.difference("ours/auroc", f"{way}/auroc").to_json()}
            for way in ("logistic", "past_admissions")
        },
        "says": f"pooled out of fold: everybody scored by a model trained on the other {folds - 1} of {folds} groups of "
                "people, at the same dates; no temporal validation",
    }  # fmt: skip


def check_folds(folds: int) -> None:
    if not 2 <= folds <= 20:
        raise WrongUsage(f"expected 2 to 20 folds, found {folds}")


def _figures(data: Dataset, scores: dict[str, Array], times: int, progress: Progress) -> Drawn:
    ranked = {way: Ranking(score, data.y) for way, score in scores.items()}
    off = {way: (scores[way] - data.y) ** 2 for way in ("ours", "logistic")}

    def measure(weights: Array) -> dict[str, Array]:
        found = {f"{way}/{key}": value for way in ranked for key, value in ranked[way].areas(weights).items()}
        total = weights.sum(axis=1)
        return found | {f"{way}/brier": weights @ square / total for way, square in off.items()}

    return draw(measure, data.person_id, times, progress=progress, weight=data.weight)
