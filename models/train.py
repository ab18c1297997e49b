"""The model itself: LightGBM's gradient-boosted trees, one classifier an outcome.

Defaults are regularised for some ten thousand to some million rows with few events; why they are what they are is said in
:mod:`models.recipe`. Absent values go their own way in each split, so nothing is imputed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from features.errors import Refused
from features.progress import SILENT, Progress
from models import monotone
from models.augment import Augment
from models.dataset import Dataset
from models.recipe import Recipe
from models.split import held_out

if TYPE_CHECKING:
    import lightgbm

__all__ = ["FEWEST_EVENTS", "Augment", "Recipe", "Trained", "booster_of", "early_stopping_rows", "text_of", "train"]

#: Events that training needs at least; and that choosing the number of trees needs, on either side.
FEWEST_EVENTS = 10


@dataclass(frozen=True)
class Trained:
    """A model's text in LightGBM's format, and how it came about. ``directions`` are the predictors that risk may only rise with
    (1) or fall with (-1); ``cost`` is what they cost in log loss on people held out, with its interval."""

    text: str
    trees: int
    loss: tuple[float, ...]
    recipe: Recipe
    directions: Mapping[str, int] = field(default_factory=dict)
    cost: Mapping[str, float | None] | None = None

    @property
    def facts(self) -> dict[str, Any]:
        """What decided the model, and its number of trees; nothing of the machine that trained it."""
        machine = ("num_threads", "verbosity", "force_row_wise")
        decided = {name: value for name, value in self.recipe.parameters().items() if name not in machine}
        held = {"monotone": len(self.directions)} | ({} if self.cost is None else {"monotone_cost": self.cost["value"]})
        return {**decided, **held, "trees": self.trees}

    @property
    def booster(self) -> lightgbm.Booster:
        return booster_of(self.text)


def train(
    data: Dataset, recipe: Recipe | None = None, *, augment: Augment | None = None, progress: Progress = SILENT
) -> Trained:
    """Fit on the training rows, changed by ``augment``.

    The number of trees is chosen on part of the people (15 in 100), held out at every date (:func:`early_stopping_rows`) and
    not changed, as is whether the directions that medicine demands are kept; the model is then fitted to everybody. With too few
    events to choose by, it has ``few_trees`` and no such directions. The same rows and recipe give the same text, on however
    many threads. :class:`~features.errors.Refused` where there are too few events to learn from.
    """
    import lightgbm

    from models.blocks import binned, predicted

    recipe = recipe or Recipe()
    check_events(data)
    change = None if augment is None else augment(data)
    parameters = recipe.parameters(data.X.size)

    def told(_: Any) -> None:
        progress.advance()

    progress.stage("binning predictors")
    whole = binned(data, parameters, None, change)
    fit, judge = early_stopping_rows(data)
    stopped, kept, cost = Stopped(recipe.few_trees), dict[str, int](), None
    if min(data.y[rows].sum() for rows in (fit, judge)) >= FEWEST_EVENTS:
        learn = whole.subset(np.flatnonzero(fit).tolist()).construct()
        held = binned(data, parameters, np.flatnonzero(judge), like=whole)
        demanded = monotone.directions(data.names) if recipe.monotone else {}

        def grown(directions: Mapping[str, int]) -> Stopped:
            progress.stage("trees" if not directions else "trees of demanded directions", recipe.most_trees)
            given = {**parameters, **monotone.parameter(data.names, directions)}
            return stopping(given, learn, held, recipe, told)

        stopped = grown({})
        if demanded:
            bound = grown(demanded)
            apart = np.flatnonzero(judge)
            with_them, without = (predicted(each.booster, data, apart, raw=False) for each in (bound, stopped))
            weight = None if data.weight is None else data.weight[apart]
            found = monotone.cost(with_them, without, data.y[apart], data.person_id[apart], weight)
            cost = found.to_json()
            if monotone.free(found):
                stopped, kept = bound, demanded
        del learn, held
    progress.stage("model", stopped.trees)
    given = {**parameters, **monotone.parameter(data.names, kept)}
    booster = lightgbm.train(given, whole, stopped.trees, callbacks=[told])
    return Trained(text_of(booster), stopped.trees, stopped.loss, recipe, kept, cost)


@dataclass(frozen=True)
class Stopped:
    """The number of trees that predicts people held out best, their log loss after each tree, and the model as it then was."""

    trees: int
    loss: tuple[float, ...] = ()
    model: lightgbm.Booster | None = None

    @property
    def booster(self) -> lightgbm.Booster:
        assert self.model is not None
        return self.model


def stopping(
    parameters: Mapping[str, Any],
    learn: lightgbm.Dataset,
    judge: lightgbm.Dataset,
    recipe: Recipe,
    *told: Callable[[Any], None],
) -> Stopped:
    """Grow trees on ``learn`` until ``patience`` of them have gained nothing on ``judge``."""
    import lightgbm

    held: dict[str, Any] = {}
    stop = lightgbm.early_stopping(recipe.patience, verbose=False)
    model = lightgbm.train(dict(parameters), learn, recipe.most_trees, valid_sets=[judge], valid_names=["held_out"],
                           callbacks=[stop, lightgbm.record_evaluation(held), *told])  # fmt: skip
    return Stopped(max(1, int(model.best_iteration)), tuple(held["held_out"]["binary_logloss"]), model)


def check_events(data: Dataset) -> None:
    """:class:`~features.errors.Refused` where there are too few events, or too few rows without one, to learn from."""
    if min(data.events, len(data) - data.events) < FEWEST_EVENTS:
        raise Refused(
            f"expected {FEWEST_EVENTS} events and as many people without one to learn from, found {data.events} events among "
            f"{len(data)} rows; take more people, more dates or a longer horizon"
        )


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
