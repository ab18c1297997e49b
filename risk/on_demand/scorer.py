"""One person scored now, from their rows as they were posted: the engine, the released model and the words of the weekly run, of one row.

Nothing is kept. What is too little for a number gives none: :class:`TooLittle` says what is lacking.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np

from features import alone
from features.coverage import BIT
from features.engine import memory
from features.engine.passes import fill
from features.engine.plan import Plan, plan
from features.errors import Refused
from features.outcomes import named
from features.predictors import CATALOGUE
from models.bundle import Bundle
from risk.bands import Thresholds
from risk.on_demand.lacking import TooLittle, lacking
from risk.reasons import Explainer, check_additive
from risk.run.scoring import age_bands, stored


@dataclass(frozen=True)
class Scored:
    """A score as a run has it. ``feeds``: of each table that was available, the deliveries it rests on; ``unused`` tables had rows and no feed that
    reaches the date."""

    stood: alone.Alone
    raw: float
    probability: float
    interval: dict[str, float] | None
    band: str
    age_band: str
    reasons: dict[str, Any]
    feeds: list[dict[str, Any]]
    unused: list[str]
    data_as_at: date


@dataclass
class Timing:
    """Seconds by stage."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def of(self, stage: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - began


@dataclass(frozen=True)
class Scorer:
    """A released model made ready: its predictors planned, its trees laid out."""

    bundle: Bundle
    planned: Plan
    explainer: Explainer
    release: Mapping[str, Any]

    @classmethod
    def of(cls, bundle: Bundle, release: Mapping[str, Any]) -> Scorer:
        """:class:`Refused` where the model's predictors are declared otherwise now, or its outcome is about those alone who live in no care home, of
        which one person's rows say too little."""
        if named(bundle.outcome).outside_care_homes:
            raise Refused(f"{bundle.outcome} is not about people in care homes, and is scored by the weekly run alone")
        predictors = bundle.check(CATALOGUE)
        bundle = dataclasses.replace(bundle, threads=1)
        return cls(bundle, plan(predictors), Explainer(predictors, probability=bundle.probability), release)

    def score(self, tables: alone.Tables, stood: alone.Alone, timing: Timing | None = None, area: Mapping[str, date] | None = None) -> Scored:  # fmt: skip
        """The score of whoever stands as ``stood`` by ``tables``, in an ``area`` whose freshest feeds reach so far. :class:`TooLittle` where these do not make one, :class:`Refused` where it is no
        number."""
        timing, bundle = timing or Timing(), self.bundle
        if too_little := [*lacking(bundle, tables, stood)]:
            raise TooLittle(too_little)
        with timing.of("predictors"):
            values = fill(self.planned, alone.rows(tables, stood, area=area), memory.facts(self.planned, tables))
        feeds = np.array([stood.feeds], np.uint64)
        with timing.of("predict"):
            raw = bundle.raw(values)
        with timing.of("calibrate"):
            probability = bundle.probability(raw, feeds)
            if not (np.isfinite(raw).all() and 0 <= probability[0] <= 1):
                raise Refused("the score is no number or its probability outside 0-1; nothing is answered; train the model again")  # fmt: skip
            low, high = bundle.interval(raw, feeds)
            band = Thresholds(bundle.bands.high, bundle.bands.medium).band(probability)
        with timing.of("reasons"):
            contributions = bundle.contributions(values)
            check_additive(contributions, raw)
            moved, other = stored(contributions, raw)
            reasons = self.explainer.explain(moved, values, feeds, None, other)[0]
        delivered = [*_delivered(tables, stood)]
        return Scored(
            stood=stood,
            raw=float(raw[0]),
            probability=float(probability[0]),
            interval=None if np.isnan(low[0]) else {"low": float(low[0]), "high": float(high[0])},
            band=str(band[0]),
            age_band=str(age_bands(np.array([stood.age]))[0]),
            reasons=reasons,
            feeds=delivered,
            unused=sorted(name for name in tables if name in BIT and tables[name] and not stood.feeds >> BIT[name] & 1),
            data_as_at=max(one["received"] for one in delivered),
        )


def _delivered(tables: alone.Tables, stood: alone.Alone) -> Iterator[dict[str, Any]]:
    """The deliveries in force that speak for the person, of the tables available."""
    for row in sorted(tables.get("feed", ()), key=lambda row: (BIT.get(row["table_name"], -1), row["known_at"])):
        name = row["table_name"]
        speaks = name in BIT and stood.feeds >> BIT[name] & 1 and row["covers"] in ("*", stood.practice)
        if speaks and alone.known(row, stood.at):
            yield {"table": name, "source": row["source"], "received": row["known_at"], "up_to": row["period_to"], "period_from": row["period_from"]}  # fmt: skip
