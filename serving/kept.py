"""Lists of published runs as the bytes that went out, so that a list asked for again is not made again.

What is kept is the answer's text and whom it names, under its ETag, which names all that the answer depends on: the run's content, who asks, what was asked,
how old the data are said to be, and who is hidden by now. Whether somebody may ask, whether the tag still holds and the row in the audit come before, on every
request: nothing here answers anybody. All of it is dropped as soon as anybody is hidden, shown again or forgotten.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

#: Bytes kept at the most: some hundreds of lists of 50 people with reasons.
MOST = 64 * 1024 * 1024


@dataclass(frozen=True)
class Told:
    """An answer's JSON and the ``person_id`` of everybody in it."""

    text: bytes
    people: tuple[int, ...]


class Kept:
    """Of one process. ``most`` bytes of text; what was asked for longest ago gives way."""

    def __init__(self, most: int = MOST) -> None:
        self._most, self._bytes = most, 0
        self._mark = ""
        self._held: OrderedDict[str, Told] = OrderedDict()
        self._lock = threading.Lock()

    def held(self, mark: str, tag: str) -> Told | None:
        """What is kept under a tag as long as the ``mark`` of who is hidden (:meth:`risk.store.Store.hiding_mark`) is the one it was kept under."""
        with self._lock:
            self._now(mark)
            found = self._held.get(tag)
            if found is not None:
                self._held.move_to_end(tag)
            return found

    def keep(self, mark: str, tag: str, told: Told) -> None:
        with self._lock:
            self._now(mark)
            if tag in self._held or len(told.text) > self._most:
                return
            self._held[tag] = told
            self._bytes += len(told.text)
            while self._bytes > self._most:
                self._bytes -= len(self._held.popitem(last=False)[1].text)

    def _now(self, mark: str) -> None:
        if mark != self._mark:
            self._held.clear()
            self._mark, self._bytes = mark, 0
