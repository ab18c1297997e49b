"""Lists by stated criteria, beside the score: who meets each, known of everybody or said not to be known.

A criterion is a declaration: it holds where every one of its ``all_of`` holds, each being one or more conditions on a predictor's value of which any will do.
A condition is known of somebody only where every feed that its predictor rests on reaches them, and none of it is theirs by probability alone: a criterion
that could turn on what is not known says so, and nobody is taken to meet it or not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import numpy.typing as npt

from features import coverage
from features.predictors import Declared
from features.predictors import named as predictors_named
from risk.frailty_register.categories import DEFICITS

Values = npt.NDArray[np.float32]
Known = npt.NDArray[np.bool_]
#: What the run itself adds to the predictors: 1 for whoever is in the high band.
HIGH_BAND = "high_band"
#: Tables that a registration alone fills: they reach everybody who is scored.
ALWAYS = ("person", "registration")
#: Predictors of which nothing is said where nothing was recorded.
LATEST = ("latest_cfs",)


@dataclass(frozen=True)
class Condition:
    """A predictor's value that ``holds`` (n,), and what is said of whoever it holds of where the predictor's own words will not do."""

    predictor: str
    holds: Callable[[Values], Known]
    says: str = ""

    def tables(self) -> tuple[str, ...]:
        """The tables whose feeds it rests on."""
        if self.predictor == HIGH_BAND:
            return ()
        return tuple(table for table in _declared(self.predictor).tables if table not in ALWAYS)

    def words(self, value: float) -> str:
        return self.says or _declared(self.predictor).phrase(value)


@dataclass(frozen=True)
class Criterion:
    """``name``; ``title`` and what it ``says``; its ``source``."""

    name: str
    title: str
    says: str
    source: str
    all_of: tuple[tuple[Condition, ...], ...]

    @cached_property
    def predictors(self) -> tuple[str, ...]:
        names = (
            condition.predictor for any_of in self.all_of for condition in any_of if condition.predictor != HIGH_BAND
        )
        return tuple(dict.fromkeys(names))


def at_least(predictor: str, least: float, says: str = "") -> Condition:
    return Condition(predictor, lambda value: value >= least, says)


def none_of(predictor: str, says: str = "") -> Condition:
    return Condition(predictor, lambda value: value == 0, says)


_SEVERE_DEFICITS = 13
CRITERIA = (
    Criterion(
        "sixty_admitted_or_not_engaging", "60 and over, admitted as an emergency or not engaging",
        "60 and over, and in the last year admitted as an emergency, or without a contact with the practice, or away from three appointments or more.",
        "Camden Care Navigation Service (Age UK): 60 and over with an emergency admission in the last year or not engaging; what not engaging is, is ours",
        ((at_least("age", 60),),
         (at_least("emergency_admissions_1y", 1), none_of("gp_contacts_1y"), at_least("gp_missed_1y", 3), at_least("outpatients_missed_1y", 3))),
    ),
    Criterion(
        "high_risk_not_admitted", "High risk, and no emergency admission in two years",
        "In the high band, and nothing has happened yet: whom a list of past admissions would miss.",
        "The yield among people with no emergency admission in two years is what validation reports of every model",
        ((at_least(HIGH_BAND, 1, "in the high band"),), (none_of("emergency_admissions_2y"),)),
    ),
    Criterion(
        "unseen_at_75", "75 and over, unseen for 12 months",
        "75 and over, and no contact with the practice in the last year.",
        "GP contract: a check on request for people of 75 and over whom the practice has not seen for 12 months (not yet checked)",
        ((at_least("age", 75),), (none_of("gp_contacts_1y"),)),
    ),
    Criterion(
        "housebound", "Housebound", "Recorded by the practice as housebound.", "SNOMED CT 160689007; electronic frailty index, 10.1093/ageing/afw039",
        ((at_least("housebound", 1),),),
    ),
    Criterion(
        "severe_without_medication_review", "Severe by scale or index, and no medication review in the last year",
        "65 and over, a Clinical Frailty Scale of 7 or 8 in two years or 13 deficits or more of the electronic frailty index, and no medication review in a year.",
        "GP contract 2017/18: a yearly medication review for people with severe frailty; 10.1503/cmaj.050051, 10.1093/ageing/afw039",
        ((at_least("age", 65),), (Condition("latest_cfs", lambda value: (value >= 7) & (value < 9)), at_least("efi_deficits", _SEVERE_DEFICITS)),
         (none_of("medication_review_1y"),)),
    ),
    Criterion(
        "raidr_flags", "RAIDR's published flags",
        "65 and over with a place on the palliative register or an end-of-life plan, dementia, a care home, falls or housebound; or over 90.",
        "NECS, RAIDR case-finding: 65 and over with palliative, dementia, care home, falls risk or housebound flags, or over 90; which falls, is ours",
        ((at_least("age", 65),),
         (at_least("age", 91), at_least("end_of_life_plan", 1), at_least("dementia", 1), at_least("care_home", 1), at_least("falls_2y", 1),
          at_least("fall_admission_codes_2y", 1), at_least("housebound", 1))),
    ),
)  # fmt: skip
NAMES = tuple(one.name for one in CRITERIA)
#: Every predictor that a criterion reads.
PREDICTORS = tuple(dict.fromkeys(name for one in CRITERIA for name in one.predictors))
assert DEFICITS > _SEVERE_DEFICITS


def met(
    criterion: Criterion, values: Mapping[str, Values], feeds: npt.NDArray[np.uint64], unconfirmed: npt.NDArray[np.uint64]
) -> tuple[Known, Known]:  # fmt: skip
    """Who meets the criterion (n,), and of whom it is not known (n,); nobody is both. ``values`` by predictor; a latest
    value that is absent though its feeds reach the person was never recorded, and its condition does not hold; a number absent otherwise is not known."""
    everybody = np.ones(len(feeds), bool)
    fails, unsure = ~everybody, ~everybody
    for any_of in criterion.all_of:
        holds, open_ = ~everybody, ~everybody
        for condition in any_of:
            known = _known(condition, values[condition.predictor], feeds, unconfirmed)
            holds |= known & _holds(condition, values[condition.predictor])
            open_ |= ~known
        fails |= ~holds & ~open_
        unsure |= ~holds & open_
    return ~fails & ~unsure, ~fails & unsure


def because(
    criterion: Criterion,
    values: Mapping[str, Values],
    feeds: npt.NDArray[np.uint64],
    unconfirmed: npt.NDArray[np.uint64],
    whom: npt.NDArray[np.int64],
) -> list[list[str]]:
    """In words, of each of the rows ``whom``, every condition that holds; age is left out, for it is shown beside."""
    said: list[list[str]] = [[] for _ in whom]
    for condition in (one for any_of in criterion.all_of for one in any_of if one.predictor != "age"):
        value = values[condition.predictor][whom]
        holds = _known(condition, value, feeds[whom], unconfirmed[whom]) & _holds(condition, value)
        for place in np.flatnonzero(holds).tolist():
            said[place].append(condition.words(float(value[place])))
    return said


def _holds(condition: Condition, value: Values) -> Known:
    with np.errstate(invalid="ignore"):
        return np.asarray(condition.holds(value) & ~np.isnan(value), bool)


def _known(
    condition: Condition, value: Values, feeds: npt.NDArray[np.uint64], unconfirmed: npt.NDArray[np.uint64]
) -> Known:
    held = np.ones(len(feeds), bool)
    for table in condition.tables():
        held &= coverage.has(feeds, table) & ~coverage.has(unconfirmed, table)
    return held if condition.predictor in LATEST else held & ~np.isnan(value)


@cache
def _declared(name: str) -> Declared:
    return predictors_named((name,))[0]
