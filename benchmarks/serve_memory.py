"""What a process holds in memory, read once a second while something else goes on."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event, Thread
from types import TracebackType

import numpy as np
from numpy.typing import NDArray


class Watched:
    """``memory`` says how many bytes are held now; ``seconds`` and ``held`` are what it said, and when."""

    def __init__(self, memory: Callable[[], int], every: float = 1) -> None:
        self._memory, self._every = memory, every
        self.seconds: list[float] = []
        self.held: list[int] = []
        self._over = Event()
        self._reader = Thread(target=self._read)

    def __enter__(self) -> Watched:
        self._reader.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._reader.join()

    def _read(self) -> None:
        while True:
            self.seconds.append(time.monotonic())
            self.held.append(self._memory())
            if self._over.wait(self._every):
                return

    def since(self, share: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Seconds and bytes, each (readings,), without the first ``share`` of them."""
        first = int(len(self.held) * share)
        return np.array(self.seconds[first:]), np.array(self.held[first:], dtype=float)
