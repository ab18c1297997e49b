"""Results kept as they are made, so that a run that stopped is gone on with, and the page is written from what was measured."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import features

Figures = dict[str, Any]


@cache
def product() -> str:
    """Hash of the code that is measured: results of other code are not gone on with."""
    folder = Path(features.__file__).parent
    parts = [folder / name for name in ("engine", "predictors", "codelists", "record")]
    files = sorted(
        [*folder.glob("*.py"), *(file for part in parts for file in part.rglob("*") if file.suffix in (".py", ".csv"))]
    )
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]


def machine() -> Figures:
    """What the figures were taken on."""
    said = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    model = next(
        (line.split(":", 1)[1].strip() for line in said.splitlines() if line.startswith("model name")),
        platform.machine(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {"processor": model, "cores": len(os.sched_getaffinity(0)), "memory": memory}


@dataclass(frozen=True)
class Results:
    """Results in ``folder``, one JSON file a measurement. ``again``: measure what is there already, too, once."""

    folder: Path
    again: bool = False
    made: set[str] = field(default_factory=set)

    def rounds(
        self, name: str, rounds: int, measure: Callable[[], Figures], made_of: str | None = None
    ) -> list[Figures]:
        """The figures of ``rounds`` measurements called ``name``: those that are there, and new ones."""
        return [self.one(f"{name}-{number}", measure, made_of) for number in range(1, rounds + 1)]

    def one(self, name: str, measure: Callable[[], Figures], made_of: str | None = None) -> Figures:
        """The figures of the measurement ``name``, made unless they are there, of what is measured (``made_of``: the product)."""
        made_of = made_of or product()
        held = None if self.again and name not in self.made else self.load(name)
        if held is None or held.get("made_of") != made_of:
            load, figures = os.getloadavg()[0], measure()
            held = {**figures, "made_of": made_of, "machine": machine(), "on": datetime.now(UTC).date().isoformat(),
                    "load": load}  # fmt: skip
            self.made.add(name)
            self.folder.mkdir(parents=True, exist_ok=True)
            unfinished = self.folder / f".{name}.json"
            unfinished.write_text(json.dumps(held, indent=1, sort_keys=True))
            unfinished.replace(self.folder / f"{name}.json")
        return held

    def load(self, name: str) -> Figures | None:
        path = self.folder / f"{name}.json"
        held: Figures | None = json.loads(path.read_text()) if path.is_file() else None
        return held

    def all_of(self, name: str) -> list[Figures]:
        """Rounds of ``name`` that are there, in order; those of other code than the first was made of, which is measured anew before the
        others are, are left out."""
        paths = sorted(self.folder.glob(f"{name}-[0-9]*.json"), key=lambda path: int(path.stem.rsplit("-", 1)[1]))
        found = [json.loads(path.read_text()) for path in paths]
        return [one for one in found if one["made_of"] == found[0]["made_of"]]


def busy(one: Figures) -> bool:
    """Whether others were at work on the machine when a measurement began: more than the one before it would leave behind."""
    return bool(one["load"] > one["machine"]["cores"] + 1)


def median(rounds: list[Figures], figure: str = "seconds") -> float:
    return float(statistics.median(one[figure] for one in rounds))
