"""How far what goes in and what comes out of a date lie from what the model was made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from models.dataset import SLICES
from models.monitor.facts import Watched
from models.monitor.reference import FEW, QUANTILES, Reference, levels, reached
from models.monitor.shift import by_chance, psi

#: The table of a predictor of which it is not said what it reads.
ANY = "any"


def inputs(watched: Watched, reference: Reference, tables: Mapping[str, Sequence[str]]) -> dict[str, Any] | None:
    """Each predictor's index and share absent, and the mean index of those that each table of the record feeds.

    ``tables`` are those that a predictor reads; one that reads none tells the season, which moves by itself, or whether
    a feed is there, which is compared apart, and is left out. None where the values are not to be looked at.
    """
    if watched.values is None:
        return None
    rows = []
    for name, histogram in reference.predictors.items():
        if not tables.get(name, (ANY,)):
            continue
        now, then = histogram.count(watched.values(name)), histogram.all
        rows.append({
            "predictor": name, "psi": psi(now, then), "by_chance": by_chance(now, then),
            "absent": now[-1] / max(1, now.sum()), "absent_trained": then[-1] / max(1, then.sum()),
        })  # fmt: skip
    fed: dict[str, list[float]] = {}
    for row in rows:
        for table in tables.get(row["predictor"], ()):
            fed.setdefault(table, []).append(row["psi"])
    return {
        "predictors": sorted(rows, key=lambda row: -row["psi"]),
        "by_table": {table: float(np.mean(found)) for table, found in sorted(fed.items())},
    }


def feeds(watched: Watched, reference: Reference) -> list[dict[str, Any]]:
    """The share of people whom each table of the record reaches, then and now, and the index of the two."""
    rows, n = [], len(watched)
    for table, then in reference.feeds.items():
        now = int(reached(watched.feeds, table).sum())
        counts = np.array([now, n - now]), np.array([then, reference.rows - then])
        rows.append({"table": table, "share": now / max(1, n), "share_trained": then / max(1, reference.rows),
                     "psi": psi(*counts), "by_chance": by_chance(*counts)})  # fmt: skip
    return rows


def score(watched: Watched, reference: Reference) -> dict[str, Any]:
    """The raw score's index and quantiles beside those of the calibration people, and the mean probability."""
    now, then = reference.score.count(watched.raw), reference.score.all
    quantiles = np.quantile(watched.raw, QUANTILES).tolist() if len(watched) else []
    return {
        "psi": psi(now, then), "by_chance": by_chance(now, then),
        "quantiles": dict(zip(map(str, QUANTILES), quantiles, strict=False)),
        "quantiles_trained": dict(zip(map(str, QUANTILES), reference.quantiles, strict=False)),
        "mean_probability": float(watched.probability.mean()) if len(watched) else None,
    }  # fmt: skip


def people(watched: Watched, reference: Reference) -> list[dict[str, Any]]:
    """How the kinds of people scored have moved: an index for each way of telling them apart, and the shares that moved most."""
    if watched.slices is None:
        return []
    rows = []
    for by in SLICES:
        then, now = reference.people[by], levels(watched.slices[by].to_numpy())
        names = sorted({*then, *now} - {FEW})
        counts = tuple(np.array([held.get(name, 0) for name in names], np.int64) for held in (now, then))
        shares = [rows_ / max(1, rows_.sum()) for rows_ in counts]
        most = sorted(
            zip(names, *(map(float, held) for held in shares), strict=True), key=lambda row: -abs(row[1] - row[2])
        )
        rows.append({"by": by, "psi": psi(*counts), "by_chance": by_chance(*counts),
                     "most": [{"level": level, "share": now_, "share_trained": then_} for level, now_, then_ in most[:3]]})  # fmt: skip
    return rows
