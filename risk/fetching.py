"""Files that were made for a client to fetch and wait for it in the installation's home. What they are: :mod:`serving.fhir.bulk`."""

from __future__ import annotations

import shutil
from pathlib import Path

from risk.settings import Settings


def waiting(home: Path) -> Path:
    """The folder over them all."""
    return home / "bulk"


def remove(settings: Settings) -> int:
    """Remove all of them, whoever is in them: a client asks for its own again. How many there were."""
    over = waiting(settings.home)
    held = list(over.iterdir()) if over.is_dir() else []
    for folder in held:
        shutil.rmtree(folder, ignore_errors=True)
    return len(held)
