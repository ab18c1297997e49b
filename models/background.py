"""What it does to accuracy and to fairness that a model knows who people are: their sex, how deprived their neighbourhood is, whether they
need an interpreter.

The same recipe is fitted to the same rows with those predictors and without, and both models draw the same lists. A predictor that is left
out is not gone: what goes with it tells of it. So the figures that matter are how far apart kinds of people are on the lists, either way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from features.progress import SILENT, Progress
from models.compared import compare
from models.dataset import Dataset
from models.intervals import TIMES, draw
from models.refits import refit
from models.train import Recipe
from models.validate import Judge
from models.ways import OURS, Scored

#: Kinds of people whose distance is told, and the figures that it is told in.
KINDS, FIGURES = ("sex", "imd_fifth", "ethnicity"), ("sensitivity", "ppv", "observed_expected")


def background(
    learn: Dataset, test: Dataset, names: Sequence[str], recipe: Recipe, times: int = TIMES, progress: Progress = SILENT
) -> dict[str, Any]:
    """``predictors`` that were left out (of ``names``, those that the rows have); ``ways``: rows of :func:`~models.compared.compare`, with
    them and without; ``gaps``: one row a kind of people and figure, its distance ``with`` and ``without`` them."""
    held = [name for name in learn.names if name in names]
    kept = [column for column, name in enumerate(learn.names) if name not in held]
    progress.stage("model with who people are")
    scored = {"with": refit(learn, test, recipe, f"with {_said(held)}")}
    progress.stage("model without who people are")
    scored["without"] = refit(_columns(learn, kept), _columns(test, kept), recipe, f"without {_said(held)}")
    gaps = {way: _gaps(test, one, times) for way, one in scored.items()}
    return {
        "predictors": held,
        "ways": compare(test, scored, "with", times, progress=progress, name="who people are"),
        "gaps": [
            {"by": by, "figure": figure, **{way: gaps[way].get((by, figure)) for way in scored}}
            for by in KINDS
            for figure in FIGURES
            if any((by, figure) in told for told in gaps.values())
        ],
    }


def _gaps(test: Dataset, way: Scored, times: int) -> dict[tuple[str, str], dict[str, float | None]]:
    """The difference of the highest and the lowest level, by kind and figure."""
    held = Judge(test, {OURS: way})
    drawn = draw(held.measure, test.person_id, times, weight=test.weight)
    return {(row["by"], row["figure"]): row["difference"] for row in held.slices.gaps(drawn)}


def _columns(data: Dataset, columns: Sequence[int]) -> Dataset:
    at = list(columns)
    return replace(
        data,
        X=data.X[:, at],
        names=tuple(data.names[i] for i in at),
        fingerprints=tuple(data.fingerprints[i] for i in at),
    )


def _said(names: Sequence[str]) -> str:
    return ", ".join(name.replace("_", " ") for name in names) or "nothing"
