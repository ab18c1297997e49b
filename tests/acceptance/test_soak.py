"""The service under a constant rate for MINUTES (10) at 70% of its measured peak: memory flat, no request fails."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from benchmarks import serve_installation as installation
from benchmarks.serve import PAGE
from benchmarks.serve_load import Ask, Load
from benchmarks.serve_memory import Watched
from risk import keys
from risk import store as stores
from risk.settings import Settings

MINUTES = float(os.environ.get("MINUTES", "10"))
SHARE = 0.7
#: Seconds of full speed that say what the peak is.
PEAK = 10
#: Share of the time, at its beginning, in which memory may still grow: caches fill, threads and connections are opened.
SETTLING = 0.2
#: Bytes an hour that the least-squares line through what follows may rise. A service of 150 answers a second that kept 150 bytes of each would rise by more.
SLOPE = 80e6
#: Bytes by which memory may grow in all after it settled: what allocators keep, and no more.
GROWTH = 32e6


@pytest.fixture(params=installation.DATABASES)
def made(request: pytest.FixtureRequest) -> Iterator[tuple[Settings, dict[str, str]]]:
    """A published run of made-up people, and headers that read it."""
    with ExitStack() as held:
        folder = Path(tempfile.mkdtemp(prefix="frailty-soak-"))
        held.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o711)
        store = ""
        if request.param == "postgresql":
            store = installation.database(held.enter_context(installation.postgresql(folder / "postgresql")))
        settings = installation.settings(folder / "home", store)
        keys.held(settings, make=True)
        installation.made_up(settings)
        opened = stores.open(settings)
        _, bearer = installation.bearer(settings, opened, "lists:read", seconds=int(MINUTES * 60) + 600)
        opened.close()
        yield settings, bearer


def test_memory_is_flat_and_no_request_fails(made: tuple[Settings, dict[str, str]], tmp_path: Path) -> None:
    settings, bearer = made
    asks = [Ask(PAGE, bearer)]
    with installation.serving(installation.product(), installation.environment(settings), tmp_path / "log") as served:
        full = Load(served.port, asks, 16, PEAK).put()
        peak = full["per_second"]
        assert peak, (
            f"expected good answers at full speed, found {full['statuses']} and {full['errors'] or 'no'} errors"
        )
        with Watched(served.memory) as memory:
            soak = Load(served.port, asks, 16, MINUTES * 60, rate=SHARE * peak).put()
        again = Load(served.port, asks, 1, 2).put()
    seconds, held = memory.since(SETTLING)
    slope = float(np.polyfit(seconds, held, 1)[0]) * 3600
    print(f"\npeak {peak:.0f}/s (p99 {full['p99']:.0f} ms); {soak['requests']:,} answers in {soak['seconds']:.0f} s, {soak['per_second']:.1f}/s of {SHARE * peak:.1f}/s asked for, "
          f"p50 {soak['p50']:.0f} ms, p99 {soak['p99']:.0f} ms from when each was due; memory {memory.held[0] / 1e6:.0f} MB at first, {held[0] / 1e6:.0f} settled, {held[-1] / 1e6:.0f} at the end, "
          f"at most {max(memory.held) / 1e6:.0f}, slope {slope / 1e6:+.1f} MB an hour; {soak['errors'] or 'no'} errors")  # fmt: skip
    assert (set(soak["statuses"]), soak["errors"]) == ({"200"}, {})
    assert set(again["statuses"]) == {"200"}, "and it answers afterwards"
    assert held[-1] - held[0] <= GROWTH
    if MINUTES >= 5:  # a line through less says nothing of an hour
        assert slope <= SLOPE
