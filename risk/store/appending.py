"""Group commit of the audit: rows of requests that come at the same time go to disk together, and each request waits until its own are there.

Whoever comes first writes; whoever comes meanwhile waits for the turn, and finds that the one before wrote for everybody who was waiting. A disk that takes
milliseconds to say that something is written is so asked once for many requests, and none is answered before it said so.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from risk.store.auditing import Auditing, Seal
from risk.store.engine import Unreachable

Texts = Sequence[Sequence[dict[str, Any]]]
#: Rows that go in one transaction, at the most.
MOST = 200


class _Waiting:
    """Rows of one request, and what became of them: the number of the last, or an error."""

    def __init__(self, seals: list[Seal], texts: Texts) -> None:
        self.seals = seals
        self.texts = texts or [()] * len(seals)
        self.last: int | None = None
        self.error: Exception | None = None


class Appending:
    """Adds rows to the audit of a store, for all threads of a process."""

    def __init__(self, store: Auditing) -> None:
        self._store = store
        self._turn, self._lock = threading.Lock(), threading.Lock()
        self._waiting: list[_Waiting] = []

    def add(self, seals: list[Seal], texts: Texts = ()) -> int:
        """Add rows, in order and together; the number of the last. They are on disk when this returns; where it raises, none of them is."""
        own = _Waiting(seals, texts)
        self._store.end_view()
        with self._lock:
            self._waiting.append(own)
        with self._turn:
            if own.last is None and own.error is None:
                self._write(self._taken(own))
        if own.error is not None:
            raise own.error
        assert own.last is not None
        return own.last

    def _taken(self, own: _Waiting) -> list[_Waiting]:
        """As many of those who wait as go together, oldest first: ``own`` at the least, and all before it."""
        with self._lock:
            taken, rows = [], 0
            while self._waiting and (own in self._waiting or rows < MOST):
                taken.append(self._waiting.pop(0))
                rows += len(taken[-1].seals)
        return taken

    def _write(self, taken: list[_Waiting]) -> None:
        try:
            last = self._store.append_audit([seal for one in taken for seal in one.seals], [text for one in taken for text in one.texts])  # fmt: skip
        except Exception as error:
            if len(taken) == 1 or isinstance(error, Unreachable):
                for one in taken:
                    one.error = error
                return
            for one in taken:  # somebody's rows are at fault: the others' are not
                self._write([one])
            return
        for one in reversed(taken):
            one.last = last
            last -= len(one.seals)
