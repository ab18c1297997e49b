"""How long each stage of a run took, told on to whoever watches."""

from __future__ import annotations

import time

from features.progress import Progress


class Timed:
    """A progress that keeps the seconds of each stage and tells another."""

    def __init__(self, watcher: Progress) -> None:
        self._watcher = watcher
        self._name: str | None = None
        self._began = 0.0
        self.seconds: dict[str, float] = {}

    def stage(self, name: str, total: int | None = None) -> None:
        self.end()
        self._name, self._began = name, time.perf_counter()
        self._watcher.stage(name, total)

    def advance(self, by: int = 1) -> None:
        self._watcher.advance(by)

    def end(self) -> dict[str, float]:
        """Close the stage under way; all seconds so far, by stage."""
        if self._name is not None:
            spent = time.perf_counter() - self._began
            self.seconds[self._name] = round(self.seconds.get(self._name, 0.0) + spent, 3)
            self._name = None
        return dict(self.seconds)
