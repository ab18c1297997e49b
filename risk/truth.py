"""The true risk of simulated people, brought to the rows of a data set. Nothing but evaluation calls this."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.parquet as parquet

from features.errors import BadInput, MissingPart
from features.linkage.identity import NOBODY, IdentityStore
from risk.settings import Settings

FILE = "true_risk.parquet"
COLUMNS = ("nhs_number", "local_id", "index_date", "outcome", "horizon", "probability")
#: The name under which a simulated extract's local ids are known.
SOURCE = "native"
#: Share of the rows that must have a true risk.
FEWEST_KNOWN = 0.9


@dataclass(frozen=True)
class Truth:
    """True probabilities by ``person_id`` and ``index_date``."""

    held: pd.DataFrame

    def of(
        self, person_id: npt.NDArray[np.int64], index_date: npt.NDArray[np.datetime64]
    ) -> npt.NDArray[np.float64] | None:
        """The true probability of each row (n,); None where the dates have none.

        A row that the record holds and the simulator does not is a person who had truly died or left before the date
        and was still on a list: nothing can befall them here, and their risk is 0. :class:`BadInput` where many are.
        """
        rows = pd.DataFrame({"person_id": person_id, "index_date": index_date.astype("datetime64[s]")})
        if not set(rows["index_date"]) <= set(self.held["index_date"]):
            return None
        found = rows.merge(self.held, on=["person_id", "index_date"], how="left", validate="one_to_one")
        known = float(found["probability"].notna().mean()) if len(found) else 1.0
        if known < FEWEST_KNOWN:
            raise BadInput(
                f"the true risk is of other people: expected it for nearly all of the {len(rows):,} rows, found it for {known:.0%}; "
                "name the folder that was written with this record's extract, and check FRAILTY_HOME"
            )
        return found["probability"].fillna(0.0).to_numpy(np.float64)


def read(folder: Path, settings: Settings, outcome: str, horizon: int, days: Sequence[date]) -> Truth | None:
    """The truth in ``folder`` for an outcome; None where it holds none for it.

    :class:`BadInput` where the file is missing or of another shape, :class:`MissingPart` where there is no identity
    store to find the people by.
    """
    path = Path(folder) / FILE
    if not path.is_file():
        raise BadInput(f"expected the true risk of simulated people in {path}, found no such file; `frailty simulate --truth` writes it")  # fmt: skip
    missing = set(COLUMNS) - set(parquet.read_schema(path).names)
    if missing:
        raise BadInput(f"{path}: expected columns {', '.join(COLUMNS)}; {', '.join(sorted(missing))} not found")
    chosen = [("outcome", "=", outcome), ("horizon", "=", horizon), ("index_date", "in", list(days))]
    table = parquet.read_table(path, columns=list(COLUMNS), filters=chosen)
    if not len(table):
        return None
    if not settings.identity_folder.is_dir():
        raise MissingPart(f"no identity store in {settings.identity_folder}: the true risk cannot be brought to the record's people; check FRAILTY_HOME")  # fmt: skip
    with IdentityStore.open(settings.identity_folder, settings.identity_key_file) as identity:
        person = identity.find(table["nhs_number"], SOURCE, table["local_id"])
    held = table.select(["index_date", "probability"]).to_pandas()
    held["index_date"] = pd.to_datetime(held["index_date"]).astype("datetime64[s]")
    held.insert(0, "person_id", person)
    return Truth(held[held["person_id"] != NOBODY].drop_duplicates(["person_id", "index_date"]))
