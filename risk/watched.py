"""What watching each model last found: kept for the guards of later runs."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from features.errors import BadInput
from risk.settings import Settings

FOLDER = "monitor"


def keep(settings: Settings, name: str, found: Mapping[str, Any]) -> None:
    """Keep what was found of the model ``name``, in place of what was found before."""
    path = settings.home / FOLDER / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_text(json.dumps(found))
    os.replace(fresh, path)


def latest(settings: Settings, name: str) -> dict[str, Any] | None:
    """What watching a model last found; None where it has not been watched. :class:`BadInput` where it cannot be read."""
    path = settings.home / FOLDER / f"{name}.json"
    if not path.is_file():
        return None
    try:
        return json.loads(path.read_text())
    except ValueError as error:
        raise BadInput(
            f"expected what watching {name} found in {path}, and cannot read it; run `frailty monitor` again"
        ) from error
