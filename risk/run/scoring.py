"""Scores, bands, places on the lists and reasons of a whole cohort, from a bundle and a matrix."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as arrow

from features.errors import Refused
from features.record import unconfirmed
from models.bundle import Bundle
from risk.bands import Thresholds
from risk.lists import area_cut, draw

#: People explained at a time: what bounds the memory that reasons take.
CHUNK = 25_000
#: Contribution (log-odds) below which it is kept only in what a run calls other: a thousandth of odds, which nobody is shown.
SMALL = 0.001


def score(
    cohort: pd.DataFrame, raw: npt.NDArray[np.float64], bundle: Bundle, fraction: float, tie_key: bytes,
    capacity: Mapping[str, int] | None = None,
) -> pd.DataFrame:  # fmt: skip
    """One row a person with raw scores (n,), in the cohort's order: ``person_id``, ``practice_scheme``, ``practice``, ``raw`` (float64),
    ``probability`` (0-1), ``low`` and ``high`` (its interval; NaN where the model has none), ``band``, ``rank``, ``listed``, ``k``, ``threshold``, ``feeds``, and what is shown beside a name:
    ``age_band``, ``sex``, ``in_hospital``, ``care_home`` (missing where not known); and how sure it is that all that reads as
    theirs is (:mod:`features.record.unconfirmed`).

    :class:`Refused` where a score is not finite or a probability is none.
    """
    feeds = cohort["feeds"].to_numpy(np.uint64)
    probability = bundle.probability(raw, feeds)
    wrong = ~(np.isfinite(raw) & (probability >= 0) & (probability <= 1))
    if wrong.any():
        raise Refused(
            f"{int(wrong.sum())} of {len(raw)} people got a score that is no number or a probability outside 0-1; "
            "nothing is published; check the model's calibration and train it again"
        )
    scores = cohort[["person_id", "practice_scheme", "practice"]].reset_index(drop=True)
    band = Thresholds(bundle.bands.high, bundle.bands.medium).band(probability)
    low, high = bundle.interval(raw, feeds)
    scores = scores.assign(raw=raw, probability=probability, low=low, high=high, band=band)
    scores[["rank", "listed", "k", "threshold"]] = draw(scores, fraction, tie_key, capacity)
    beside = cohort[["feeds", "sex", "in_hospital", "care_home", *unconfirmed.COLUMNS]].reset_index(drop=True)
    return scores.join(beside.assign(age_band=age_bands(cohort["age"].to_numpy())))


def age_bands(age: npt.NDArray[np.integer[Any]]) -> npt.NDArray[np.str_]:
    """Five years from 20 to 89, and the ends: what is kept and shown in place of an age."""
    start = age // 5 * 5
    said = np.array([f"{year}-{year + 4}" for year in range(0, 90, 5)])
    return np.select([age < 20, age >= 90], ["18-19", "90 and over"], said[np.clip(start // 5, 0, 17)])


def stored(
    contributions: npt.NDArray[np.float64], raw: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float64]]:
    """Contributions (n, p + 1) as a run keeps them: those smaller than :data:`SMALL` 0, the rest in single precision; and what they
    leave out of the raw score (n,), in double precision, so that what is kept adds up to it."""
    kept = contributions.astype(np.float32, order="K")
    kept[:, :-1][np.abs(kept[:, :-1]) < SMALL] = 0
    return kept, raw - kept.sum(axis=1, dtype=np.float64)


def score_rows(scores: pd.DataFrame) -> arrow.Table:
    """The scores as the run's folder holds them, sorted by person as the cohort is."""
    columns = ["person_id", "practice_scheme", "practice", "raw", "probability", "low", "high"]
    columns += ["band", "rank", "listed", "feeds"]
    columns += unconfirmed.COLUMNS
    columns += [name for name in ("held_out", "section") if name in scores]
    return arrow.Table.from_pandas(scores[columns], preserve_index=False)


def practices(scores: pd.DataFrame, registered: Mapping[str, int], fraction: float) -> pd.DataFrame:
    """One row a practice with people scored: ``practice_scheme``, ``practice``, ``registered`` (people of any age),
    ``scored``, ``k``, ``threshold`` (raw score of the last in the list's places), ``listed``, ``cut`` (the probability at the threshold) and
    ``above_area_cut`` (people scored as high as the last of one list of the whole area, as long as ``fraction`` says)."""
    raw = scores["raw"].to_numpy(np.float64)
    scores = scores.assign(
        cut=scores["probability"].where(scores["raw"] == scores["threshold"]), above=raw >= area_cut(raw, fraction)
    )
    drawn = scores.groupby(["practice_scheme", "practice"], observed=True).agg(
        scored=("person_id", "size"),
        k=("k", "first"),
        threshold=("threshold", "first"),
        listed=("listed", "sum"),
        cut=("cut", "max"),
        above_area_cut=("above", "sum"),
    )
    drawn = drawn.sort_index().reset_index()
    drawn.insert(2, "registered", [registered[practice] for practice in drawn["practice"]])
    return drawn


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as the store and JSON take them: Python's own values, None for no number, the practice's scheme as ``scheme``."""
    named = frame.rename(columns={"practice_scheme": "scheme"})
    return [{str(name): _plain(value) for name, value in row.items()} for row in named.to_dict("records")]


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and value != value else value
