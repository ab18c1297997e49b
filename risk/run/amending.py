"""Taking people out of a run that was published: its files are written anew without them, and ``run.json`` says that they were.

The folder is filled under another name and takes the old one's place by two renames. A kill in between is mended by whoever comes
next (:func:`mend`), so a run is never lost. What was counted stays as it was published; the amendment says how many rows fewer
there are, and what the run's hash was and is.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pyarrow as arrow
import pyarrow.compute as pc
import pyarrow.parquet as parquet

from features.record.manifest import sync_folder
from risk.run import folder

FRESH, OLD = ".amended-", ".before-"


@dataclass(frozen=True)
class Amendment:
    """What was done to a run: ``people`` rows went, ``listed`` of them from its lists, on what ``ground``."""

    forgetting: str
    ground: str
    at: str
    people: int
    listed: int
    content_before: str
    content_after: str


def mend(runs: Path) -> None:
    """Finish or undo what a killed amendment left. For the holder of the lease (:mod:`risk.run.lease`)."""
    for left in runs.glob(f"{OLD}*"):
        final = runs / left.name.removeprefix(OLD)
        if not final.exists():
            os.rename(left, final)
        else:
            shutil.rmtree(left)
    for left in runs.glob(f"{FRESH}*"):
        shutil.rmtree(left)
    if runs.is_dir():
        sync_folder(runs)


def amendment(runs: Path, number: int, forgetting: str) -> Amendment | None:
    """The amendment of a run by a forgetting; None where there is none."""
    held = folder.manifest(runs, number).get("amendments", [])
    return next((Amendment(**one) for one in held if one["forgetting"] == forgetting), None)


def amend(runs: Path, number: int, people: Collection[int], forgetting: str, ground: str) -> Amendment | None:
    """Remove the rows of ``people`` from the files of a run; None where it has none of them.

    For the holder of the lease (:mod:`risk.run.lease`), after :func:`mend`.
    """
    final, fresh = runs / str(number), runs / f"{FRESH}{number}"
    ids = arrow.array(sorted(people), arrow.int64())
    scores = parquet.read_table(final / folder.SCORES, columns=["person_id", "listed"], filters=[("person_id", "in", list(people))])  # fmt: skip
    held = folder.manifest(runs, number)
    if not any(folder.person_row(runs, number, name, person) for name in held["files"] for person in people):
        return None
    fresh.mkdir(mode=0o750)
    for path in sorted(final.iterdir()):
        if path.suffix == ".parquet":
            _without(path, fresh / path.name, ids)
        elif path.name != folder.MANIFEST:
            shutil.copyfile(path, fresh / path.name)
    hashes, content = folder.hashes(fresh, held["files"])
    done = Amendment(forgetting, ground, datetime.now(UTC).isoformat(timespec="seconds"), scores.num_rows,
                     int(pc.sum(scores["listed"]).as_py() or 0), held["content_sha256"], content)  # fmt: skip
    amended: dict[str, Any] = {
        **held, "files": hashes, "content_sha256": content, "amendments": [*held.get("amendments", []), asdict(done)],
    }  # fmt: skip
    (fresh / folder.MANIFEST).write_bytes(orjson.dumps(amended, option=orjson.OPT_INDENT_2))
    folder.close(fresh)
    os.rename(final, runs / f"{OLD}{number}")
    os.rename(fresh, final)
    sync_folder(runs)
    shutil.rmtree(runs / f"{OLD}{number}")
    return done


def _without(old: Path, new: Path, ids: arrow.Array) -> None:
    held = parquet.ParquetFile(old)
    if "person_id" not in held.schema_arrow.names:
        shutil.copyfile(old, new)
        return
    with folder.writer(new, held.schema_arrow) as writer:
        for group in range(held.num_row_groups):
            rows = held.read_row_group(group)
            writer.write_table(
                rows.filter(pc.invert(pc.is_in(rows["person_id"], ids))), row_group_size=folder.ROW_GROUP
            )
