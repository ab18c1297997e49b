"""Weights for people who were lost before their outcome could be known: inverse probability of censoring.

Whoever leaves within the window has no label unless the event came first, so rows with a label hold too many events and too few
of the people who leave. Each labelled row therefore counts for as many as it stands for: one over the probability of not having
been lost by the day on which its answer was known, that is by its event, its death, or the window's last day (Robins and
Rotnitzky 1992; for a binary outcome at a horizon Vock and others 2016, doi 10.1016/j.jbi.2016.03.009). Death without the event
is an answer, no loss: what is estimated is the risk of the event among all who are alive at the date, with death
competing (Fine and Gray 1999). The probability is Kaplan and Meier's, of being lost, in strata within which being lost is taken to
tell nothing of the event.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.errors import BadInput

#: No row stands for more than so many: a stated bias in place of a few rows that decide everything.
MOST = 5.0
#: A stratum with fewer rows or fewer losses is not told apart by its last column, then the one before.
FEWEST_ROWS, FEWEST_LOST = 500, 10

Floats = npt.NDArray[np.float64]
Days = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Weights:
    """``weight`` float64 (n,), 0 for rows that were lost; ``truncated`` rows whose weight would have been over ``most``; ``lost`` rows;
    ``strata`` told apart; ``heaviest`` weight before truncation."""

    weight: Floats
    truncated: int
    lost: int
    strata: int
    heaviest: float
    most: float

    def told(self) -> dict[str, float]:
        """The method's account, ready for JSON."""
        return {"lost": self.lost, "strata": self.strata, "heaviest": round(self.heaviest, 4), "most": self.most,
                "truncated": self.truncated, "mean": round(float(self.weight[self.weight > 0].mean()), 4)}  # fmt: skip


def weigh(
    followed: npt.ArrayLike, lost: npt.ArrayLike, horizon: int, strata: pd.DataFrame | None = None, most: float = MOST
) -> Weights:
    """Weights of ``n`` rows. ``followed`` (n,) whole days from the date to what ended it: to the event or death (the day on which it
    befell), to the day of being lost (the first day not seen), or ``horizon`` where nothing did; ``lost`` (n,) whether it was the
    second. ``strata`` (n rows): columns, coarsest first. :class:`BadInput` where shapes or days do not fit or ``most`` is under 1.
    """
    days, gone = np.asarray(followed, np.int64), np.asarray(lost, np.bool_)
    if days.shape != gone.shape or days.ndim != 1 or not len(days) or (strata is not None and len(strata) != len(days)):
        raise BadInput("expected as many rows followed, lost and in strata, and at least one")
    if most < 1 or days.min() < 0 or days.max() > horizon or (days[gone] >= horizon).any():
        raise BadInput(
            f"expected days from 0 to the horizon of {horizon}, the lost before it, and weights of up to 1 or more"
        )
    group = _groups(gone, strata)
    # The last day on which the row had to be seen: lost on a later one, its answer would still be known.
    needed = np.minimum(days, horizon - 1)
    kept = np.ones(len(days))
    for stratum in range(group.max() + 1):
        rows = group == stratum
        kept[rows] = _kept(needed[rows], gone[rows], horizon)[needed[rows]]
    weight = np.where(gone, 0.0, 1.0 / np.where(gone, 1.0, kept))
    heaviest = float(weight.max())
    return Weights(
        np.minimum(weight, most), int((weight > most).sum()), int(gone.sum()), int(group.max()) + 1, heaviest, most
    )


def _kept(needed: Days, gone: Flags, horizon: int) -> Floats:
    """Kaplan and Meier's probability (horizon,) of not having been lost on or before each day.

    A row is at risk of being lost on each day up to the one on which its answer was known: lost that very day, it would not be.
    """
    lost = np.bincount(needed[gone], minlength=horizon)
    at_risk = len(needed) - np.concatenate([[0], np.cumsum(np.bincount(needed, minlength=horizon))[:-1]])
    return np.cumprod(1.0 - lost / np.maximum(at_risk, 1))


def _groups(gone: Flags, strata: pd.DataFrame | None) -> npt.NDArray[np.int64]:
    """Number (n,) of each row's stratum: by all columns where that is large enough, else by all but the last, and so on; what is
    left at the end is one."""
    group = np.zeros(len(gone), np.int64)
    if strata is None or not gone.any():
        return group
    settled, numbered = np.zeros(len(gone), np.bool_), 1
    for columns in range(strata.shape[1], 0, -1):
        free = np.flatnonzero(~settled)
        if not len(free):
            break
        held = strata.iloc[free, :columns].astype("str")
        codes = held.groupby(list(held), sort=False, dropna=False).ngroup().to_numpy()
        large = (np.bincount(codes) >= FEWEST_ROWS) & (np.bincount(codes, weights=gone[free]) >= FEWEST_LOST)
        rows = free[large[codes]]
        group[rows], settled[rows] = numbered + codes[large[codes]], True
        numbered += codes.max() + 1
    return np.unique(group, return_inverse=True)[1].astype(np.int64)
