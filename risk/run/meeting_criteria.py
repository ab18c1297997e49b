"""The stage of a run that says who meets which criterion; kept once it is whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import pandas as pd

from risk import criteria
from risk.run.resuming import Underway
from risk.run.stages import Matrix, parts

STAGE, MET = "criteria", "criteria.json"
Masks = tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]
_PRACTICE = ["practice_scheme", "practice"]


def find(held: Matrix, scores: pd.DataFrame, underway: Underway) -> None:
    """Who of ``scores`` (``person_id``, ``practice_scheme``, ``practice``, ``band``, ``feeds``, ``unconfirmed``) meets which, part by part of the matrix."""
    kept = underway.kept
    if kept.done(STAGE) is not None:
        return
    entries: list[dict[str, Any]] = []
    counted = []
    for part, rows in parts(len(scores)):
        own = scores.iloc[rows].reset_index(drop=True)
        matrix = held.values(part, criteria.PREDICTORS)
        values: dict[str, criteria.Values] = {name: matrix[:, i] for i, name in enumerate(criteria.PREDICTORS)}
        values[criteria.HIGH_BAND] = np.asarray(own["band"] == "high", np.float32)
        masks = own["feeds"].to_numpy(np.uint64), own["unconfirmed"].to_numpy(np.uint64)
        for one in criteria.CRITERIA:
            met, unknown = criteria.met(one, values, *masks)
            counted.append(own[_PRACTICE].assign(criterion=one.name, met=met, unknown=unknown))
            entries += _entries(one, own, values, masks, met)
    counts = pd.concat(counted).groupby(["criterion", *_PRACTICE], observed=True).agg(
        scored=("met", "size"), met=("met", "sum"), unknown=("unknown", "sum")
    ).reset_index().rename(columns={"practice_scheme": "scheme"})  # fmt: skip
    kept.file(MET).write_bytes(orjson.dumps({"counts": counts.to_dict("records"), "entries": entries}))
    kept.finish(STAGE, [MET])


def found(underway: Underway) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The counts by criterion and practice, and the people, as the store takes them."""
    told = orjson.loads(underway.kept.file(MET).read_bytes())
    return told["counts"], told["entries"]


def _entries(
    one: criteria.Criterion, own: pd.DataFrame, values: Mapping[str, criteria.Values], masks: Masks, met: criteria.Known
) -> Iterator[dict[str, Any]]:
    whom = np.flatnonzero(met)
    columns = (own[name].to_numpy()[whom].tolist() for name in ("person_id", *_PRACTICE))
    for person, scheme, practice, why in zip(*columns, criteria.because(one, values, *masks, whom), strict=True):
        yield {"criterion": one.name, "person_id": person, "scheme": scheme, "practice": practice, "because": why}
