"""Other recipes than the house's, on the same people, judged on the same others. Called by ``benchmarks.models``; nobody here exists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from features.progress import Progress
from models.dataset import Dataset
from models.discrimination import Ranking
from models.intervals import draw
from models.recipe import Recipe

Figures = dict[str, Any]
HOUSE = "the house's"
#: What each changes of the house's recipe.
OTHERS: Mapping[str, Mapping[str, Any]] = {
    "8 leaves, depth 4": {"num_leaves": 8, "max_depth": 4},
    "63 leaves, depth 8": {"num_leaves": 63, "max_depth": 8},
    "learning rate 0.03, 15 in 100 of the predictors, patience 50": {
        "learning_rate": 0.03, "feature_fraction": 0.15, "patience": 50, "most_trees": 1200,
    },
    "200 rows a leaf, penalty 50": {"min_data_in_leaf": 200, "lambda_l2": 50.0},
}  # fmt: skip


def of(house: Recipe) -> dict[str, Recipe]:
    """Every other recipe, by its name. Directions are left out of each: whether they are kept is another question."""
    return {name: replace(house, monotone=False, **changed) for name, changed in OTHERS.items()}


def figures(raws: Mapping[str, npt.NDArray[np.float64]], trees: Mapping[str, int], data: Dataset, times: int, progress: Progress) -> Figures:  # fmt: skip
    """AUROC and PPV at the top 2% of each raw score (n,), and each less the house's, paired person by person; under ``recipes``, by name."""
    ranked = {name: Ranking(raw, data.y) for name, raw in raws.items()}

    def measure(weights: npt.NDArray[np.float64]) -> dict[str, npt.NDArray[np.float64]]:
        found: dict[str, npt.NDArray[np.float64]] = {}
        for name, ranking in ranked.items():
            told = {**ranking.areas(weights), **ranking.top(weights, (0.02,))}
            found |= {f"{name}/{figure}": told[figure] for figure in ("auroc", "ppv_2")}
        return found

    drawn = draw(measure, data.person_id, times, progress=progress, weight=data.weight)
    told = {
        name: {"trees": trees[name],
               **{figure: drawn.estimate(f"{name}/{figure}").to_json() for figure in ("auroc", "ppv_2")},
               "less": None if name == HOUSE else drawn.difference(f"{name}/auroc", f"{HOUSE}/auroc").to_json()}
        for name in raws
    }  # fmt: skip
    return {"recipes": told}


def table(found: Figures) -> list[str]:
    """Rows of a Markdown table."""
    lines = ["", "| Recipe | Trees | AUROC | PPV, top 2% | AUROC less the house's |", "|---|---|---|---|---|"]
    for name, held in found["recipes"].items():
        less = "–" if held["less"] is None else "{value:+.4f} ({low:+.4f} to {high:+.4f})".format(**held["less"])
        auroc, ppv = ("{value:.4f} ({low:.4f} to {high:.4f})".format(**held[figure]) for figure in ("auroc", "ppv_2"))
        lines.append(f"| {name} | {held['trees']} | {auroc} | {ppv} | {less} |")
    return lines
