"""Which pairs are linked, and which a person is to look at.

A person without an NHS number is one of the candidates, or somebody whom the area's data do not hold; a person with one has at
most one entry in a feed. Out of that follows each pair's probability: its odds by the model, against the odds of all its rivals
on either side together and of there being nobody. A pair is linked where that is at least the threshold and nothing forbids;
whatever else is likely enough to be worth a look goes on a pile and is never linked silently.
"""

from __future__ import annotations

from collections.abc import Mapping, Set

import numpy as np
import pandas as pd

from features.linkage.matching import MISSING

#: Linked from this probability on: by the model, of a hundred links that are only just made one is wrong, and of all that
#: are made far fewer, since most are much surer.
THRESHOLD = 0.99
#: Worth a person's look from this probability on.
LOOK = 0.05
#: What two descriptions may not flatly disagree on: twins differ in the given name alone, a father and his namesake in the birth
#: date alone, and both live at one address.
MUST_NOT_DIFFER = ("given_name", "birth_date")
#: Without a name everything else must be the same.
NAMES, INSTEAD_OF_A_NAME = ("given_name", "family_name"), ("birth_date", "postcode")
LINKED, UNCERTAIN = "linked", "uncertain"


def choose(
    pairs: pd.DataFrame,
    source: Mapping[int, str],
    taken: Set[tuple[str, int]] = frozenset(),
    apart: Set[tuple[int, int]] = frozenset(),
    threshold: float = THRESHOLD,
) -> pd.DataFrame:
    """The pairs that are linked or uncertain: ``pairs`` (``other_person_id``, ``person_id``, ``weight`` in powers of two, and the
    levels of agreement) with ``probability``, ``standing`` and ``why`` (empty where linked), the likeliest first.

    ``source`` of each other person (whoever has none is not chosen for); ``taken``: people who have an entry of a source already; ``apart``: pairs (other,
    person) of whom a person said that they are two.
    """
    both = zip(pairs["other_person_id"].tolist(), pairs["person_id"].tolist(), strict=True)
    meant = [other in source and (other, person) not in apart for other, person in both]
    held = pairs[np.array(meant, dtype=bool)].copy()
    feed = held["other_person_id"].map(source).astype(object)
    odds = np.exp2(held["weight"].clip(-50, 100))
    of_other = odds.groupby(held["other_person_id"]).transform("sum")
    of_person = odds.groupby([feed, held["person_id"]]).transform("sum")
    held["probability"] = odds / (1 + np.maximum(of_other, of_person))
    occupied = [(f, person) in taken for f, person in zip(feed, held["person_id"], strict=True)]
    nameless = np.any([held[name].eq(MISSING) for name in NAMES], axis=0)
    alike = np.all([held[name].eq("same") for name in INSTEAD_OF_A_NAME] + [held["sex"].ne("differs")], axis=0)
    reasons = {
        "the feed has another entry for this person": np.array(occupied, dtype=bool),
        **{f"{name.replace('_', ' ')} differs": held[name].eq("differs").to_numpy(bool) for name in MUST_NOT_DIFFER},
        "no name to compare, and not all else the same": nameless & ~alike,
        "not sure enough": (held["probability"] < threshold).to_numpy(bool),
    }
    held["why"] = np.select(list(reasons.values()), list(reasons), default="")
    held["standing"] = np.where(held["why"] == "", LINKED, UNCERTAIN)
    worth = held[held["probability"] >= LOOK]
    order = ["probability", "other_person_id", "person_id"]
    return worth.sort_values(order, ascending=[False, True, True]).reset_index(drop=True)
