"""Emergency stays that ended on the day they began, by provider and month, and an alarm where their recording changed in a step.

Same day emergency care was recorded as an admission by some hospitals and not by others, and moves from admitted care to the emergency
care data set (NHS England; mandated from 1 July 2025 at the latest, earlier by some). A hospital that changes over loses or gains
"admissions" on one day, and a model takes it for people getting better or worse.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from features import clocks
from features.outcomes.declared import Outcome
from features.outcomes.events import among
from features.record.reader import Record

#: Months on either side of a step, and stays in all, that it takes to tell one.
FEWEST_MONTHS, FEWEST_STAYS = 3, 200
#: How many standard errors a step must be, those of counts that vary more than chance would have it widened accordingly.
#: Four, because every month is tried: a level that does not change gave none in 300 simulated providers of three years (a test).
FEWEST_ERRORS = 4.0


@dataclass(frozen=True)
class Step:
    """A step at one provider: from ``month`` (its first day) on the share of zero-day stays is ``after`` where it was ``before``."""

    provider: str
    month: date
    before: float
    after: float
    errors: float


def monthly(record: Record, outcome: Outcome) -> pd.DataFrame:
    """Stays that the outcome could count, zero-day ones among them, by ``provider`` and ``month`` (first day): ``stays``, ``zero_day``.
    Only whole months that had matured when the newest stay was delivered, and stays whose end is known."""
    stay = outcome.stays[0]
    newest = record.newest_known_at()
    if newest is None:
        return pd.DataFrame({"provider": [], "month": [], "stays": [], "zero_day": []})
    until = newest - timedelta(days=outcome.lag_of("spell"))
    methods = f"AND s.admission_method IN {among(stay.methods)}" if stay.methods else ""
    with record.connection.cursor() as cursor:
        return cursor.execute(
            f"""
            SELECT coalesce(s.provider, 'not recorded') AS provider, date_trunc('month', s.event_date)::DATE AS month, count(*) AS stays,
                count(*) FILTER (s.end_date = s.event_date) AS zero_day
            FROM spell s WHERE {clocks.current("s", f"DATE '{newest}'")} AND s.patient_class IN {among(stay.classes)} {methods}
                AND s.end_date IS NOT NULL AND date_trunc('month', s.event_date) + INTERVAL 1 MONTH <= DATE '{until}'
            GROUP BY ALL ORDER BY ALL"""
        ).df()


def steps(months: pd.DataFrame, least: float) -> list[Step]:
    """The largest step of each provider of ``months`` (:func:`monthly`) whose share changed by ``least`` or more and more than chance and
    the provider's own unsteadiness explain."""
    found = []
    for provider, held in months.groupby("provider", sort=True):
        stays, zero = held["stays"].to_numpy(np.float64), held["zero_day"].to_numpy(np.float64)
        if len(held) < 2 * FEWEST_MONTHS or stays.sum() < FEWEST_STAYS:
            continue
        place, before, after, errors = _largest(stays, zero)
        if abs(after - before) >= least and errors >= FEWEST_ERRORS:
            month = pd.Timestamp(held["month"].iloc[place]).date()
            found.append(Step(str(provider), month, round(before, 4), round(after, 4), round(errors, 1)))
    return found


def _largest(stays: npt.NDArray[np.float64], zero: npt.NDArray[np.float64]) -> tuple[int, float, float, float]:
    """The step that is most standard errors: first month of the new level, share before and after, and how many errors."""
    best = (0, 0.0, 0.0, 0.0)
    for place in range(FEWEST_MONTHS, len(stays) - FEWEST_MONTHS + 1):
        sides = (slice(None, place), slice(place, None))
        shares = [zero[side].sum() / max(stays[side].sum(), 1.0) for side in sides]
        spread = [max(p * (1 - p), 1e-9) for p in shares]
        strange = sum(
            float(((zero[side] - p * stays[side]) ** 2 / np.maximum(stays[side] * s, 1e-9)).sum())
            for side, p, s in zip(sides, shares, spread, strict=True)
        )
        widened = max(strange / max(len(stays) - 2, 1), 1.0)
        pooled = zero.sum() / stays.sum()
        error = np.sqrt(
            widened * max(pooled * (1 - pooled), 1e-9) * sum(1 / max(stays[side].sum(), 1.0) for side in sides)
        )
        errors = abs(shares[1] - shares[0]) / error
        if errors > best[3]:
            best = (place, float(shares[0]), float(shares[1]), float(errors))
    return best
