"""What every test shares: parts of the machine, and one built area of 2,000 simulated people."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from risk.parts import PARTS
from tests.area import Area, build

settings.register_profile(
    "house", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
settings.load_profile("house")

FOUND = {part.name: part.find() for part in PARTS}


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test that needs a missing part is skipped, but fails where FRAILTY_DEMAND names the part."""
    for marker in item.iter_markers("part"):
        name = marker.args[0]
        if not FOUND[name]:
            if name in os.environ.get("FRAILTY_DEMAND", "").split():
                pytest.fail(f"{name} is demanded here and missing: {_remedy(name)}", pytrace=False)
            pytest.skip(f"{name} is missing: {_remedy(name)}")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that share what their module builds go to one worker, so that it is built once."""
    for item in items:
        held = getattr(item, "_fixtureinfo", None)
        built = held is not None and any(each[-1].scope == "module" for each in held.name2fixturedefs.values() if each)
        if built and item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.nodeid.split("::")[0]))


def _remedy(name: str) -> str:
    return next(part.remedy for part in PARTS if part.name == name)


@pytest.fixture(autouse=True)
def _apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads this machine's own settings."""
    for name in [name for name in os.environ if name.startswith("FRAILTY_") and name != "FRAILTY_DEMAND"]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def area(tmp_path_factory: pytest.TempPathFactory) -> Area:
    """One area of 2,000 simulated people: ingested, a model trained and live, a run published. Tests only read it;
    one that writes copies what it needs. Parallel workers share it."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    folder = Path(shared) / "area-2000"
    with (Path(shared) / "area-2000.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "built").exists():
            build(folder)
            (folder / "built").touch()
    return Area(folder)
