"""What is known of each care home's residents together: the measures by which a team and a home look at the home, not at one person.

Of everybody of the practice who lives there and was scored, listed or not and in whichever section, as at the run. A home is a number within the practice, as on the list: no
name, address or code of it is told. A measure is not known where a feed does not reach a resident: what is not sent is never a zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from risk import sections

#: What is said of a home, by the predictor of its residents that is added up.
MEASURES = {
    "emergency_admissions": "emergency_admissions_1y",
    "ed_attendances": "ed_attendances_1y",
    "conveyed": "conveyed_1y",
}
TITLES = {
    "emergency_admissions": "emergency admissions",
    "ed_attendances": "A&E attendances",
    "conveyed": "taken to hospital by ambulance",
}
PREDICTORS = tuple(MEASURES.values())
Practice = tuple[str, str]


def measures(
    scores: pd.DataFrame, values: Mapping[str, npt.NDArray[np.float32]]
) -> dict[Practice, list[dict[str, Any]]]:
    """The homes of each practice (scheme, code): ``home``, ``residents``, of them ``listed`` and in the ``high`` band, and each of :data:`MEASURES` over the
    last year, None where it is not known of every resident. ``scores`` has ``practice_scheme``, ``practice``, ``rank``, ``listed``, ``band``, ``home`` and
    ``lives_in``; ``values`` each of :data:`PREDICTORS` in the order of its rows."""
    own = pd.DataFrame({name: values[predictor] for name, predictor in MEASURES.items()}, index=scores.index)
    there = scores.join(own)[scores["lives_in"].notna()]
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
    return {
        "home": number,
        "residents": len(residents),
        "listed": int(residents["listed"].sum()),
        "high": int((residents["band"] == "high").sum()),
        **known,
    }


def said(home: Mapping[str, Any]) -> str:
    """A home in words."""
    told = [f"{home[name]:,} {title}" for name, title in TITLES.items() if home[name] is not None]
    unknown = [title for name, title in TITLES.items() if home[name] is None]
    year = f"; in the last year {', '.join(told)}" if told else ""
    without = f"; not known: {', '.join(unknown)}" if unknown else ""
    return f"Home {home['home']}: {home['residents']:,} residents of the practice, {home['listed']:,} listed, {home['high']:,} in the high band{year}{without}."
