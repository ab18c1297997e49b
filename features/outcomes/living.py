"""Who is in a care home at an index date, as then known: by their residence, or by a long-term placement of the council's."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from features import clocks
from features.record.reader import Record


def in_care_home(record: Record, frame: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """bool (n,) of a cohort's ``frame`` (``person_id``, ``index_date``, ``care_home``): what a weekly run knows of whom an outcome of
    moving into a care home is not about. A residence that is not recorded reads as none, unless the council pays for a place."""
    with record.connection.cursor() as cursor:
        asked = pd.DataFrame(
            {
                "n": np.arange(len(frame)),
                "person_id": frame["person_id"].to_numpy(),
                "t": frame["index_date"].to_numpy(),
            }
        )
        cursor.register("asked_homes", asked)
        placed = cursor.execute(f"""
            SELECT DISTINCT a.n FROM asked_homes a JOIN social_care s ON s.person_id = a.person_id AND {clocks.in_force("s", "a.t::DATE")}
            WHERE s.event = 'service' AND s.service_type IN ('long_term_residential', 'long_term_nursing')""").fetchnumpy()[
            "n"
        ]
    found = frame["care_home"].fillna(False).to_numpy(np.bool_, copy=True)
    found[placed] = True
    return found
