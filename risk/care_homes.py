"""What is known of each care home's residents together: the measures by which a team and a home look at the home, not at one person.

Of everybody of the practice who lives there and was scored, listed or not and in whichever section, as at the run. A home is a number within the practice, as on the list: no
name, address or code of it is told. A measure is not known where a feed does not reach a resident: what is not sent is never a zero, and a plan that nobody
could have sent is not one that the resident lacks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.flags import Value
from risk import sections


@dataclass(frozen=True)
class Measure:
    """What is said of a home: ``title``, counted ``within`` so long before the run, as the residents' ``predictor`` adds up."""

    predictor: str
    title: str
    within: str = "in the last year"


MEASURES = {
    "emergency_admissions": Measure("emergency_admissions_1y", "emergency admissions"),
    "ed_attendances": Measure("ed_attendances_1y", "A&E attendances"),
    "conveyed": Measure("conveyed_1y", "taken to hospital by ambulance"),
    "falls": Measure("falls_2y", "falls recorded by the practice", "in two years"),
}
PREDICTORS = tuple(measure.predictor for measure in MEASURES.values())
#: Flags that say that a resident has a plan made ahead. A place on the palliative care register is none: it calls for one.
PLANS = ("end_of_life_plan", "respect", "advance_decision")
#: A resident counts under the first of these that one of their flags says: "no" is said where every kind is known not to be there.
PLAN_VALUES = (Value.YES, Value.NO_FEED, Value.NOT_RECORDED, Value.NO)
Practice = tuple[str, str]


def with_plan(flags: Mapping[str, Sequence[str]]) -> list[str]:
    """Whether each resident has a plan, of :data:`PLAN_VALUES`; ``flags`` holds each of :data:`PLANS`, resident by resident."""
    return [str(min(said, key=PLAN_VALUES.index)) for said in zip(*(flags[name] for name in PLANS), strict=True)]


def measures(
    scores: pd.DataFrame, values: Mapping[str, npt.NDArray[np.float32]], plans: Mapping[int, str]
) -> dict[Practice, list[dict[str, Any]]]:
    """The homes of each practice (scheme, code): ``home``, ``residents``, of them ``listed`` and in the ``high`` band, each of :data:`MEASURES`,
    None where it is not known of every resident, and ``plans``, residents by :data:`PLAN_VALUES` (``not_recorded`` and so on). ``scores`` has ``person_id``, ``practice_scheme``, ``practice``,
    ``rank``, ``listed``, ``band``, ``home`` and ``lives_in``; ``values`` each of :data:`PREDICTORS` in the order of its rows; ``plans`` the residents' by person."""
    own = pd.DataFrame({name: values[measure.predictor] for name, measure in MEASURES.items()}, index=scores.index)
    there = scores.join(own)[scores["lives_in"].notna()]
    there = there.assign(plan=there["person_id"].map(plans))
    there = there.rename(columns={"practice_scheme": "scheme"})
    # Homes of the listed have the list's own numbers; the others follow.
    numbered = sections.numbered(there[there["listed"]]).reindex(there.index)
    found: dict[Practice, list[dict[str, Any]]] = {}
    for (scheme, practice), of_practice in there.assign(number=numbered).groupby(["scheme", "practice"], sort=True):
        homes = (
            of_practice.groupby("lives_in")
            .agg(number=("number", "min"), first=("rank", "min"))
            .sort_values(["number", "first"], na_position="last")
        )
        found[str(scheme), str(practice)] = [
            _of(place, of_practice[of_practice["lives_in"] == home]) for place, home in enumerate(homes.index, 1)
        ]
    return found


def _of(number: int, residents: pd.DataFrame) -> dict[str, Any]:
    known = {name: None if residents[name].isna().any() else int(residents[name].sum()) for name in MEASURES}
    plans = Counter(residents["plan"])
    return {
        "home": number,
        "residents": len(residents),
        "listed": int(residents["listed"].sum()),
        "high": int((residents["band"] == "high").sum()),
        **known,
        "plans": {_key(value): plans[str(value)] for value in PLAN_VALUES},
    }


def _key(value: str) -> str:
    return value.replace(" ", "_")


def said(home: Mapping[str, Any]) -> str:
    """A home in words; also of one that an earlier version measured by less."""
    told: dict[str, list[str]] = {}
    for name, measure in MEASURES.items():
        if home.get(name) is not None:
            each = home[name] / home["residents"]
            told.setdefault(measure.within, []).append(f"{home[name]:,} {measure.title} ({each:.1f} a resident)")
    parts = [f"{within} {', '.join(counted)}" for within, counted in told.items()]
    if plans := home.get("plans"):
        parts.append(f"a plan made ahead: {', '.join(f'{value} {plans[_key(value)]:,}' for value in PLAN_VALUES)}")
    if unknown := [measure.title for name, measure in MEASURES.items() if name in home and home[name] is None]:
        parts.append(f"not known: {', '.join(unknown)}")
    whom = (
        f"{home['residents']:,} residents of the practice, {home['listed']:,} listed, {home['high']:,} in the high band"
    )
    return f"Home {home['home']}, as at the run: {'; '.join([whom, *parts])}."
