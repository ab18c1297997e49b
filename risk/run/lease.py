"""One run at a time, on one host or on several: a lease in the store, kept by a thread that beats while its holder lives.

Whoever finds it held watches it by a clock of its own that never steps: a beat says that the holder lives, and the newcomer is refused; no
beat for ``lease_seconds`` says that it is dead, and the newcomer takes over under a higher number. What the old holder would still write is
refused by that number, so it does no harm that it was not dead after all.
"""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from features.errors import FrailtyError, Refused
from risk.settings import Settings
from risk.store import Store

#: Beats in the time after which a holder counts as dead.
BEATS = 6


@contextmanager
def held(settings: Settings, store: Store) -> Iterator[Store]:
    """The store, its writes of runs under the lease, for as long as the context lasts; :class:`Refused` while another holds it."""
    settings.runs.mkdir(parents=True, exist_ok=True)
    fence = _taken(store, settings.lease_seconds)
    ended = threading.Event()
    beating = threading.Thread(target=_beat, args=(store, fence, settings.lease_seconds, ended), daemon=True)
    beating.start()
    try:
        yield store.under(fence)
    finally:
        ended.set()
        beating.join()
        with suppress(FrailtyError):  # a store that does not answer now frees it in its time
            store.give_up_lease(fence)


def _taken(store: Store, seconds: float) -> int:
    me = f"process {os.getpid()} on {socket.gethostname()}"[:200] + f" ({secrets.token_hex(8)})"
    if (fence := store.take_lease(me)) is not None:
        return fence
    first, began = store.lease(), time.monotonic()
    while time.monotonic() - began < seconds:
        time.sleep(seconds / BEATS / 2)
        now = store.lease()
        if now is not None and now.holder is None:
            break
        if now != first:
            raise _refusal(now.holder if now else None)
    fence = store.take_lease(me, dead=first)
    if fence is None:
        raise _refusal(first.holder if first else None)
    return fence


def _refusal(holder: str | None) -> Refused:
    who = "another process" if holder is None else holder.rsplit(" (", 1)[0]
    return Refused(f"another run is under way ({who} holds the lease); wait for it to end")


def _beat(store: Store, fence: int, seconds: float, ended: threading.Event) -> None:
    while not ended.wait(seconds / BEATS):
        with suppress(FrailtyError):  # the next beat may be told again
            if not store.beat_lease(fence):
                return
