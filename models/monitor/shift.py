"""How far a distribution has moved: the population stability index, and how large it is by chance alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]
Values = npt.NDArray[np.floating[Any]]

#: Fewest rows that a bin of a reference holds: a smaller one would say something of a few people.
FEWEST = 10
#: Bins of a histogram at most, of equal size as far as ties allow.
BINS = 10
#: Standard normal deviate that chance exceeds once in a thousand comparisons, when nothing has moved.
ONCE_IN_A_THOUSAND = 3.0902


@dataclass(frozen=True)
class Histogram:
    """Rows by value: ``counts`` (b,) of the values up to each edge and over the last one, ``absent`` rows without a value.

    ``edges`` (b - 1,) ascend; bin i holds ``edges[i-1] < value <= edges[i]``. No bin holds 1 to 9 rows: it is joined with its
    smaller neighbour, and so few absent rows count as none.
    """

    edges: npt.NDArray[np.float64]
    counts: Counts
    absent: int

    @classmethod
    def of(cls, values: Values, bins: int = BINS) -> Histogram:
        """The histogram of values (n,), NaN where absent: one bin a value where there are few, else of equal size."""
        present = np.asarray(values, np.float64)
        present = present[~np.isnan(present)]
        absent = len(values) - len(present)
        if not len(present):
            return cls(np.zeros(0), np.zeros(1, np.int64), absent)
        distinct = np.unique(present)
        if len(distinct) <= bins:
            edges = distinct[:-1]
        else:
            shares = np.arange(1, bins) / bins
            edges = np.unique(np.quantile(present, shares, method="inverted_cdf"))
        counts = _count(present, edges)
        return cls(*_joined(edges, counts), absent if absent >= FEWEST else 0)

    @property
    def rows(self) -> int:
        return int(self.counts.sum()) + self.absent

    def count(self, values: Values) -> Counts:
        """Rows of ``values`` (n,) in each bin, and absent: (b + 1,)."""
        missing = np.isnan(values)
        return np.append(_count(np.asarray(values[~missing], np.float64), self.edges), int(missing.sum()))

    @property
    def all(self) -> Counts:
        """Rows in each bin, and absent: (b + 1,)."""
        return np.append(self.counts, self.absent)

    def to_json(self) -> dict[str, Any]:
        return {"edges": self.edges.tolist(), "counts": self.counts.tolist(), "absent": self.absent}

    @classmethod
    def from_json(cls, held: Mapping[str, Any]) -> Histogram:
        return cls(np.asarray(held["edges"], np.float64), np.asarray(held["counts"], np.int64), int(held["absent"]))


def psi(now: Counts, then: Counts) -> float:
    """Population stability index of rows in the same bins (b,): Σ (a - e) ln(a / e) of the shares now and then.

    A bin empty on one side alone would make it infinite: half a row is added to each bin of either side. Bins empty on both are
    left out. Source: Siddiqi, *Credit Risk Scorecards* (2006), ch. 9; it is the symmetrised Kullback-Leibler divergence.
    """
    used = (now > 0) | (then > 0)
    if used.sum() < 2 or not now.sum() or not then.sum():
        return 0.0
    a, e = (np.asarray(rows[used], np.float64) + 0.5 for rows in (now, then))
    a, e = a / a.sum(), e / e.sum()
    return float(((a - e) * np.log(a / e)).sum())


def by_chance(now: Counts, then: Counts) -> float:
    """What the index exceeds once in a thousand times though nothing has moved.

    With B bins and n and m rows it is distributed as (1/n + 1/m) χ² of B - 1 degrees of freedom. Source: Yurdakul and Naranjo,
    "Statistical properties of the population stability index", Journal of Risk Model Validation 14 (2020). The quantile of χ² by
    Wilson and Hilferty's cube (1931), at most 3% over it.
    """
    bins = int(((now > 0) | (then > 0)).sum())
    if bins < 2 or not now.sum() or not then.sum():
        return 0.0
    free = bins - 1
    quantile = free * (1 - 2 / (9 * free) + ONCE_IN_A_THOUSAND * np.sqrt(2 / (9 * free))) ** 3
    return float(quantile * (1 / now.sum() + 1 / then.sum()))


def _count(values: npt.NDArray[np.float64], edges: npt.NDArray[np.float64]) -> Counts:
    return np.bincount(np.searchsorted(edges, values, side="left"), minlength=len(edges) + 1).astype(np.int64)


def _joined(edges: npt.NDArray[np.float64], counts: Counts) -> tuple[npt.NDArray[np.float64], Counts]:
    """Small bins joined with their smaller neighbour, until none is small or one is left."""
    bounds, held = edges.tolist(), counts.tolist()
    while len(held) > 1 and min(held) < FEWEST:
        at = held.index(min(held))
        other = min((i for i in (at - 1, at + 1) if 0 <= i < len(held)), key=lambda i: held[i])
        left = min(at, other)
        held[left : left + 2] = [held[left] + held[left + 1]]
        del bounds[left]
    return np.asarray(bounds, np.float64), np.asarray(held, np.int64)
