"""What the size of a practice's list buys: the admissions that the list's own probabilities expect among so many people, and what a list of such a size
found where the model was judged. The first speaks of this practice and rests on the probabilities being right; the second was seen, elsewhere or earlier."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from features.errors import BadInput
from models.bundle import BUNDLE, REPORT
from risk.settings import Settings
from risk.store import Store


def report_of(settings: Settings, run: Mapping[str, Any]) -> dict[str, Any] | None:
    """How the model of a run was judged when it was made; None where the bundle is not held here, or is not the one that the run was made with.
    :class:`BadInput` where its files cannot be read."""
    folder = settings.bundles / str(run["model_name"]) / str(run["model_version"])
    if not (folder / BUNDLE).is_file() or not (folder / REPORT).is_file():
        return None
    try:
        held, report = json.loads((folder / BUNDLE).read_bytes()), (folder / REPORT).read_bytes()
        same = held["sha256"] == run["model_sha256"] and held["files"][REPORT] == sha256(report).hexdigest()
        return dict(json.loads(report)) if same else None
    except (OSError, ValueError, KeyError) as error:
        raise BadInput(f"expected a bundle in {folder}, and cannot read it") from error


def buys(settings: Settings, store: Store, run: Mapping[str, Any], practice: Mapping[str, Any], places: int) -> dict[str, Any]:  # fmt: skip
    """``places`` of the ``scored``; ``expected`` admissions among them of ``of_all`` in the practice, and ``ppv`` their share; ``seen``, the nearest size
    at which the model was judged (:func:`seen_at`), None where that is not known here."""
    within, every = store.expected_events(run["number"], practice["practice"], practice["scheme"], places)
    report = report_of(settings, run)
    return {
        "places": places,
        "scored": practice["scored"],
        "expected": within,
        "of_all": every,
        "ppv": within / places if places else None,
        "seen": seen_at(report, places / practice["scored"]) if report and practice["scored"] else None,
    }


def seen_at(report: Mapping[str, Any], share: float) -> dict[str, Any] | None:
    """Of the sizes at which the model was judged the one nearest to ``share`` (0-1, by ratio): ``share``, ``listed``, ``found``, ``ppv`` and ``sensitivity``
    each with its interval, and ``data``, what it was judged on. None where the report has no such figures."""
    sizes = [row for row in report.get("performance", {}).get("ours", {}).get("top", ()) if row.get("share")]
    if not sizes or share <= 0:
        return None
    nearest = min(sizes, key=lambda row: abs(math.log(row["share"] / share)))
    about = report.get("about", {})
    return {**{name: nearest[name] for name in ("share", "listed", "found", "ppv", "sensitivity")},
            "data": f"{about.get('kind', 'unknown')} data: {about.get('title', '')}"}  # fmt: skip
