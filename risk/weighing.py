"""For how many people each labelled row stands, because others like it moved away before their outcome could be known."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.censoring import Weights, weigh

#: Ages (years) at which a band begins. People move at other ages than they are admitted at, and older people who do, often to
#: family or into a care home, are frailer: being lost is taken to tell nothing more within a band, home and deprivation fifth.
AGES = (18, 30, 45, 65, 75, 85)


def weighed(labels: pd.DataFrame, frame: pd.DataFrame, horizon: int) -> Weights | None:
    """Weights of the rows of ``labels`` (:func:`features.outcomes.label`) and their cohort's ``frame``, 0 for rows without a label. None
    where nobody was lost: every row then stands for itself.

    Rows whose practice or person the outcome cannot speak for at all (not covered, not matured, under age, not recorded) are no loss of
    follow-up and take no part. Each date is weighed by itself, so that its rows weigh the same whichever other dates are asked for beside
    it: training, which has many, and validation, which has the last, tell the same of a model.
    """
    part = labels["ended"].notna().to_numpy()
    lost = (labels["ended"] == "left").to_numpy()
    if not lost.any():
        return None
    days, followed, weight = frame["index_date"].to_numpy(), labels["followed"].to_numpy(), np.zeros(len(labels))
    found = []
    for day in np.unique(days[part]):
        rows = np.flatnonzero(part & (days == day))
        found.append(weigh(followed[rows], lost[rows], horizon, _strata(frame.iloc[rows])))
        weight[rows] = found[-1].weight
    return Weights(weight, sum(one.truncated for one in found), sum(one.lost for one in found),
                   sum(one.strata for one in found), max(one.heaviest for one in found), found[0].most)  # fmt: skip


def _strata(frame: pd.DataFrame) -> pd.DataFrame:
    """Coarsest first: age band, care home, deprivation fifth."""
    return pd.DataFrame({
        "age": np.digitize(frame["age"].to_numpy(), AGES),
        "care_home": frame["care_home"].astype("str").to_numpy(),
        "fifth": np.ceil(frame["imd_decile"].to_numpy(np.float64) / 2),
    })  # fmt: skip
