"""What a peer is asked, as plain data. Needs nothing but Python: every peer has an environment of its own."""

from __future__ import annotations

import json
import sys
import time
from datetime import date, timedelta
from pathlib import Path


class Asked:
    """``python SCRIPT FOLDER OUT``: the predictors (dicts), the date, and where things are. ``done`` prints the seconds since then."""

    def __init__(self) -> None:
        self.folder, self.out = Path(sys.argv[1]), Path(sys.argv[2])
        said = json.loads((self.folder / "asked.json").read_text())
        self.at = date.fromisoformat(said["at"])
        self.predictors = said["predictors"]
        self.began = time.perf_counter()

    def table(self, name: str) -> str:
        return str(self.folder / "tables" / f"{name}.parquet")

    def window(self, one: dict) -> tuple[date, date]:
        """First day of the predictor's window, and the day after its last."""
        first = self.at - timedelta(days=one["within"]) if one["within"] else date(1800, 1, 1)
        return first, self.at - timedelta(days=one["ago"])

    def done(self) -> None:
        print(json.dumps({"seconds": time.perf_counter() - self.began}), flush=True)


#: Kinds that are 0, and not absent, where there is no fact.
ZERO = {"COUNT", "ANY", "SUM", "DISTINCT", "DAYS", "OPEN", "OPEN_SUM"}
