"""Run by tests in a process of its own: an ingest that dies at a stage, or after so many advances of one.

python -m tests.integration.interrupted EXTRACT FOLDER STAGE ADVANCES
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from features.record.ingest import ingest
from features.sources import open_source
from tests.extracts import Place


class Killed:
    """Progress that kills its own process at a point: no handler runs, nothing is tidied up."""

    def __init__(self, stage: str, advances: int) -> None:
        self._stage, self._left, self._now = stage, advances, ""

    def stage(self, name: str, total: int | None = None) -> None:
        self._now = name
        self._strike()

    def advance(self, by: int = 1) -> None:
        if self._now == self._stage:
            self._left -= 1
        self._strike()

    def _strike(self) -> None:
        if self._now == self._stage and self._left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    source, folder, stage, advances = sys.argv[1:]
    place = Place(Path(folder))
    with place.identity() as identity:
        ingest(open_source("native", Path(source)), place.record, identity, progress=Killed(stage, int(advances)))
