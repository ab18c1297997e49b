"""The outcomes that a run scores beside the one that its lists rank by: each with a model, a probability and reasons of its own.

They are columns beside the ranking outcome and never blended with it: the ranking outcome alone draws the priority list. Whoever an outcome is
not about (under its age, or in a care home where it is the move into one), and whoever has a pattern of feeds that its model was not
validated with, has no figure of it: absent, not guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.cohort import Cohort
from features.errors import Refused, WrongUsage
from features.outcomes import named
from features.outcomes.living import in_care_home
from features.predictors import CATALOGUE, Declared
from features.record.reader import Record
from models.bundle import Bundle
from risk.bands import Thresholds
from risk.release import live_bundle
from risk.settings import Settings
from risk.store import Store

#: What a person's row of an outcome holds.
COLUMNS = ("person_id", "raw", "probability", "low", "high", "band")
#: Why somebody has no figure of an outcome.
UNDER_AGE, IN_CARE_HOME, FEEDS = "under_age", "in_care_home", "feeds_not_validated"


@dataclass(frozen=True, eq=False)
class Beside:
    """One outcome beside: its model and the model's predictors."""

    bundle: Bundle
    predictors: tuple[Declared, ...]

    @property
    def name(self) -> str:
        return self.bundle.name

    @property
    def youngest(self) -> int:
        return max(self.bundle.minimum_age, named(self.bundle.outcome).minimum_age)

    def about(self, record: Record, cohort: Cohort) -> tuple[npt.NDArray[np.bool_], dict[str, int]]:
        """Whom of the cohort it is about (n,), and how many it is not about, by reason."""
        frame = cohort.frame
        held = np.ones(len(frame), np.bool_)
        left_out = {}
        homes = named(self.bundle.outcome).outside_care_homes
        masks = frame["feeds"].to_numpy(np.uint64)
        served = {int(mask): self.bundle.serves(int(mask)) for mask in np.unique(masks)}
        for reason, fits in (
            (UNDER_AGE, frame["age"].to_numpy() >= self.youngest),
            (IN_CARE_HOME, ~in_care_home(record, frame) if homes else held),
            (FEEDS, np.array([served[int(mask)] for mask in masks], np.bool_)),
        ):
            if gone := int((held & ~fits).sum()):
                left_out[reason] = gone
            held = held & fits
        return held, left_out

    def scored(self, frame: pd.DataFrame, raw: npt.NDArray[np.float64]) -> pd.DataFrame:
        """:data:`COLUMNS` of the people of ``frame`` (``person_id``, ``feeds``), whom it is about, with their raw scores (n,).

        :class:`Refused` where a score is not finite or a probability is none.
        """
        feeds = frame["feeds"].to_numpy(np.uint64)
        probability = self.bundle.probability(raw, feeds)
        wrong = ~(np.isfinite(raw) & (probability >= 0) & (probability <= 1))
        if wrong.any():
            raise Refused(
                f"{int(wrong.sum())} of {len(raw)} people got a score of {self.name} that is no number or a probability outside 0-1; "
                "nothing is published; check the model's calibration and train it again, or take it out of run_outcomes"
            )
        low, high = self.bundle.interval(raw, feeds)
        band = Thresholds(self.bundle.bands.high, self.bundle.bands.medium).band(probability)
        return pd.DataFrame(
            {"person_id": frame["person_id"].to_numpy(np.int64), "raw": raw, "probability": probability, "low": low, "high": high,
             "band": band}
        )  # fmt: skip

    def said(self, place: int, scores: pd.DataFrame, left_out: dict[str, int]) -> dict[str, Any]:
        """What the run's manifest says of it."""
        bundle = self.bundle
        return {
            "place": place,
            "name": bundle.name,
            "outcome": bundle.outcome,
            "title": named(bundle.outcome).title,
            "horizon": bundle.horizon,
            "minimum_age": self.youngest,
            "model": {"name": bundle.name, "version": bundle.version, "sha256": bundle.sha256},
            "predictors": {predictor.name: predictor.fingerprint for predictor in self.predictors},
            "bands": bundle.bands._asdict(),
            "calibrator": bundle.calibrator.to_json(),
            "scored": len(scores),
            "not_scored": left_out,
            "high": int((scores["band"] == "high").sum()),
        }


def beside(store: Store, settings: Settings, ranking: str) -> tuple[Beside, ...]:
    """The outcomes of the setting ``run_outcomes``, without the ``ranking`` one; :class:`Refused` where a model is not live,
    :class:`WrongUsage` where a name comes twice."""
    names = [name.strip() for name in settings.run_outcomes.split(",") if name.strip()]
    if len(set(names)) != len(names):
        raise WrongUsage(f"expected each model of run_outcomes once, found {settings.run_outcomes!r}")
    found = [live_bundle(store, settings, name) for name in names if name != ranking]
    return tuple(Beside(bundle, bundle.check(CATALOGUE)) for bundle in found)


def union(*groups: Sequence[Declared]) -> tuple[Declared, ...]:
    """Every predictor of ``groups`` once, in the order in which they come."""
    return tuple({predictor.name: predictor for group in groups for predictor in group}.values())
