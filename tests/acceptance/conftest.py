"""Long campaigns on data that nobody here wrote, and at scale. Not part of `make test`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.area import frailty

ROOT = Path(__file__).resolve().parents[2]


class Installation:
    """A fresh installation in a folder, driven by its command line."""

    def __init__(self, folder: Path, today: str) -> None:
        self.folder = folder
        self.environment = {
            "FRAILTY_HOME": str(folder / "home"),
            "FRAILTY_ENVIRONMENT": "test",
            "FRAILTY_TRACKING": f"sqlite:///{folder / 'mlflow.db'}",
            "FRAILTY_TODAY": today,
        }

    def run(self, *arguments: str) -> dict:
        import json

        print(f"\n$ frailty {' '.join(arguments)}", flush=True)
        done = frailty(self.environment, *arguments, "--json", cwd=self.folder)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture(scope="session")
def cms() -> Path:
    """The CMS public use files, read in place: DATA, or beside the project."""
    folder = Path(os.environ.get("DATA", ROOT.parent / "shared" / "data" / "cms_desynpuf"))
    if not folder.is_dir():
        pytest.fail(f"expected the CMS files in {folder.name}/ beside the project or where DATA points; found nothing")
    return folder
