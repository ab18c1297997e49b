"""What reasons for everybody cost, beside the scores themselves and beside others that give the same numbers: ``make bench-explain``.

    python -m benchmarks.explain [--rows 1000000] [--rounds 3] [--sample 2000] [--bundle DIR --values FILE] [--work .bench] [--json]

The reference is a model of fixed shape on generated rows, 300 predictors of which a third are mostly zero and a tenth of all values absent:
300 trees of 31 leaves, at most 8 deep. ``--bundle`` adds a released model on the rows of a run's ``values.parquet``, repeated until there are
enough. Each round times every way in turn, so that what else the machine does falls on all alike; a way that is slow explains a sample.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import lightgbm
import numpy as np
import numpy.typing as npt
import pyarrow.parquet as parquet

from benchmarks.results import Figures, Results
from benchmarks.tables import reasons
from models import explain
from models.bundle import Bundle
from models.explain import contributor

#: Rows explained at a time, as a weekly run does.
CHUNK = 25_000
#: People explained one at a time.
SINGLE = 50
Rows = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Shape:
    """A reference model: ``trees`` of ``leaves``, at most ``depth`` deep."""

    trees: int
    leaves: int
    depth: int
    predictors: int = 300
    fitted_to: int = 40_000

    @property
    def name(self) -> str:
        return f"{self.trees} trees x {self.leaves} leaves, depth <= {self.depth}, {self.predictors} predictors"


REFERENCE = Shape(300, 31, 8)
#: What is asked beside the reference with ``--shapes``: the shape to which the published figures belong, and a small one.
OTHERS = (Shape(200, 31, 6), Shape(500, 63, 10))


def rows_of(n: int, predictors: int, seed: int) -> Rows:
    """Generated values (n, predictors)."""
    chance = np.random.default_rng(seed)
    X = chance.standard_normal((n, predictors), np.float32)
    counts = X[:, ::3]
    X[:, ::3] = np.where(chance.random(counts.shape, np.float32) < 0.8, 0, np.round(np.abs(counts) * 3))
    X[chance.random(X.shape, np.float32) < 0.1] = np.nan
    return X


def fitted(shape: Shape, folder: Path) -> lightgbm.Booster:
    """The model of a shape, kept in ``folder``."""
    path = folder / f"explain-{shape.trees}-{shape.leaves}-{shape.depth}-{shape.predictors}-{shape.fitted_to}.txt"
    if not path.is_file():
        X = rows_of(shape.fitted_to, shape.predictors, 1)
        chance = np.random.default_rng(2)
        weight = chance.normal(size=shape.predictors) * (chance.random(shape.predictors) < 0.3)
        y = (np.nan_to_num(X) @ weight * 0.3 + chance.normal(size=len(X)) > 2).astype(float)
        given = {"objective": "binary", "num_leaves": shape.leaves, "max_depth": shape.depth, "feature_fraction": 0.3,
                 "min_data_in_leaf": 20, "learning_rate": 0.05, "seed": 1, "verbosity": -1}  # fmt: skip
        folder.mkdir(parents=True, exist_ok=True)
        lightgbm.train(given, lightgbm.Dataset(X, y, params=given), shape.trees).save_model(path)
    return lightgbm.Booster(model_file=str(path))


def measured(booster: lightgbm.Booster, X: Rows, sample: int, threads: int) -> Figures:
    """Seconds of every way, per row, and how far they are from one another."""
    text = booster.model_to_string()
    made, ours = _timed(lambda: explain.Contributor.of(text))
    ours(X[:10], threads)
    few = X[:sample]
    scored, raw = _timed(lambda: booster.predict(X, raw_score=True, num_threads=threads))
    seconds, off = 0.0, 0.0
    for start in range(0, len(X), CHUNK):
        spent, found = _timed(lambda start=start: ours(X[start : start + CHUNK], threads))  # type: ignore[misc]
        seconds += spent
        off = max(off, float(np.abs(found.sum(axis=1) - raw[start : start + CHUNK]).max()))
    theirs, contributed = _timed(lambda: booster.predict(few, pred_contrib=True, num_threads=threads))
    single, _ = _timed(lambda: [ours(X[i : i + 1], 1) for i in range(SINGLE)])
    with patch.object(contributor, "MOST", (0,)):
        by_rule = explain.Contributor.of(text)
    integrated, _ = _timed(lambda: by_rule(few, threads))
    shap_seconds, shap_values = _by_shap(booster, few)
    n, m = len(X), len(few)
    return {
        "rows": n, "sample": m, "threads": threads, "trees": booster.num_trees(), "predictors": X.shape[1],
        "made": made, "tables": ours.tables.nbytes, "single": single / SINGLE,
        "predict": scored / n, "ours": seconds / n, "pred_contrib": theirs / m, "quadrature": integrated / m,
        "shap": None if shap_seconds is None else shap_seconds / m,
        "off_sum": off, "off_contrib": float(np.abs(ours(few) - contributed).max()),
        "off_shap": None if shap_values is None else float(np.abs(ours(few)[:, :-1] - shap_values).max()),
    }  # fmt: skip


def _by_shap(booster: lightgbm.Booster, X: Rows) -> tuple[float | None, Any]:
    """shap's TreeExplainer, where it is installed."""
    try:
        import shap
    except ImportError:
        return None, None
    held = shap.TreeExplainer(booster)
    seconds, found = _timed(lambda: held.shap_values(X))
    return seconds, found[-1] if isinstance(found, list) else found


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    found = work()
    return time.perf_counter() - start, found


def product() -> str:
    """Hash of the code that is measured."""
    files = sorted(Path(explain.__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]


def _repeated(X: Rows, rows: int) -> Rows:
    return X[np.arange(rows) % len(X)]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--rows", type=int, default=1_000_000)
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--sample", type=int, default=2_000)
    asked.add_argument("--threads", type=int, default=2)
    asked.add_argument("--shapes", action="store_true", help="other shapes of trees too")
    asked.add_argument("--bundle", type=Path, help="folder of a released model")
    asked.add_argument("--values", type=Path, help="values.parquet of a run of that model")
    asked.add_argument("--again", action="store_true", help="measure what is there already, too")
    asked.add_argument("--work", type=Path, default=Path(".bench"))
    asked.add_argument("--json", action="store_true")
    given = asked.parse_args()
    if (given.bundle is None) != (given.values is None):
        asked.error("--bundle and --values go together: a model, and rows of its predictors")
    results = Results(given.work / "results" / f"explain-{given.rows}", given.again)
    for shape in (REFERENCE, *(OTHERS if given.shapes else ())):
        booster, X = fitted(shape, given.work), rows_of(given.rows, shape.predictors, 3)
        name = f"reference-{shape.trees}-{shape.leaves}-{shape.depth}"
        _rounds(results, name, given, booster, X, {"model": f"reference: {shape.name}"})
    if given.bundle is not None:
        bundle = Bundle.load(given.bundle)
        held = parquet.read_table(given.values, columns=list(bundle.names)).to_pandas().to_numpy(np.float32)
        about = {"model": f"released: {bundle.name} version {bundle.version}"}
        _rounds(results, "released", given, bundle.booster, _repeated(held, given.rows), about)
    table = reasons(results)
    if table is not None:
        print(json.dumps(table.as_json) if given.json else table.text)


def _rounds(results: Results, name: str, given: Any, booster: lightgbm.Booster, X: Rows, about: Figures) -> None:
    def once() -> Figures:
        return {**about, **measured(booster, X, given.sample, given.threads)}

    results.rounds(
        name, given.rounds, once, f"{product()}-{hashlib.sha256(booster.model_to_string().encode()).hexdigest()[:12]}"
    )


if __name__ == "__main__":
    main()
