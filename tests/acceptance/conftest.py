"""Long campaigns on data that nobody here wrote, and at scale. Not part of `make test`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def cms() -> Path:
    """The CMS public use files, read in place: where DATA points, or beside the project."""
    folder = Path(os.environ.get("DATA", ROOT.parent / "shared" / "data" / "cms_desynpuf"))
    if not folder.is_dir():
        pytest.fail("expected the CMS files beside the project or where DATA points; found nothing", pytrace=False)
    return folder
