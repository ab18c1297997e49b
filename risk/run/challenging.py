"""The challenger beside the live model: both score the same people of the same run, and a table says how far they differ.

Only sums over all people are kept, in the run's own ``run.json``, which no client or page is shown: nobody's second score is written
down, so nobody acts on it. A shadow run keeps the challenger's scores and reasons in full, and is published to nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import rankdata

from features.engine.language import Declared
from features.errors import FrailtyError
from features.predictors import CATALOGUE
from models.bundle import Bundle
from risk.lists import draw
from risk.release import challenging_bundle, live_bundle
from risk.settings import Settings
from risk.store import Store
from risk.store.releases import CHALLENGER, LIVE

Array = npt.NDArray[np.float64]

#: Figures of the report that stand beside each model in the table.
TESTED = ("auroc", "slope", "ici")


@dataclass(frozen=True)
class Pair:
    """``bundle`` is what the run is made with; ``other`` is compared with it, or ``why`` it cannot be; without either there is nobody to
    compare with."""

    bundle: Bundle
    role: str = LIVE
    other: Bundle | None = None
    why: str = ""

    def predictors(self, own: Sequence[Declared]) -> tuple[Declared, ...]:
        """``own`` predictors of the run's model, and after them those that the other alone needs."""
        if self.other is None:
            return tuple(own)
        known = {predictor.name for predictor in own}
        return (*own, *(predictor for predictor in self.other.check(CATALOGUE) if predictor.name not in known))

    def told(
        self,
        scores: pd.DataFrame,
        raw_of: Callable[[Bundle], Array],
        fraction: float,
        tie_key: bytes,
        capacity: Mapping[str, int] | None = None,
    ) -> dict[str, Any] | None:
        """How the other's scores differ from ``scores``; ``raw_of`` gives a bundle's raw scores of the same people. Lists are drawn with the
        same key. That the other fails stops nothing: it is said. None where there is nobody to compare with."""
        if self.other is None:
            return {"not_compared": self.why} if self.why else None
        try:
            raw = raw_of(self.other)
            if not np.isfinite(raw).all():
                return {"not_compared": f"{int((~np.isfinite(raw)).sum())} people got a score that is no number"}
            return self._compared(scores, raw, fraction, tie_key, capacity)
        except FrailtyError as error:
            return {"not_compared": str(error)}

    def _compared(
        self, scores: pd.DataFrame, raw: Array, fraction: float, tie_key: bytes, capacity: Mapping[str, int] | None
    ) -> dict[str, Any]:
        assert self.other is not None
        roles = (self.role, LIVE if self.role == CHALLENGER else CHALLENGER)
        listed = scores["listed"].to_numpy(bool)
        theirs = draw(scores.assign(raw=raw), fraction, tie_key, capacity)["listed"].to_numpy(bool)
        probability, other = (
            scores["probability"].to_numpy(np.float64),
            self.other.probability(raw, scores["feeds"].to_numpy(np.uint64)),
        )
        masks, many = np.unique(scores["feeds"].to_numpy(np.uint64), return_counts=True)
        unknown = sum(int(people) for mask, people in zip(masks, many, strict=True) if not self.other.serves(int(mask)))
        return {
            "people": len(scores),
            "score_correlation": correlation(scores["raw"].to_numpy(np.float64), raw),
            "listed": int(listed.sum()),
            "listed_by_both": int((listed & theirs).sum()),
            "list_overlap": float((listed & theirs).sum() / max(1, listed.sum())),
            "mean_difference": float(np.abs(probability - other).mean()) if len(scores) else None,
            "feeds_not_trained_with": unknown,
            "models": [
                _of(role, bundle, given)
                for role, bundle, given in zip(roles, (self.bundle, self.other), (probability, other), strict=True)
            ],
        }


def pair(store: Store, settings: Settings, name: str, *, shadow: bool) -> Pair:
    """The model that a run is made with and the one beside it: the live one and the challenger, or in a shadow run the other way round.
    Without a challenger a run is made with the live model. :class:`~features.errors.Refused` where that is not to be had."""
    if shadow and (tried := challenging_bundle(store, settings, name)) is not None:
        try:
            return Pair(tried, CHALLENGER, _able(live_bundle(store, settings, name)))
        except FrailtyError as error:
            return Pair(tried, CHALLENGER, why=str(error))
    live = live_bundle(store, settings, name)
    try:
        tried = challenging_bundle(store, settings, name)
        return Pair(live, LIVE, None if tried is None else _able(tried))
    except FrailtyError as error:
        return Pair(live, LIVE, why=str(error))


def correlation(one: Array, other: Array) -> float | None:
    """Spearman's rank correlation of two scores (n,); None where either says the same of everybody."""
    ranks = [rankdata(score) for score in (one, other)]
    if len(one) < 2 or any(np.ptp(rank) == 0 for rank in ranks):
        return None
    return float(np.corrcoef(*ranks)[0, 1])


def _able(bundle: Bundle) -> Bundle:
    """The bundle, whose predictors are declared as they were."""
    bundle.check(CATALOGUE)
    return bundle


def _of(role: str, bundle: Bundle, probability: Array) -> dict[str, Any]:
    """One model's row: what it expects of these people, and how it was calibrated on those it was tested on."""
    tested = bundle.report.get("performance", {}).get("ours", {})
    return {
        "role": role,
        "version": bundle.version,
        "sha256": bundle.sha256,
        "expected_events": round(float(probability.sum()), 1),
        "mean_probability": float(probability.mean()) if len(probability) else None,
        "high": int((probability >= bundle.bands.high).sum()),
        "tested": {figure: (tested.get(figure) or {}).get("value") for figure in TESTED},
    }
