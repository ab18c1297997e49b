"""Directions that medicine demands: predictors with which a person's risk, all else equal, may only rise or only fall.

They keep a model from telling a clinician that a second admission lowers a risk which the first raised, where a few people happen to
say so. They are declared only where a published score or guideline says the same of the predictor itself; an age, a blood
pressure or a weight has no such direction, since both ends are dangerous, and a service or a plan has none, since it answers
need and is meant to lower risk. An absent value has no place in the order and goes its own way.

A direction is a belief, and people may not bear it out. So a model is grown with them and without, and they are kept only
where they cost nothing: log loss on people held out, paired person by person, is not clearly greater with them
(:func:`free`). All are kept or none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from models.intervals import TIMES, Estimate, draw

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Demand:
    """Risk may only rise (``direction`` 1) or only fall (-1) with the ``predictors``, for the reason in ``source``."""

    predictors: tuple[str, ...]
    direction: int
    source: str


_PAST = "Billings and others 2006 (PARR, 10.1136/bmj.38870.657917.AE) and 2012 (PARR-30, 10.1136/bmjopen-2012-001667): past emergency admissions raise the risk of another"
_EFI = "Clegg and others 2016 (10.1093/ageing/afw039): the more deficits of the electronic frailty index, the higher the risk of admission and death"
_HFRS = "Gilbert and others 2018 (10.1016/S0140-6736(18)30668-8): the higher the Hospital Frailty Risk Score, the higher the risk"
_CHARLSON = (
    "Charlson and others 1987 (10.1016/0021-9681(87)90171-8): weights of comorbidities are risks of death, and add up"
)
_CFS = "Rockwood and others 2005 (10.1503/cmaj.050051): each step of the Clinical Frailty Scale raises the risk of death and of institutional care"
_NEWS = "Royal College of Physicians 2017, National Early Warning Score 2: the higher the score, the graver the illness"

DEMANDS: tuple[Demand, ...] = (
    Demand(tuple(f"emergency_admissions_{within}" for within in ("30d", "90d", "1y", "2y", "3y")), 1, _PAST),
    Demand(("days_since_emergency_admission",), -1, _PAST),
    Demand(("efi_deficits", "efi_fraction", "efi_band"), 1, _EFI),
    Demand(("hfrs_2y", "hfrs_1y", "hfrs_band"), 1, _HFRS),
    Demand(("charlson_index", "charlson_band"), 1, _CHARLSON),
    Demand(("latest_cfs",), 1, _CFS),
    Demand(("latest_news2", "highest_news2_1y"), 1, _NEWS),
)


def directions(names: Sequence[str]) -> dict[str, int]:
    """The direction of each demanded predictor among ``names``."""
    demanded = {name: demand.direction for demand in DEMANDS for name in demand.predictors}
    return {name: demanded[name] for name in names if name in demanded}


def parameter(names: Sequence[str], kept: Mapping[str, int]) -> dict[str, Any]:
    """LightGBM's parameters for directions of some of the columns ``names``; none where there are no directions."""
    return {"monotone_constraints": [kept.get(name, 0) for name in names]} if kept else {}


def cost(
    bound: Array,
    free_of: Array,
    y: Array,
    person_id: npt.NDArray[np.int64],
    weight: Array | None = None,
    times: int = TIMES,
) -> Estimate:
    """By how much the log loss of probabilities with directions (n,) exceeds that of those without (n,), with the interval over
    people drawn again; under 0 where directions help."""
    given = np.ones(len(y)) if weight is None else weight
    excess = given * (_loss(bound, y) - _loss(free_of, y))

    def measure(drawn: Array) -> dict[str, Array]:
        return {"cost": drawn @ excess / (drawn @ given)}

    return draw(measure, person_id, times).estimate("cost")


def free(found: Estimate) -> bool:
    """Whether directions cost nothing: their interval does not lie above 0."""
    return bool(found.low <= 0)


def _loss(probability: Array, y: Array) -> Array:
    given = np.clip(probability, 1e-9, 1 - 1e-9)
    loss: Array = -np.log(np.where(y == 1, given, 1 - given))
    return loss
