"""Making a bundle: what is released, in a folder of its own under the next version, whole or not there."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from features.errors import Refused
from features.record.tables import PERSON_TABLES
from models.baselines import Logistic
from models.bundle import (
    BASELINES,
    BUNDLE,
    CALIBRATOR,
    CARD,
    FORMAT,
    MODEL,
    RAREST_PATTERN,
    REPORT,
    Bands,
    Bundle,
    fingerprint,
    mask_of,
)
from models.calibrate import Calibrator
from models.patterns import Pattern
from models.person_interval import PersonInterval
from models.train import Trained

#: Shares of the calibration people at or above the lowest probability of the high and of the medium band.
HIGH, MEDIUM = 0.02, 0.10


@dataclass(frozen=True)
class Draft:
    """All that a bundle is made of but its version. ``tables`` are those that the predictors read; ``interval`` is of the calibration
    people, None where it was not worked out; ``without`` are the curves of patterns less a feed."""

    name: str
    outcome: str
    horizon: int
    minimum_age: int
    names: tuple[str, ...]
    fingerprints: tuple[str, ...]
    tables: tuple[str, ...]
    patterns: Mapping[int, float]
    bands: Bands
    dates: Mapping[str, Any]
    about: Mapping[str, str]
    trained: Trained
    calibrator: Calibrator
    logistic: Logistic
    provenance: Mapping[str, Any]
    interval: PersonInterval | None = None
    without: tuple[Pattern, ...] = ()


def bands_of(probability: npt.NDArray[np.float64]) -> Bands:
    """Thresholds at which 2 and 10 in 100 of the calibration people lie. Where a model tells people apart too little for
    that, the thresholds lie just above what it gives, so that nobody is called high for nothing."""
    high, medium = (float(np.quantile(probability, 1 - share, method="higher")) for share in (HIGH, MEDIUM))
    if not medium < high:
        medium = float(np.nextafter(high, 1))
        high = float(np.nextafter(medium, 1))
    return Bands(high, medium)


def patterns_of(feeds: npt.NDArray[np.uint64], tables: Sequence[str]) -> dict[int, float]:
    """Share of the rows with each pattern of feeds, of the ``tables`` alone; rare patterns (fewer than 5 in 1,000) left out."""
    masks, rows = np.unique(feeds & np.uint64(mask_of(tables)), return_counts=True)
    shares = rows / max(1, rows.sum())
    return {int(mask): float(share) for mask, share in zip(masks, shares, strict=True) if share >= RAREST_PATTERN}


def versions(bundles: Path, name: str) -> list[int]:
    """Versions of a model that have been released into ``bundles``, in order."""
    found = (Path(bundles) / name).glob(f"*/{BUNDLE}")
    return sorted(int(path.parent.name) for path in found if path.parent.name.isdigit())


def reserve(bundles: Path, name: str) -> int:
    """The next version, which nobody else is given from now on."""
    home = Path(bundles) / name
    home.mkdir(parents=True, exist_ok=True)
    taken = [int(path.name) for path in home.iterdir() if path.name.isdigit()]
    version = max(taken, default=0) + 1
    while True:
        try:
            (home / str(version)).mkdir()
        except FileExistsError:
            version += 1
        else:
            return version


def give_back(bundles: Path, name: str, version: int) -> None:
    """Let go of a version that was reserved and will not be written."""
    with contextlib.suppress(OSError):
        (Path(bundles) / name / str(version)).rmdir()


def write(bundles: Path, version: int, draft: Draft, report: Mapping[str, Any], card: str) -> Bundle:
    """Write the bundle under the version reserved, and load it as a reader will. A failure leaves no bundle."""
    home = Path(bundles) / draft.name
    place, staged = home / str(version), home / f".{version}.new"
    if (place / BUNDLE).exists():
        raise Refused(f"{draft.name} version {version} exists already; a released model is never replaced")
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(parents=True)
    try:
        contents = {
            MODEL: draft.trained.text,
            CALIBRATOR: _text(
                {
                    **draft.calibrator.to_json(),
                    "interval": draft.interval and draft.interval.to_json(),
                    "patterns": [each.to_json() for each in draft.without],
                }
            ),
            BASELINES: _text({"logistic": draft.logistic.to_json()}),
            REPORT: _text(report, sort_keys=False),
            CARD: card,
        }
        for name, text in contents.items():
            (staged / name).write_text(text)
        files = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in contents.items()}
        facts = _facts(draft, version, files)
        (staged / BUNDLE).write_text(_text({**facts, "sha256": fingerprint(facts)}))
        os.replace(staged, place)
    except BaseException:
        shutil.rmtree(staged, ignore_errors=True)
        give_back(bundles, draft.name, version)
        raise
    return Bundle.load(place)


def _facts(draft: Draft, version: int, files: Mapping[str, str]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        **{
            key: getattr(draft, key) for key in ("name", "outcome", "horizon", "minimum_age", "dates", "about", "provenance")
        },
        "version": version,
        "predictors": [
            {"name": name, "fingerprint": hash_} for name, hash_ in zip(draft.names, draft.fingerprints, strict=True)
        ],
        "tables": list(draft.tables),
        "feed_patterns": [
            {"tables": [t for bit, t in enumerate(PERSON_TABLES) if mask >> bit & 1], "share": round(share, 6)}
            for mask, share in sorted(draft.patterns.items(), key=lambda item: -item[1])
        ],
        "bands": {
            **draft.bands._asdict(),
            "says": f"high: the probability that {HIGH:.0%} of the calibration people reach; medium: that {MEDIUM:.0%} reach",
        },
        "recipe": draft.trained.facts,
        "calibration": draft.calibrator.method,
        "files": dict(files),
    }  # fmt: skip


def _text(value: Any, sort_keys: bool = True) -> str:
    return json.dumps(value, indent=1, sort_keys=sort_keys, default=str, allow_nan=False) + "\n"
