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

#: Events that training needs at least; and that choosing the number of trees needs, on either side.
FEWEST_EVENTS = 10
#: Values of a matrix from which several threads beat one (measured: two threads save a sixth of 3 s at 4 million).
WORTH_THREADS = 10_000_000


@dataclass(frozen=True)
class Recipe:
    """How a model is trained. ``threads`` does not change the model; 0 is as many as are worth it (:meth:`threads_for`)."""

    learning_rate: float = 0.05
    num_leaves: int = 24
    max_depth: int = 6
    min_data_in_leaf: int = 60
    feature_fraction: float = 0.3
    bagging_fraction: float = 0.8
    bagging_freq: int = 1
    lambda_l2: float = 10.0
    max_bin: int = 127
    most_trees: int = 600
    few_trees: int = 40
    patience: int = 30
    seed: int = 20240401
    threads: int = 0

    def threads_for(self, cells: int) -> int:
        """Threads for a matrix of ``cells`` values: one for a small one, whose threads would mostly wait for each other, and
        on a busy machine for long; LightGBM's 0, as many as there are cores, for a large one."""
        return self.threads or (1 if cells < WORTH_THREADS else 0)

    def parameters(self, cells: int = 0) -> dict[str, Any]:
        """LightGBM's parameters for a matrix of ``cells`` values."""
        given = asdict(self)
        for ours in ("most_trees", "few_trees", "patience", "threads"):
            given.pop(ours)
        return {
            **given,
            "objective": "binary",
            "metric": "binary_logloss",
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": self.threads_for(cells),
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
    def facts(self) -> dict[str, Any]:
        """What decided the model, and its number of trees; nothing of the machine that trained it."""
        machine = ("num_threads", "verbosity", "force_row_wise")
        decided = {name: value for name, value in self.recipe.parameters().items() if name not in machine}
        return {**decided, "trees": self.trees}

    @property
    def booster(self) -> lightgbm.Booster:
        return booster_of(self.text)


def train(
    data: Dataset, recipe: Recipe | None = None, *, augment: Augment | None = None, progress: Progress = SILENT
) -> Trained:
    """Fit on the training rows.

    The number of trees is chosen on part of the people (15 in 100), held out at every date (:func:`early_stopping_rows`);
    the model is then fitted to everybody with that number. With too few events to choose by, it has ``few_trees``. The same
    rows and recipe give the same text, on however many threads. :class:`~features.errors.Refused` where there are too few
    events to learn from.
    """
    import lightgbm

    recipe = recipe or Recipe()
    happened = int(min(data.events, len(data) - data.events))
    if happened < FEWEST_EVENTS:
        raise Refused(
            f"expected {FEWEST_EVENTS} events and as many people without one to learn from, found {data.events} events among "
            f"{len(data)} rows; take more people, more dates or a longer horizon"
        )
    values = data.X if augment is None else augment(data)
    names = list(data.names)
    parameters = recipe.parameters(data.X.size)
    progress.stage("trees", recipe.most_trees)

    def told(_: Any) -> None:
        progress.advance()

    fit, judge = early_stopping_rows(data)
    trees, loss = recipe.few_trees, ()
    if min(data.y[rows].sum() for rows in (fit, judge)) >= FEWEST_EVENTS:
        learn = lightgbm.Dataset(
            values[fit], data.y[fit], weight=weight_of(data, fit), feature_name=names, params=parameters
        )
        check = learn.create_valid(data.X[judge], data.y[judge], weight=weight_of(data, judge))
        held: dict[str, Any] = {}
        stop = lightgbm.early_stopping(recipe.patience, verbose=False)
        stopped = lightgbm.train(parameters, learn, recipe.most_trees, valid_sets=[check], valid_names=["held_out"],
                                 callbacks=[stop, lightgbm.record_evaluation(held), told])  # fmt: skip
        trees, loss = max(1, int(stopped.best_iteration)), tuple(held["held_out"]["binary_logloss"])
    progress.stage("model", trees)
    whole = lightgbm.Dataset(values, data.y, weight=data.weight, feature_name=names, params=parameters)
    booster = lightgbm.train(parameters, whole, trees, callbacks=[told])
    return Trained(text_of(booster), trees, loss, recipe)


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


def weight_of(data: Dataset, rows: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64] | None:
    """Weights of the rows chosen, where rows have weights."""
    return None if data.weight is None else data.weight[rows]


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
