"""What befell the people of one date, beside what they were given: calibration with control limits, and the list as published."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from models import logistic
from models.dataset import SLICES
from models.discrimination import Ranking
from models.monitor.facts import Array, Watched
from models.reliability import wilson

#: Standard errors of the warning and of the action limits of a control chart (Shewhart 1931).
WARNING, ACTION = 2.0, 3.0
#: Fewest events, and fewest people without one, that figures of a date or a kind of people rest on.
FEWEST = 10


def happened(watched: Watched) -> dict[str, Any] | None:
    """Figures of the people whose outcome is known; None where too few are, or too few had the event.

    ``people``, ``events``, ``expected``, ``observed_expected`` with its limits, ``slope`` and ``auroc`` with 95% intervals, and
    ``list``: of those listed as published, PPV and sensitivity with 95% intervals (Wilson 1927).
    """
    known = watched.known
    y, p, raw, listed = watched.y[known], watched.probability[known], watched.raw[known], watched.listed[known]
    events = float(y.sum())
    if min(events, len(y) - events) < FEWEST:
        return None
    return {
        "people": len(y), "events": int(events), **calibration(y, p), "slope": slope(y, p), "auroc": auroc(raw, y),
        "list": on_list(listed, y), "subgroups": subgroups(watched, known),
    }  # fmt: skip


def calibration(y: Array, p: Array) -> dict[str, Any]:
    """Events over those expected, and between which values that lies by chance alone if every probability is right: 1 ± z·√Σp(1-p) / Σp,
    as of a standardised ratio (Spiegelhalter 2005, funnel plots)."""
    expected, error = float(p.sum()), float(np.sqrt((p * (1 - p)).sum()))

    def limits(z: float) -> list[float]:
        return [max(0.0, 1 - z * error / expected), 1 + z * error / expected]

    return {"expected": expected, "observed_expected": float(y.sum()) / expected, "warning": limits(WARNING), "action": limits(ACTION)}  # fmt: skip


def slope(y: Array, p: Array) -> dict[str, float]:
    """Slope of the outcome's log-odds on those given, with its 95% interval by the information of the fit; 1 is right."""
    given = logistic.logit(p)
    if np.ptp(given) < 1e-9:
        return {"value": float("nan"), "low": float("nan"), "high": float("nan")}
    terms = np.column_stack([np.ones_like(given), given])
    beta = logistic.fit(terms, y)
    fitted = logistic.sigmoid(terms @ beta)
    spread = (terms * (fitted * (1 - fitted))[:, None]).T @ terms
    half = 1.96 * float(np.sqrt(np.linalg.inv(spread)[1, 1]))
    return {"value": float(beta[1]), "low": float(beta[1]) - half, "high": float(beta[1]) + half}


def auroc(raw: Array, y: Array) -> dict[str, float]:
    """Area under the ROC curve with its 95% interval (Hanley and McNeil 1982)."""
    area = float(Ranking(raw, y).auroc(np.ones((1, len(y))))[0])
    events, others = float(y.sum()), float(len(y) - y.sum())
    two, half = area / (2 - area), 2 * area**2 / (1 + area)
    variance = (area * (1 - area) + (events - 1) * (two - area**2) + (others - 1) * (half - area**2)) / (
        events * others
    )
    error = 1.96 * float(np.sqrt(max(variance, 0.0)))
    return {"value": area, "low": max(0.0, area - error), "high": min(1.0, area + error)}


def on_list(listed: np.ndarray[Any, np.dtype[np.bool_]], y: Array) -> dict[str, Any] | None:
    """Of the listed, those with the event (PPV); of the events, those listed (sensitivity). None where nobody was listed."""
    on, hits, events = int(listed.sum()), float(y[listed].sum()), float(y.sum())
    if not on or not events:
        return None
    ppv, sensitivity = wilson(hits, on), wilson(hits, int(events))
    return {
        "listed": on, "hits": int(hits), "ppv": {"value": hits / on, "low": ppv[0], "high": ppv[1]},
        "sensitivity": {"value": hits / events, "low": sensitivity[0], "high": sensitivity[1]},
    }  # fmt: skip


def subgroups(watched: Watched, known: np.ndarray[Any, np.dtype[np.bool_]]) -> list[dict[str, Any]]:
    """Calibration, PPV and the share of the list against the share of events, by kind of people; small ones named without figures."""
    if watched.slices is None:
        return []
    y, p, listed = watched.y[known], watched.probability[known], watched.listed[known]
    rows: list[dict[str, Any]] = []
    for by in SLICES:
        codes, names = pd.factorize(watched.slices[by].to_numpy()[known].astype(str), sort=True)
        for code, level in enumerate(names):
            held = codes == code
            events = float(y[held].sum())
            if min(events, held.sum() - events) < FEWEST:
                rows.append({"by": by, "level": str(level), "too_few": True})
                continue
            found = on_list(listed[held], y[held])
            rows.append({
                "by": by, "level": str(level), "people": int(held.sum()), "events": int(events), **calibration(y[held], p[held]),
                "ppv": found["ppv"] if found and found["listed"] >= FEWEST else None,
                "share_of_list": _share(listed[held].sum(), listed.sum()), "share_of_events": _share(events, y.sum()),
            })  # fmt: skip
    return rows


def _share(part: float, whole: float) -> float | None:
    return float(part / whole) if whole else None
