"""The area that tests share, built by the very commands that a user types."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FRAILTY = Path(sys.executable).parent / "frailty"


@dataclass(frozen=True)
class Area:
    """A built area: where its parts are, and how to run ``frailty`` on it."""

    folder: Path

    @property
    def extract(self) -> Path:
        return self.folder / "extract"

    @property
    def truth(self) -> Path:
        return self.folder / "truth"

    @property
    def record(self) -> Path:
        return self.folder / "record"

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def environment(self) -> dict[str, str]:
        return {
            "FRAILTY_HOME": str(self.home),
            "FRAILTY_ENVIRONMENT": "test",
            "FRAILTY_TRACKING": f"sqlite:///{self.folder / 'mlruns' / 'mlflow.db'}",
            "FRAILTY_TODAY": "2024-12-02",
        }

    def run(self, *arguments: str, expect: int = 0) -> dict[str, Any]:
        """Run ``frailty`` with ``--json`` and give back what it printed; the exit code must be ``expect``."""
        done = frailty(self.environment, *arguments, "--json")
        assert done.returncode == expect, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else {"stderr": done.stderr}


def frailty(environment: dict[str, str], *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The command line as a user has it, in a process of its own."""
    return subprocess.run(
        [str(FRAILTY), *arguments],
        env={**os.environ, **environment},
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


def build(folder: Path) -> None:
    """Simulate, ingest, train, promote, run and publish."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "mlruns").mkdir(exist_ok=True)
    area = Area(folder)
    area.run("simulate", "--people", "2000", "--seed", "7", "--years", "5", "--out", str(area.extract), "--truth", str(area.truth))  # fmt: skip
    area.run("ingest", "native", str(area.extract), "--record", str(area.record))
    trained = area.run("train", "--record", str(area.record), "--outcome", "unplanned_admission", "--truth", str(area.truth))  # fmt: skip
    area.run(
        "promote", trained["name"], str(trained["version"]), "--override", "an area of 2,000 is too small for gates"
    )
    area.run("run", "--record", str(area.record), "--at", "2024-11-30")
