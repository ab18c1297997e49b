"""The folders of runs in a backup, each as its own hashes say."""

from __future__ import annotations

from pathlib import Path

import orjson

from features.errors import Refused
from features.progress import Progress
from risk.backup.writing import Writing
from risk.run import folder
from risk.settings import Settings

#: Of runs, within a backup.
RUNS = "runs"
#: Times that files are read anew where somebody is being forgotten in them at that moment.
TRIES = 3


def add(
    settings: Settings, runs: list[int], current: int | None, writing: Writing, scratch: Path, progress: Progress
) -> list[int]:
    """Seal the folders of ``runs``; those that have no folder any more. :class:`Refused` where a run, or the current one's folder, is not as published."""
    progress.stage("files of runs", len(runs))
    gone = []
    for number in runs:
        if not (settings.runs / str(number) / folder.MANIFEST).is_file() and number != current:
            gone.append(number)
            continue
        for _ in range(TRIES):
            if _sealed(settings.runs / str(number), writing, scratch):
                break
            writing.drop(f"{RUNS}/{number}/")
        else:
            raise Refused(
                f"run {number} is not as its own hashes say, so it is not backed up as if it were; restore its folder first"
            )
        progress.advance()
    return gone


def _sealed(source: Path, writing: Writing, scratch: Path) -> bool:
    """Whether what was sealed is what the run's own manifest says; not so where somebody was forgotten in it meanwhile."""
    try:
        told = (source / folder.MANIFEST).read_bytes()
        whole = True
        for name, expected in orjson.loads(told)["files"].items():
            whole &= writing.add(f"{RUNS}/{source.name}/{name}", source / name).sha256 == expected
        copied = scratch / folder.MANIFEST
        copied.write_bytes(told)
        writing.add(f"{RUNS}/{source.name}/{folder.MANIFEST}", copied)
    except FileNotFoundError:
        return False
    return whole
