"""Metrics for Prometheus, on an address of their own: never on the port of the API, and nowhere unless a setting names the address.

Requests are counted by route as it is declared; what is told of runs, actions, audit, lease, feeds and backups is read when it is asked for, and counts
people only altogether. No label names a person, a client or a practice.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, Counter, Histogram, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from features.errors import FrailtyError, MissingPart, WrongUsage
from risk import watching
from risk.settings import Settings
from risk.store import Store

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
#: Seconds: a page of a list is answered in tens of milliseconds.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
#: Seconds for which what was read of the store is told again: whoever scrapes often does not load it.
KEPT = 30.0


class Metrics:
    """What one service tells of itself."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self.registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self._answered = Counter("frailty_requests", "Requests answered", labels, registry=self.registry)
        self._seconds = Histogram("frailty_request_seconds", "Seconds until the answer was sent", ("method", "route"), buckets=BUCKETS, registry=self.registry)  # fmt: skip
        self.registry.register(_OfInstallation(settings, store))

    def answered(self, method: str, route: str | None, status: int, seconds: float) -> None:
        """One request more. A path that is no route's is counted under none: it may name anybody."""
        of = {"method": method if method in METHODS else "other", "route": route or "none"}
        self._answered.labels(**of, status=str(status)).inc()
        self._seconds.labels(**of).observe(seconds)


class Listening:
    """The address on which metrics are told; :meth:`close` ends it."""

    def __init__(self, metrics: Metrics, listen: str) -> None:
        host, _, port = listen.rpartition(":")
        if not host or not port.isdecimal():
            raise WrongUsage(
                "expected `metrics` to be an address and a port, such as 127.0.0.1:9464; `frailty settings` shows it"
            )
        try:
            server, thread = start_http_server(int(port), host.strip("[]"), metrics.registry)
        except OSError as error:
            raise MissingPart(
                f"cannot tell metrics on port {port}: {error.strerror}; choose another with FRAILTY_METRICS"
            ) from error
        self._server: WSGIServer = server
        self._thread: threading.Thread = thread
        self.port = int(server.server_port)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _OfInstallation(Collector):
    """Gauges of the installation (:mod:`risk.watching`), read when they are asked for."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings, self._store = settings, store
        self._lock = threading.Lock()
        self._read: float | None = None
        self._held: list[GaugeMetricFamily] = []

    def describe(self) -> list[Any]:
        return []  # nothing is read before somebody asks

    def collect(self) -> Iterator[GaugeMetricFamily]:
        with self._lock:
            if self._read is None or time.monotonic() - self._read > KEPT:
                self._held, self._read = list(self._families()), time.monotonic()
            yield from self._held

    def _families(self) -> Iterator[GaugeMetricFamily]:
        up = GaugeMetricFamily("frailty_store_up", "1 where the store answers")
        try:
            found = watching.gauges(self._settings, self._store)
        except FrailtyError:
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        for gauge in found:
            family = GaugeMetricFamily(gauge.name, gauge.says, labels=[gauge.label] if gauge.label else [])
            for label, value in gauge.values.items():
                family.add_metric([label] if gauge.label else [], value)
            yield family
