"""A better recipe looked for within a stated time, by Optuna: on people held out, by log loss, which is least for true probabilities.

The recipe as it is comes first, so what is found is never worse than it on those people. A trial that does worse than the middle of the
earlier ones at the same number of trees is given up; so is the one that is under way when the time is out. The people are some of
those who train: nobody who calibrates or tests has a say. Only what shapes the trees is looked for; their depth and leaves stay within
what can be explained.
"""

from __future__ import annotations

import contextlib
import math
import time
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from features.errors import Refused, WrongUsage
from features.progress import SILENT, Progress
from models.augment import Augment
from models.dataset import Dataset
from models.recipe import DEEPEST, MOST_LEAVES, Recipe
from models.split import hundredth
from models.train import FEWEST_EVENTS, check_events, early_stopping_rows

#: Rows on which recipes are tried, at most: those of so many hundredths of the people.
MOST_ROWS = 300_000
#: Trees after which a trial may be given up, and how often it is asked.
GIVEN, ASKED = 40, 10
#: Trials before the middle of them says anything.
FIRST = 5
#: Longest search, in minutes: a week.
LONGEST = 7 * 24 * 60
_SALT = 0x5EA_0F_9EA7


@dataclass(frozen=True)
class Found:
    """The best ``recipe``, its log ``loss`` on people held out beside that of the recipe as it was (``before``), after so many
    ``trials`` (``given_up`` of them early) on so many ``rows`` in so many ``minutes``."""

    recipe: Recipe
    loss: float
    before: float
    trials: int
    given_up: int
    rows: int
    minutes: float

    def to_json(self) -> dict[str, Any]:
        held = {name: value for name, value in asdict(self).items() if name != "recipe"}
        return {**held, "minutes": round(self.minutes, 2)}


def search(
    data: Dataset,
    minutes: float,
    recipe: Recipe | None = None,
    *,
    augment: Augment | None = None,
    most_rows: int = MOST_ROWS,
    trials: int | None = None,
    progress: Progress = SILENT,
) -> Found:
    """Look for a better recipe than ``recipe`` for ``minutes``, or for so many ``trials`` if they end before.

    The same rows and number of trials find the same recipe. :class:`~features.errors.Refused` where there are too few events
    to compare recipes by; :class:`~features.errors.WrongUsage` for a time that is none.
    """
    import optuna

    from models.blocks import binned

    check_minutes(minutes)
    began, recipe = time.monotonic(), recipe or Recipe()
    check_events(data)
    few = data.take(some(data, most_rows))
    fit, judge = early_stopping_rows(few)
    if min(few.y[rows].sum() for rows in (fit, judge)) < FEWEST_EVENTS:
        raise Refused(f"expected {FEWEST_EVENTS} events among those who learn and those who judge recipes, found too few among {few.events} events; take more people, or no search")  # fmt: skip
    progress.stage("search for a recipe", total=math.ceil(60 * minutes))
    clock = _Clock(began, began + 60 * minutes, progress)
    parameters = recipe.parameters(few.X.size)
    whole = binned(few, parameters, None, None if augment is None else augment(few))
    learn = whole.subset(np.flatnonzero(fit).tolist()).construct()
    held = binned(few, parameters, np.flatnonzero(judge), like=whole)

    def tried(trial: optuna.Trial) -> float:
        chosen = replace(recipe, **_suggested(trial))
        return _loss(trial, chosen.parameters(few.X.size), learn, held, chosen, clock)

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    sampler = optuna.samplers.TPESampler(seed=recipe.seed % 2**32, n_startup_trials=10)
    pruner = optuna.pruners.MedianPruner(n_startup_trials=FIRST, n_warmup_steps=GIVEN)
    study = optuna.create_study(direction="minimize", sampler=sampler, pruner=pruner)
    study.enqueue_trial({name: getattr(recipe, name) for name in SHAPES})
    study.optimize(tried, n_trials=trials, timeout=max(1.0, clock.ends - time.monotonic()))
    states = [trial.state for trial in study.trials]
    before = study.trials[0].value
    assert before is not None
    return Found(
        recipe=replace(recipe, **study.best_params), loss=float(study.best_value), before=float(before), trials=len(states),
        given_up=states.count(optuna.trial.TrialState.PRUNED), rows=len(few), minutes=(time.monotonic() - began) / 60,
    )  # fmt: skip


def check_minutes(minutes: float) -> None:
    if not 0 < minutes <= LONGEST:
        raise WrongUsage(f"expected a search of more than 0 and at most {LONGEST} minutes, found {minutes:g}")


def some(data: Dataset, most: int) -> npt.NDArray[np.bool_]:
    """Rows (n,) of as many hundredths of the people as hold at most ``most`` rows; of one hundredth at least."""
    at = hundredth(data.person_id, _SALT)
    held = np.cumsum(np.bincount(at, minlength=100))
    return at < max(1, int((held <= most).sum()))


#: What is looked for: the kind of number, from, to, and whether by ratio.
SHAPES: dict[str, tuple[str, float, float, bool]] = {
    "learning_rate": ("float", 0.02, 0.15, True),
    "num_leaves": ("int", 6, MOST_LEAVES, True),
    "max_depth": ("int", 3, DEEPEST, False),
    "min_data_in_leaf": ("int", 10, 1000, True),
    "feature_fraction": ("float", 0.1, 1.0, False),
    "bagging_fraction": ("float", 0.4, 1.0, False),
    "lambda_l2": ("float", 0.1, 100.0, True),
}


def _suggested(trial: Any) -> dict[str, Any]:
    return {
        name: getattr(trial, f"suggest_{kind}")(name, low, high, log=ratio)
        for name, (kind, low, high, ratio) in SHAPES.items()
    }


class _OutOfTime(Exception):
    """The time is out while the first trial grows: what it has reached counts."""


@dataclass
class _Clock:
    """When the search ends, and how far its progress has been told (seconds)."""

    told: float
    ends: float
    progress: Progress

    def out(self) -> bool:
        now = time.monotonic()
        if now - self.told >= 1:
            self.progress.advance(int(now - self.told))
            self.told += int(now - self.told)
        return now >= self.ends


def _loss(trial: Any, parameters: dict[str, Any], learn: Any, held: Any, recipe: Recipe, clock: _Clock) -> float:
    """The least log loss of a trial on people held out."""
    import lightgbm
    import optuna

    losses: list[float] = []

    def watch(env: Any) -> None:
        losses.append(float(env.evaluation_result_list[0][2]))
        if len(losses) % ASKED == 0:
            trial.report(min(losses), len(losses))
            if trial.should_prune():
                raise optuna.TrialPruned
        if clock.out():
            trial.study.stop()
            raise _OutOfTime if trial.number == 0 else optuna.TrialPruned

    with contextlib.suppress(_OutOfTime):
        lightgbm.train(parameters, learn, recipe.most_trees, valid_sets=[held], valid_names=["held_out"],
                       callbacks=[watch, lightgbm.early_stopping(recipe.patience, verbose=False)])  # fmt: skip
    return min(losses)
