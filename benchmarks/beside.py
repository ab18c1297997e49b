"""Others measured on the same rows and windows: each in an environment of its own, and its values held against ours."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as arrow
import pyarrow.parquet as parquet

from benchmarks import child
from benchmarks.handing import hand
from benchmarks.measured import ONE
from benchmarks.results import Figures, product
from features.record.reader import Record

#: When a measurement is given up.
SECONDS, MEMORY = 30 * 60, 16 << 30
ROOT = Path(__file__).parent.parent
UV = ROOT / ".tools" / "bin" / "uv"
SCRIPTS = Path(__file__).parent / "peers"


@dataclass(frozen=True)
class Peer:
    """What it is called. Its script and its pinned requirements are called by its key."""

    title: str


PEERS = {
    "one_query": Peer("DuckDB, one query with a FILTER a predictor"),
    "with_pandas": Peer("pandas"),
    "with_polars": Peer("polars"),
    "with_timeseriesflattener": Peer("timeseriesflattener 2.5"),
    "with_meds_tab": Peer("meds-tab 0.2"),
}


def handed(record: Path, folder: Path) -> Path:
    """The folder that others are handed, made unless it is there for this record and catalogue."""
    stamp = folder / "made-of.json"
    with Record(record, purpose="evaluation") as held:
        made_of = json.dumps([held.fingerprint, product()])
        if not stamp.is_file() or stamp.read_text() != made_of:
            hand(held, ONE[0], folder)
            stamp.write_text(made_of)
    return folder


def made_of(peer: str, folder: Path) -> str:
    """Hash of all that decides a peer's figures: what it is asked, of what record, by which script, with which packages."""
    parts = [folder / "asked.json", folder / "cohort.parquet", *sorted(SCRIPTS.glob("*.py")), SCRIPTS / f"{peer}.txt"]
    return hashlib.sha256(b"".join(part.read_bytes() for part in parts)).hexdigest()[:16]


def environment(peer: str, work: Path) -> Path:
    """The Python of a peer's own environment, made of its pinned requirements."""
    folder, wanted = work / "env" / peer, SCRIPTS / f"{peer}.txt"
    stamp = folder / "made-of.txt"
    if not stamp.is_file() or stamp.read_text() != wanted.read_text():
        if not UV.is_file():
            raise SystemExit(f"expected uv at {UV}; make it with `make setup`")
        subprocess.run([UV, "venv", "--quiet", "--clear", "--python", sys.executable, folder], check=True)
        subprocess.run([UV, "pip", "sync", "--quiet", "--python", folder / "bin" / "python", wanted], check=True)
        stamp.write_text(wanted.read_text())
    return folder / "bin" / "python"


def measured(peer: str, work: Path, folder: Path, ours: Path) -> Figures:
    """One measurement: seconds (of its work, its imports not counted), peak memory, and how its values compare with ours."""
    asked = len(json.loads((folder / "asked.json").read_text())["predictors"])
    out, python = work / f"{peer}.parquet", environment(peer, work)
    out.unlink(missing_ok=True)
    began = time.perf_counter()
    ran = child.run([str(python), str(SCRIPTS / f"{peer}.py"), str(folder), str(out)], work / f"{peer}.log", seconds=SECONDS,
                    memory=MEMORY)  # fmt: skip
    figures: Figures = {
        "outcome": ran.outcome,
        "seconds": time.perf_counter() - began,
        "peak": ran.peak,
        "asked": asked,
    }
    if ran.outcome == "failed":
        raise SystemExit(f"{peer} failed:\n{ran.end}")
    if ran.outcome == "done":
        figures |= {"seconds": json.loads(ran.end.strip().splitlines()[-1])["seconds"], **compared(out, ours)}
    return figures


def compared(theirs: Path, ours: Path) -> dict[str, Any]:
    """How many predictors the other gave, how many of the values that both give are the same (to single precision), and of which
    predictors some are not. Where ours is absent the other has no notion of absence."""
    given = parquet.read_table(theirs)
    names = [name for name in given.column_names if name != "person_id"]
    own = parquet.read_table(ours, columns=["person_id", *names])
    place = np.argsort(given["person_id"].to_numpy())
    people = given["person_id"].to_numpy()[place]
    if not np.array_equal(people, np.sort(own["person_id"].to_numpy())):
        raise SystemExit(f"expected a row of {theirs.name} for each person of ours")
    mine = np.argsort(own["person_id"].to_numpy())
    same, both, other = 0, 0, {}
    for name in names:
        left, right = _numbers(own[name])[mine], _numbers(given[name])[place]
        there = ~np.isnan(left)
        alike = np.isclose(left[there], right[there], rtol=1e-4, atol=1e-4)
        both, same = both + int(there.sum()), same + int(alike.sum())
        if not alike.all():
            other[name] = int((~alike).sum())
    return {"expressed": len(names), "compared": both, "equal": same / max(1, both), "other": other}


def _numbers(column: arrow.ChunkedArray) -> np.ndarray:
    return np.asarray(column.cast(arrow.float64()).to_numpy(), dtype=float)
