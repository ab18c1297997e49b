"""What lists would have held: the highest scores of each practice, and whom that finds."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

Array = npt.NDArray[np.float64]

#: The share of a practice's people that its list holds.
SHARE = 0.02


class Lists:
    """Lists of the highest ``ceil(share × people)`` of each practice at each date, as they are drawn in use.

    ``groups`` (n,) says which list a row competes for; equal scores are put in a fixed random order.
    """

    def __init__(self, score: Array, groups: npt.NDArray[np.int64], share: float = SHARE) -> None:
        self.share = share
        chance = np.random.default_rng(0).permutation(len(score))
        self.order = np.lexsort((chance, -score, groups))
        self._back = np.argsort(self.order, kind="stable")
        sizes = np.bincount(groups) if len(groups) else np.zeros(0, np.int64)
        self._sizes = sizes[sizes > 0]
        self._starts = np.concatenate([[0], np.cumsum(self._sizes)])[:-1].astype(np.int64)

    def taken(self, weights: Array) -> Array:
        """How much of each row is listed (b, n), for each row of weights (b, n): its weight, less what found no place."""
        given = weights[:, self.order]
        reached = np.cumsum(given, axis=1)
        before = reached - given
        people = np.add.reduceat(given, self._starts, axis=1)
        places = np.ceil(np.round(self.share * people, 9))
        room = np.repeat(places + before[:, self._starts], self._sizes, axis=1) - before
        return np.clip(room, 0.0, given)[:, self._back]


def competing(practice: pd.Series, index_date: npt.NDArray[np.datetime64]) -> npt.NDArray[np.int64]:
    """One number for each practice and date (n,)."""
    pairs = pd.DataFrame({"practice": practice.to_numpy(), "day": index_date.astype("datetime64[s]")})
    return np.asarray(pairs.groupby(["practice", "day"], dropna=False, sort=True).ngroup(), np.int64)


def yield_of(taken: Array, weights: Array, y: Array, new: npt.NDArray[np.bool_]) -> dict[str, Array]:
    """What the lists found, overall and among people with no emergency admission in the two years before (``new``).

    ``taken`` and ``weights`` (b, n). ``ppv``, ``sensitivity``, ``lift`` and ``listed_per_event``; ``new_share_of_list`` (the
    new among the listed), ``new_ppv``, ``new_sensitivity`` (of the new people's events, those listed) and
    ``new_events_found`` (the new among all listed who had an event).
    """
    fresh = new.astype(np.float64)
    listed, hits = taken.sum(axis=1), taken @ y
    people, events = weights.sum(axis=1), weights @ y
    new_listed, new_hits, new_events = taken @ fresh, taken @ (fresh * y), weights @ (fresh * y)
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            "ppv": hits / listed,
            "sensitivity": hits / events,
            "lift": (hits / listed) / (events / people),
            "listed_per_event": np.where(hits > 0, listed / hits, np.nan),
            "new_share_of_list": new_listed / listed,
            "new_ppv": new_hits / new_listed,
            "new_sensitivity": new_hits / new_events,
            "new_events_found": new_hits / hits,
        }


def net_benefit(probability: Array, y: Array, weights: Array, threshold: float) -> dict[str, Array]:
    """Net benefit (Vickers and Elkin 2006) of acting on a probability of ``threshold`` or more, and of acting on everybody:
    true positives less false positives at the threshold's odds, for each person."""
    acted = (probability >= threshold).astype(np.float64)
    odds, people = threshold / (1 - threshold), weights.sum(axis=1)
    return {
        "model": (weights @ (acted * y) - odds * (weights @ (acted * (1 - y)))) / people,
        "everybody": (weights @ y - odds * (weights @ (1 - y))) / people,
    }
