"""What a model was made of, as counts: what later people are held against. Nobody can be found in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from features.errors import BadInput
from features.record.tables import PERSON_TABLES
from models.dataset import SLICES, Dataset
from models.monitor.shift import FEWEST, Histogram

FORMAT = 1
#: Rows from which the counts are taken, at most, drawn at random with this seed.
ROWS, SEED = 200_000, 20240404
#: Bins of the raw score: finer than of a predictor, since all rests on it.
SCORE_BINS = 20
#: Rows that a bin of it holds, about, at least: of a few hundred people in bins of ten, chance and a shift that matters to nobody together
#: reach the index that stops a run (in 5 of 1,000 areas of 223 people and 20 bins; in none of 3,000 with 4).
SCORE_ROWS = 50
#: Shares of people below the quantiles of the raw score that are kept.
QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.98, 0.99)


@dataclass(frozen=True)
class Reference:
    """Distributions of the training people (predictors, feeds, kinds of people) and of the raw score of the calibration people, whom
    the trees never saw.

    ``feeds``: rows that each table of the record reached; ``people``: rows by slice and level (levels of fewer than 10 people
    together). ``rows`` training rows counted, ``scored`` calibration rows.
    """

    rows: int
    scored: int
    predictors: Mapping[str, Histogram]
    feeds: Mapping[str, int]
    people: Mapping[str, Mapping[str, int]]
    score: Histogram
    quantiles: tuple[float, ...]
    dates: tuple[str, ...] = ()

    @classmethod
    def of(cls, trained: Dataset, raw: npt.NDArray[np.float64], tables: Sequence[str] = PERSON_TABLES) -> Reference:
        """From the training rows and the raw scores (m,) of the calibration rows. ``tables`` are those that predictors read."""
        held = trained
        if len(held) > ROWS:
            held = held.take(np.sort(np.random.default_rng(SEED).choice(len(held), ROWS, replace=False)))
        return cls(
            rows=len(held),
            scored=len(raw),
            predictors={name: Histogram.of(held.X[:, i]) for i, name in enumerate(held.names)},
            feeds={table: int(reached(held.feeds, table).sum()) for table in tables},
            people={by: levels(held.slices[by].to_numpy()) for by in SLICES},
            score=Histogram.of(raw, min(SCORE_BINS, max(2, len(raw) // SCORE_ROWS))),
            quantiles=tuple(np.quantile(raw, QUANTILES).tolist()) if len(raw) else (),
            dates=tuple(trained.dates),
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "format": FORMAT, "rows": self.rows, "scored": self.scored, "dates": list(self.dates),
            "predictors": {name: histogram.to_json() for name, histogram in self.predictors.items()},
            "feeds": dict(self.feeds), "people": {by: dict(rows) for by, rows in self.people.items()},
            "score": self.score.to_json(), "quantiles": list(self.quantiles),
        }  # fmt: skip

    @classmethod
    def from_json(cls, held: Mapping[str, Any]) -> Reference:
        """:class:`BadInput` where it is of another format."""
        if held.get("format") != FORMAT:
            raise BadInput(f"expected what a model was made of in format {FORMAT}, found format {held.get('format')}; train the model again")  # fmt: skip
        return cls(
            rows=held["rows"], scored=held["scored"], dates=tuple(held["dates"]),
            predictors={name: Histogram.from_json(rows) for name, rows in held["predictors"].items()},
            feeds=held["feeds"], people=held["people"], score=Histogram.from_json(held["score"]),
            quantiles=tuple(held["quantiles"]),
        )  # fmt: skip


def reached(feeds: npt.NDArray[np.uint64], table: str) -> npt.NDArray[np.bool_]:
    """Which rows (n,) a table of the record reached, by their mask."""
    return (feeds >> np.uint64(PERSON_TABLES.index(table)) & np.uint64(1)).astype(bool)


#: What small levels are called together.
FEW = "others, fewer than 10 each"


def levels(values: npt.NDArray[Any]) -> dict[str, int]:
    """Rows by level, those of fewer than 10 rows together (left out where they are fewer than 10 together)."""
    names, rows = np.unique(values.astype(str), return_counts=True)
    large = {str(name): int(n) for name, n in zip(names, rows, strict=True) if n >= FEWEST}
    few = int(rows.sum()) - sum(large.values())
    return {**large, FEW: few} if few >= FEWEST else large
