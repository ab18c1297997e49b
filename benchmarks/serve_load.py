"""A load generator in a process of its own: keep-alive connections over loopback, each with one request under way at a time.

    python -m benchmarks.serve_load < load.json

It reads :class:`Load` as JSON and prints what came of it: answers by status, what went wrong, of the good answers (2xx and 304) how many and the
milliseconds of each as percentiles, and its own processor time, which on a small machine is taken from the service's.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

#: Seconds that an answer may take before its connection counts as failed.
PATIENCE = 30


@dataclass(frozen=True)
class Ask:
    """One kind of request. ``body`` is JSON text, or empty."""

    path: str
    headers: dict[str, str] = field(default_factory=dict)
    method: str = "GET"
    body: str = ""

    def raw(self, host: str) -> bytes:
        body = self.body.encode()
        named = {"Host": host, **self.headers}
        if body:
            named |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
        lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
        return f"{self.method} {self.path} HTTP/1.1\r\n{lines}\r\n".encode() + body


@dataclass(frozen=True)
class Load:
    """``asks`` in turn on ``connections`` for ``seconds`` (after ``warm`` seconds that are not counted), as fast as answers come or ``rate`` a second.

    A rate is constant: a request is due whether or not the answers before it came, and what it waits for a connection counts as its time.
    """

    port: int
    asks: list[Ask]
    connections: int = 16
    seconds: float = 5
    warm: float = 1
    rate: float = 0

    def put(self) -> dict[str, Any]:
        """Run it in a process of its own; what came of it."""
        done = subprocess.run([sys.executable, "-m", "benchmarks.serve_load"], input=json.dumps(asdict(self)), capture_output=True, text=True, check=True)  # fmt: skip
        found: dict[str, Any] = json.loads(done.stdout)
        return found


class _Connection(asyncio.Protocol):
    """Sends the next request when the answer to the last is whole."""

    def __init__(self, held: _Putting, place: int) -> None:
        self._held, self._next = held, place
        self._got, self._left, self._sent = bytearray(), -1, 0.0
        self._status = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def _send(self) -> None:
        now = time.perf_counter()
        self._sent = self._held.due(now)
        if self._sent > now:
            asyncio.get_running_loop().call_later(self._sent - now, self._write)
        else:
            self._write()

    def _write(self) -> None:
        if self._transport.is_closing():
            return
        self._transport.write(self._held.raw[self._next % len(self._held.raw)])
        self._next += 1

    def data_received(self, data: bytes) -> None:
        if self._left < 0:
            self._got += data
            ends = self._got.find(b"\r\n\r\n")
            if ends < 0:
                return
            head = bytes(self._got[:ends]).lower()
            self._status = head[9:12].decode()
            length = head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0]
            self._left = int(length or 0) - (len(self._got) - ends - 4)
            self._got.clear()
        else:
            self._left -= len(data)
        if self._left <= 0:
            self._left = -1
            self._held.answered(self._status, self._sent)
            if not self._held.over:
                self._send()

    def connection_lost(self, error: Exception | None) -> None:
        self._held.lost(self)


class _Putting:
    """A load under way."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self.raw = [ask.raw(f"127.0.0.1:{load.port}") for ask in load.asks]
        self.statuses: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.took: list[float] = []
        self.over = False
        self._first = asyncio.Event()
        self._began, self._slot = float("inf"), 0.0

    def due(self, now: float) -> float:
        """When the next request is to go out: now, or its place in the rate."""
        if not self._load.rate:
            return now
        self._slot += 1 / self._load.rate
        return self._slot

    def answered(self, status: str, sent: float) -> None:
        now = time.perf_counter()
        self._first.set()
        if sent >= self._began:
            self.statuses[status] += 1
            if status.startswith("2") or status == "304":
                self.took.append(now - sent)

    def lost(self, connection: _Connection) -> None:
        if not self.over:
            self.errors["connection lost"] += 1
            asyncio.get_running_loop().call_later(0.2, lambda: asyncio.ensure_future(self._connect(0)))

    async def _connect(self, place: int) -> None:
        try:
            await asyncio.get_running_loop().create_connection(
                lambda: _Connection(self, place), "127.0.0.1", self._load.port
            )
        except OSError as error:
            self.errors[type(error).__name__] += 1
            await asyncio.sleep(0.2)
            if not self.over:
                await self._connect(place)

    async def run(self) -> dict[str, Any]:
        self._slot = time.perf_counter()
        await self._connect(0)
        if self._load.warm:  # what a service loads on its first request is not measured
            await asyncio.wait_for(self._first.wait(), PATIENCE)
        self._slot = time.perf_counter()
        self._began = self._slot + self._load.warm
        for place in range(1, self._load.connections):
            await self._connect(place)
        await asyncio.sleep(max(0.0, self._began - time.perf_counter()))
        processor = time.process_time()
        await asyncio.sleep(self._load.seconds)
        self.over = True
        seconds = time.perf_counter() - self._began
        took = np.array(self.took or [0.0]) * 1000
        p50, p99, most = np.percentile(took, [50, 99, 100])
        return {"requests": len(self.took), "seconds": seconds, "per_second": len(self.took) / seconds, "p50": float(p50), "p99": float(p99), "most": float(most),
                "statuses": dict(self.statuses), "errors": dict(self.errors), "processor": (time.process_time() - processor) / seconds}  # fmt: skip


def main() -> None:
    given = json.load(sys.stdin)
    load = Load(**{**given, "asks": [Ask(**ask) for ask in given["asks"]]})
    print(json.dumps(asyncio.run(_Putting(load).run())))


if __name__ == "__main__":
    main()
