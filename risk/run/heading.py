"""What stands over everything that the terminal shows of a practice: which run, of which data, how old, and until when it holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from risk import staleness
from risk.run.saying import said
from risk.settings import Settings


def heading(settings: Settings, run: Mapping[str, Any], practice: Mapping[str, Any]) -> dict[str, Any]:
    """Of a ``run``'s row and the ``practice``'s in it, ready for JSON."""
    return {
        "practice": practice["practice"],
        "scheme": practice["scheme"],
        "run": run["number"],
        "at": str(run["index_date"]),
        "data": said(run["about"]),
        "data_as_at": str(run["data_as_at"]),
        "valid_until": str(run["valid_until"]),
        **staleness.told(settings, run),
    }
