"""What a run has finished, kept in its staging folder, so that a run that was killed goes on from its last whole stage.

The folder's name ends in the fencing number of the lease: whoever takes a run over renames it, and what the old holder would still write
has no place to go. ``stages.json`` holds what the run rests on and, of each finished stage, its files with their hashes. A stage whose files
are not as they were is done again.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson

from features.record.manifest import sync_folder
from risk.run.folder import STAGING

LEDGER = "stages.json"


class Kept:
    """The staging folder of one run and what is finished in it."""

    def __init__(self, path: Path, facts: dict[str, Any], stages: dict[str, Any]) -> None:
        self.path = path
        self.facts = facts
        self._stages = stages

    @classmethod
    def begin(cls, runs: Path, fence: int, facts: Mapping[str, Any]) -> Kept:
        """A new folder, with nothing finished; any other is removed."""
        for left in runs.glob(f"{STAGING}*"):
            shutil.rmtree(left)
        held = cls(runs / f"{STAGING}{fence}", _as_json(facts), {})
        held.path.mkdir(mode=0o750)
        held._write()
        return held

    @classmethod
    def left(cls, runs: Path, fence: int) -> Kept | None:
        """What the last run left, taken over under a new fencing number; None where it left nothing that can be read."""
        found = sorted(runs.glob(f"{STAGING}*/{LEDGER}"), key=lambda path: path.stat().st_mtime_ns)
        for ledger in reversed(found):
            try:
                told = json.loads(ledger.read_text())
                mine = runs / f"{STAGING}{fence}"
                os.rename(ledger.parent, mine)
                sync_folder(runs)
                return cls(mine, told["facts"], told["stages"])
            except (OSError, ValueError, KeyError):
                continue
        return None

    def differs(self, facts: Mapping[str, Any]) -> list[str]:
        """What is not as it was when the folder was begun, by name."""
        now = _as_json(facts)
        return sorted(name for name in {*now, *self.facts} if now.get(name) != self.facts.get(name))

    def file(self, name: str) -> Path:
        return self.path / name

    def done(self, stage: str) -> dict[str, Any] | None:
        """What a finished stage said; None where it is not finished, or its files are not as they were."""
        held = self._stages.get(stage)
        if held is None:
            return None
        if all(_sha256(self.file(name)) == sha256 for name, sha256 in held["files"].items()):
            said: dict[str, Any] = held["said"]
            return said
        del self._stages[stage]
        return None

    def finish(self, stage: str, names: Iterable[str] = (), **said: Any) -> dict[str, Any]:
        """A stage is whole: its files ``names`` are on disk for good, and what it ``said`` with them."""
        files = {}
        for name in names:
            files[name] = _sha256(self.file(name), sync=True)
        self._stages[stage] = {"files": files, "said": _as_json(said)}
        self._write()
        told: dict[str, Any] = self._stages[stage]["said"]
        return told

    def finished(self) -> list[str]:
        """Stages that are finished, in their order."""
        return list(self._stages)

    def remove(self) -> None:
        """The run is over."""
        shutil.rmtree(self.path, ignore_errors=True)

    def _write(self) -> None:
        fresh = self.path / f".{LEDGER}"
        with fresh.open("wb") as file:
            file.write(orjson.dumps({"facts": self.facts, "stages": self._stages}))
            file.flush()
            os.fsync(file.fileno())
        os.rename(fresh, self.path / LEDGER)
        sync_folder(self.path)


def _as_json(facts: Mapping[str, Any]) -> dict[str, Any]:
    held: dict[str, Any] = json.loads(
        orjson.dumps(dict(facts), option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS)
    )
    return held


def _sha256(path: Path, *, sync: bool = False) -> str | None:
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            if sync:
                os.fsync(file.fileno())
    except OSError:
        if sync:
            raise
        return None
    return digest
