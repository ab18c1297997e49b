"""How often a caller may ask: a bucket of tokens each, which fills again as time goes by. Beside it a smaller one for what says who somebody is.

A bucket lives in the process, so that no request waits for a database because of it; several processes behind one address allow as many times more
(OWASP API4:2023, unrestricted resource consumption).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from threading import Lock

from risk.settings import Settings
from serving.problems import Problem

#: Callers whose buckets are kept; whoever has not asked for longest gives way, and begins with a full one.
KEPT = 10_000


class Limit:
    """``per_minute`` requests of each caller, all of a minute's at once if need be."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._a_second, self._clock = float(per_minute), per_minute / 60, clock
        self._held: dict[str, tuple[float, float]] = {}
        self._lock = Lock()

    def wait(self, caller: str) -> int:
        """Take one: 0 where there was one, and else in how many whole seconds there is."""
        now = self._clock()
        with self._lock:
            left, at = self._held.pop(caller, (self._most, now))
            left = min(self._most, left + (now - at) * self._a_second)
            self._held[caller] = (left - 1 if left >= 1 else left, now)
            if len(self._held) > KEPT:
                del self._held[next(iter(self._held))]
        return 0 if left >= 1 else max(1, math.ceil((1 - left) / self._a_second))


class Limits:
    """Of an installation: ``every`` request, and those that go from a number to a person or back (``revealing``)."""

    def __init__(self, settings: Settings) -> None:
        self.every = Limit(settings.requests_per_minute)
        self.revealing = Limit(settings.lookups_per_minute)


def spend(limit: Limit, caller: str) -> None:
    """Take one of a caller's; :class:`Problem` ``too-many`` where there is none."""
    seconds = limit.wait(caller)
    if seconds:
        problem = Problem("too-many")
        problem.headers["Retry-After"] = str(seconds)
        raise problem
