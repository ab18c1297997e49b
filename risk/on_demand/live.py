"""The models that score on demand: what the ledger says is live, loaded once."""

from __future__ import annotations

import threading

from risk.on_demand.scorer import Scorer
from risk.release import live_bundle
from risk.settings import Settings
from risk.store import Store


class Scorers:
    """The live model of each name, loaded when it is first asked for and again when another is released."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings, self._store = settings, store
        self._held: dict[str, Scorer] = {}
        self._loading = threading.Lock()

    def live(self, name: str) -> Scorer:
        """The scorer of what the ledger says is live now. :class:`Refused` where nothing is, or it cannot score."""
        held, released = self._held.get(name), self._store.live_release(name)
        if held is None or released is None or held.release["seq"] != released["seq"]:
            with self._loading:
                held = self._held[name] = self._made(name)
        return held

    def _made(self, name: str) -> Scorer:
        """What is live, read before and after it is loaded: another may have been released meanwhile."""
        while True:
            released, held = self._store.live_release(name), self._held.get(name)
            if held is not None and released is not None and held.release["seq"] == released["seq"]:
                return held
            bundle = live_bundle(self._store, self._settings, name)
            if released is not None and bundle.sha256 == released["bundle_sha256"]:
                return Scorer.of(bundle, released)
