"""The model itself: LightGBM's gradient-boosted trees, one classifier an outcome.

Defaults are regularised for some ten thousand to some million rows with few events. No class weights: they would spoil
the probability. Absent values go their own way in each split, so nothing is imputed. The tree's depth is held because
the time to explain a score grows with it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from features.errors import Refused
from features.progress import SILENT, Progress
from models.dataset import Dataset
from models.split import held_out

if TYPE_CHECKING:
    import lightgbm

#: Events that training needs at least, among the people it learns from and among those who choose the number of trees.
FEWEST_EVENTS = 10


@dataclass(frozen=True)
class Recipe:
    """How a model is trained. ``threads`` 0: as many as there are cores; it does not change the model."""

    learning_rate: float = 0.05
    num_leaves: int = 31
    max_depth: int = 7
    min_data_in_leaf: int = 60
    feature_fraction: float = 0.5
    bagging_fraction: float = 0.8
    bagging_freq: int = 1
    lambda_l2: float = 10.0
    max_bin: int = 127
    most_trees: int = 600
    patience: int = 30
    seed: int = 20240401
    threads: int = 0

    def parameters(self) -> dict[str, Any]:
        """LightGBM's parameters."""
        given = asdict(self)
        for ours in ("most_trees", "patience", "threads"):
            given.pop(ours)
        return {
            **given,
            "objective": "binary",
            "metric": "binary_logloss",
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": self.threads,
            "verbosity": -1,
        }


#: Changes the predictors of training rows before the model sees them (say, whole feeds taken from some practices at
#: random, so that it learns to do without): takes the data set, gives back X, the same shape.
Augment = Callable[[Dataset], npt.NDArray[np.float32]]


@dataclass(frozen=True)
class Trained:
    """A model's text in LightGBM's format, and how it came about."""

    text: str
    trees: int
    loss: tuple[float, ...]
    recipe: Recipe

    @property
    def booster(self) -> lightgbm.Booster:
        return booster_of(self.text)


def train(
    data: Dataset, recipe: Recipe | None = None, *, augment: Augment | None = None, progress: Progress = SILENT
) -> Trained:
    """Fit on the training rows.

    The number of trees is chosen on part of the people (15 in 100), held out at every date (:func:`early_stopping_rows`);
    the model is then fitted to everybody with that number. The same rows and recipe give the same text, on however many threads. :class:`~features.errors.Refused` where there are
    too few events to learn from.
    """
    import lightgbm

    recipe = recipe or Recipe()
    fit, judge = early_stopping_rows(data)
    for name, rows in (("to learn from", fit), ("to choose the number of trees by", judge)):
        happened = int(data.y[rows].sum())
        if min(happened, int(rows.sum()) - happened) < FEWEST_EVENTS:
            raise Refused(
                f"expected {FEWEST_EVENTS} events and as many people without one {name}, found {happened} events among "
                f"{int(rows.sum())} rows; take more people, more dates or a longer horizon"
            )
    values = data.X if augment is None else augment(data)
    names = list(data.names)
    parameters = recipe.parameters()
    progress.stage("trees", recipe.most_trees)

    def told(_: Any) -> None:
        progress.advance()

    learn = lightgbm.Dataset(values[fit], data.y[fit], feature_name=names, params=parameters)
    check = learn.create_valid(data.X[judge], data.y[judge])
    loss: dict[str, Any] = {}
    stopped = lightgbm.train(
        parameters,
        learn,
        recipe.most_trees,
        valid_sets=[check],
        valid_names=["held_out"],
        callbacks=[lightgbm.early_stopping(recipe.patience, verbose=False), lightgbm.record_evaluation(loss), told],
    )
    trees = max(1, int(stopped.best_iteration))
    progress.stage("model", trees)
    whole = lightgbm.Dataset(values, data.y, feature_name=names, params=parameters)
    booster = lightgbm.train(parameters, whole, trees, callbacks=[told])
    return Trained(text_of(booster), trees, tuple(loss["held_out"]["binary_logloss"]), recipe)


def early_stopping_rows(data: Dataset) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Which rows learn and which judge while the number of trees is chosen: other people, and where earlier dates end
    their windows in time, a later date.

    Earlier dates suffice when they hold half the learning people's rows or more; otherwise all dates learn and judge.
    """
    apart = held_out(data.person_id)
    days = data.index_date.astype("datetime64[D]")
    horizon = np.timedelta64(int(data.about.get("horizon", 0)), "D")
    earlier, newest = days + horizon <= days.max(), days == days.max()
    if (~apart & earlier).sum() * 2 >= (~apart).sum() and data.y[apart & newest].sum() >= FEWEST_EVENTS:
        return ~apart & earlier, apart & newest
    return ~apart, apart


def text_of(booster: lightgbm.Booster) -> str:
    """The model as text, without the parameters of the machine that trained it: the trees and nothing else."""
    text = booster.model_to_string(num_iteration=-1)
    head, _, rest = text.partition("\nparameters:\n")
    _, _, tail = rest.partition("end of parameters\n")
    return f"{head}\n{tail}" if tail else text


def booster_of(text: str) -> lightgbm.Booster:
    """The model of a text; :class:`~features.errors.Refused` where the text is none."""
    import lightgbm

    try:
        return lightgbm.Booster(model_str=text)
    except lightgbm.basic.LightGBMError as error:
        raise Refused("the model's text is not readable by LightGBM; release the model again") from error
