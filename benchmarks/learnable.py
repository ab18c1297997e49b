"""What the record lets anybody learn: trees that are taught the true risk itself, out of fold, on the very people who judge.

The distance from the true risk to a model has two parts. Some of what decides a person's risk no record shows. The rest a model
could have learned, and did not, from outcomes that are mostly chance. To part them, trees are fitted to the true risk, which
holds no chance, with the same predictors: where they end is what the record shows of it. That is a lower bound (more people or
another method might get nearer), so the part that no record shows is no more than what is said, and the part not learned no less.
"""

from __future__ import annotations

import lightgbm
import numpy as np
import numpy.typing as npt

from features.progress import Progress
from models.blocks import binned, predicted
from models.dataset import Dataset
from models.recipe import Recipe
from models.split import fold_of, held_out

#: Groups of people, each scored by trees that the others taught.
FOLDS = 3
#: Trees that are taught a probability, not a 1 or 0, may be larger before they learn chance.
RECIPE = Recipe(num_leaves=48, max_depth=8, min_data_in_leaf=40, lambda_l2=1.0, most_trees=1000)


def learnable(data: Dataset, progress: Progress, recipe: Recipe = RECIPE) -> npt.NDArray[np.float64]:
    """Raw scores (n,) of the rows, learned from the true risk of other people."""
    assert data.truth is not None
    true = np.clip(data.truth, 0.0, 1.0)
    taught = {"objective": "cross_entropy", "metric": "cross_entropy"}
    parameters = {**recipe.parameters(data.X.size), **taught}
    fold, apart = fold_of(data.person_id, FOLDS), held_out(data.person_id)
    scores = np.empty(len(data))
    progress.stage("what the record lets anybody learn", FOLDS)
    for k in range(FOLDS):
        learn, stop, rest = (np.flatnonzero(rows) for rows in (
            (fold != k) & ~apart, (fold != k) & apart, fold == k))  # fmt: skip
        bins = binned(data, parameters, learn, taught=true)
        model = lightgbm.train(
            parameters, bins, recipe.most_trees, valid_sets=[binned(data, parameters, stop, like=bins, taught=true)],
            callbacks=[lightgbm.early_stopping(recipe.patience, verbose=False)],
        )  # fmt: skip
        scores[rest] = predicted(model, data, rest)
        progress.advance()
    return scores
