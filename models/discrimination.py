"""Whether those whom an outcome befell were given the higher scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

#: Shares of people that a list might hold.
SHARES = (0.005, 0.01, 0.02, 0.05, 0.1)


def per_cent(share: float) -> str:
    """``0.005`` as ``0.5``: how a share is named in the names of figures."""
    return f"{100 * share:g}"


class Ranking:
    """Rows from the highest score to the lowest. ``score`` (n,) may hold ties: areas under curves count them as half right,
    and where a list must cut among equals, a fixed random order decides.

    ``y`` (n,) is 1 or 0.
    """

    def __init__(self, score: Array, y: Array) -> None:
        chance = np.random.default_rng(0).permutation(len(score))
        self.order = np.lexsort((chance, -score))
        self.y = np.asarray(y, np.float64)[self.order]
        ranked = score[self.order]
        self._ends = np.flatnonzero(np.r_[ranked[1:] != ranked[:-1], True]) if len(ranked) else np.zeros(0, np.int64)

    def areas(self, weights: Array) -> dict[str, Array]:
        """``auroc`` and ``auprc`` (average precision) for each row of weights (b, n); NaN without events or without others."""
        true, false = self._cumulated(weights)
        true, false = true[:, self._ends], false[:, self._ends]
        gained = np.diff(true, axis=1, prepend=0.0)
        fresh = np.diff(false, axis=1, prepend=0.0)
        events, others = true[:, -1], false[:, -1]
        with np.errstate(divide="ignore", invalid="ignore"):
            auroc = (fresh * (true - gained / 2)).sum(axis=1) / (events * others)
            precision = np.divide(true, true + false, out=np.zeros_like(true), where=true + false > 0)
            auprc = (gained * precision).sum(axis=1) / events
        return {"auroc": auroc, "auprc": auprc}

    def auroc(self, weights: Array) -> Array:
        return self.areas(weights)["auroc"]

    def top(self, weights: Array, shares: Sequence[float] = SHARES) -> dict[str, Array]:
        """What a list of the highest ``ceil(share × people)`` would have held, for each row of weights (b, n).

        By share: ``ppv`` (events among the listed), ``sensitivity`` (the listed among events), ``lift`` (PPV over everybody's
        risk) and ``listed_per_event`` (how many are listed for each event among them).
        """
        true, false = self._cumulated(weights)
        reached = true + false
        people, events = reached[:, -1], true[:, -1]
        found: dict[str, Array] = {}
        for share in shares:
            places = np.ceil(np.round(share * people, 9))
            at = np.array([np.searchsorted(row, k) for row, k in zip(reached, places, strict=True)])
            each = np.arange(len(weights))
            over = reached[each, at] - places
            hits = true[each, at] - over * self.y[at]
            name = per_cent(share)
            with np.errstate(divide="ignore", invalid="ignore"):
                found[f"ppv_{name}"] = hits / places
                found[f"sensitivity_{name}"] = hits / events
                found[f"lift_{name}"] = (hits / places) / (events / people)
                found[f"listed_per_event_{name}"] = np.where(hits > 0, places / hits, np.nan)
        return found

    def curves(self) -> Mapping[str, Array]:
        """Points of the precision-recall and ROC curves, one a distinct score."""
        true, false = (each[0, self._ends] for each in self._cumulated(np.ones((1, len(self.y)))))
        return {"recall": true / true[-1], "precision": true / (true + false), "false_positive_rate": false / false[-1]}

    def _cumulated(self, weights: Array) -> tuple[Array, Array]:
        given = weights[:, self.order]
        true = np.cumsum(given * self.y, axis=1)
        return true, np.cumsum(given, axis=1) - true
