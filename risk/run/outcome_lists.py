"""Lists by an outcome beside the one that the priority list ranks by: of each practice, among those whom it is about, and never blended with it.

`deterioration` has one (65 and over, by its own model), by the same rules of places, ties, sections and hold-outs as the priority list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from risk import lists
from risk.run import flags, listing
from risk.run.outcomes import COLUMNS, Beside
from risk.scopes import Drawn, Scope

#: Outcomes beside that have a list of their own.
LISTED = ("deterioration",)
#: What the list takes of everybody's scores, whatever they are ranked by.
OF_PEOPLE = ("person_id", *lists.PRACTICE, "section", "home", "held_out", "age_band", "sex")
#: What the run's folder keeps of somebody's place.
PLACED = ("rank", "listed", "k", "threshold")


def has_one(other: Beside) -> bool:
    """Whether the outcome has a list."""
    return other.bundle.outcome in LISTED


def placed(
    found: pd.DataFrame, scores: pd.DataFrame, fraction: float, tie_key: bytes, inside: Sequence[str]
) -> pd.DataFrame:
    """``found`` (:data:`COLUMNS` of those whom the outcome is about) with :data:`PLACED` and the rest of :data:`OF_PEOPLE`: each practice's list is of
    ``fraction`` of its people whom the outcome is about."""
    own = found.merge(scores[list(OF_PEOPLE)], on="person_id", validate="one_to_one")
    drawn = own.join(lists.draw(own[["person_id", *lists.PRACTICE, "raw"]], fraction, tie_key))
    apart = lists.set_apart(drawn, inside)
    return apart.assign(listed=apart["listed"] & ~apart["held_out"])


def kept(found: pd.DataFrame) -> pd.DataFrame:
    """What the run's folder holds of an outcome beside."""
    return found[[*COLUMNS, *(name for name in PLACED if name in found)]]


def drawn(other: Beside, title: str, found: pd.DataFrame, registered: Mapping[str, int]) -> Iterator[Drawn]:
    """Each practice's list, ``found`` being as of :func:`placed`."""
    for (scheme, practice), own in found.groupby(lists.PRACTICE, observed=True, sort=True):
        scope = Scope(other.bundle.outcome, str(scheme), str(practice), title, ((str(scheme), str(practice)),))
        people = own[own["listed"]].sort_values("rank")
        yield Drawn(scope, people, registered[str(practice)], len(own), int(own["k"].iloc[0]))


def entries(
    one: Drawn, reasons: Mapping[int, dict[str, Any]], shown: Mapping[int, dict[str, flags.Flag]], inside: tuple[str, ...]
) -> Iterator[dict[str, Any]]:  # fmt: skip
    """The rows of a practice's list by the outcome, with the outcome's own reasons."""
    return listing.of_scope(one, reasons, shown, inside, where=f"the practice whom {one.scope.name.lower()} is about")


def named(others: Mapping[Beside, pd.DataFrame]) -> np.ndarray:
    """Everybody whom one of these lists names (int64)."""
    people = [
        found.loc[found["listed"], "person_id"].to_numpy(np.int64) for found in others.values() if "listed" in found
    ]
    return np.unique(np.concatenate(people)) if people else np.zeros(0, np.int64)
