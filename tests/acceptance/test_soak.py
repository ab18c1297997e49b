"""The service under steady load for MINUTES (10) at 70% of its measured peak: memory flat, no request fails."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import serve_installation as installation
from benchmarks.serve import PAGE
from benchmarks.serve_load import Ask, Load
from risk import keys
from risk import store as stores
from risk.settings import Settings

MINUTES = float(os.environ.get("MINUTES", "10"))
SHARE = 0.7
#: Bytes by which memory may grow from its first tenth to the end: what allocators keep, and no more.
GROWTH = 32 * 1024 * 1024


@pytest.fixture(params=installation.DATABASES)
def made(request: pytest.FixtureRequest) -> Iterator[tuple[Settings, dict[str, str]]]:
    """A published run of made-up people, and headers that read it."""
    folder = Path(tempfile.mkdtemp(prefix="frailty-soak-"))
    folder.chmod(0o711)
    store = ""
    held = installation.postgresql(folder / "postgresql") if request.param == "postgresql" else None
    if held is not None:
        store = installation.database(held.__enter__())
    settings = installation.settings(folder / "home", store)
    keys.held(settings, make=True)
    installation.made_up(settings)
    opened = stores.open(settings)
    _, bearer = installation.bearer(settings, opened, "lists:read")
    opened.close()
    yield settings, bearer
    if held is not None:
        held.__exit__(None, None, None)
    shutil.rmtree(folder, ignore_errors=True)


def test_memory_is_flat_and_no_request_fails(made: tuple[Settings, dict[str, str]], tmp_path: Path) -> None:
    settings, bearer = made
    asks = [Ask(PAGE, bearer)]
    with installation.serving(installation.product(), installation.environment(settings), tmp_path / "log") as served:
        peak = Load(served.port, asks, 16, 5).put()["per_second"]
        assert peak, "answers at full speed"
        whole = MINUTES * 60
        first = Load(served.port, asks, 16, whole / 10, rate=SHARE * peak).put()
        before = served.memory()
        rest = Load(served.port, asks, 16, whole * 0.9, rate=SHARE * peak).put()
        after = served.memory()
    print(f"\npeak {peak:.0f}/s; {rest['requests']:,} answers at {rest['per_second']:.0f}/s over {rest['seconds']:.0f} s, p50 {rest['p50']:.0f} ms, p99 {rest['p99']:.0f} ms; "
          f"memory {before / 1e6:.0f} to {after / 1e6:.0f} MB; {first['errors'] | rest['errors'] or 'no'} errors")  # fmt: skip
    assert (set(first["statuses"]) | set(rest["statuses"]), first["errors"], rest["errors"]) == ({"200"}, {}, {})
    assert after - before <= GROWTH
