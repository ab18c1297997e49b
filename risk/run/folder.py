"""A run's folder: every score, contribution, predictor value and flag of the run, in content-hashed Parquet sorted by person.

It is filled under another name and takes its number in one rename, so a folder with a number is whole. Its files are
read-only from then on.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as arrow
import pyarrow.parquet as parquet

from features.errors import BadInput
from features.record.manifest import sync_folder

MANIFEST = "run.json"
SCORES, CONTRIBUTIONS, VALUES, FLAGS, LEAVERS = FILES = (
    "scores.parquet",
    "contributions.parquet",
    "values.parquet",
    "flags.parquet",
    "leavers.parquet",
)
#: Files with a row for everybody scored.
OF_EVERYBODY = FILES[:4]
#: Columns beside the predictors': what everybody's score begins with, and the sum of contributions too small to keep apart.
BASELINE, OTHER = "baseline", "other"
STAGING = ".staging-"
#: People a row group: small enough that one person's reasons are read without the rest of the area's.
ROW_GROUP = 8192


def sweep(runs: Path, unpublished: set[int], but: Path | None = None) -> list[str]:
    """Remove what killed runs left: staging folders ``but`` one, and folders of runs that the store never saw published.

    Only for the holder of the lease (:mod:`risk.run.lease`). Returns the names removed.
    """
    left = [path for path in runs.glob(f"{STAGING}*") if path != but]
    left += [runs / str(number) for number in sorted(unpublished) if (runs / str(number)).is_dir()]
    for folder in left:
        shutil.rmtree(folder)
    return [folder.name for folder in left]


def writer(path: Path, schema: arrow.Schema) -> parquet.ParquetWriter:
    """A file of a run. Numbers have no dictionary, which costs more than it saves of numbers that seldom recur; the person's alone has
    statistics, by which one person's rows are found."""
    texts = [field.name for field in schema if not arrow.types.is_floating(field.type)]
    found_by = [name for name in schema.names if name == "person_id"]
    return parquet.ParquetWriter(
        path, schema, compression="zstd", compression_level=1, use_dictionary=texts, write_statistics=found_by
    )


class Files:
    """Parquet files that grow in a folder, closed when the context is left."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._writers: dict[str, parquet.ParquetWriter] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def write(self, name: str, rows: arrow.Table) -> None:
        """Add rows, sorted by person and after those added before, to the file ``name``."""
        if name not in self._writers:
            self._writers[name] = writer(self.path / name, rows.schema)
        self._writers[name].write_table(rows, row_group_size=ROW_GROUP)

    def close(self) -> None:
        for writer in self._writers.values():
            writer.close()
        self._writers = {}


class Staged(Files):
    """The folder of run ``number`` while it is being filled, ``within`` another or among the runs. A context: leaving it unsealed removes it."""

    def __init__(self, runs: Path, number: int, within: Path | None = None) -> None:
        super().__init__((within or runs) / f"{STAGING}{number}")
        self.final = runs / str(number)
        self.sealed = False

    def __enter__(self) -> Self:
        shutil.rmtree(self.path, ignore_errors=True)
        self.path.mkdir(mode=0o750)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        if not self.sealed:
            shutil.rmtree(self.path, ignore_errors=True)

    def copy(self, file: Path) -> None:
        """Add a file that is whole already."""
        shutil.copyfile(file, self.path / file.name)

    def seal(self, manifest: dict[str, Any]) -> dict[str, Any]:
        """Close, hash and sync the files, write ``run.json``, and give the folder its number; the manifest as written.

        ``content_sha256`` is the hash of the files' hashes: equal for two runs with equal scores and reasons.
        """
        self.close()
        names = [path.name for path in sorted(self.path.glob("*.parquet"))]
        files, content = hashes(self.path, [*FILES, *(name for name in names if name not in FILES)])
        written = {**manifest, "files": files, "content_sha256": content}
        (self.path / MANIFEST).write_bytes(orjson.dumps(written, option=orjson.OPT_INDENT_2))
        close(self.path)
        shutil.rmtree(self.final, ignore_errors=True)  # a folder of this number that nobody saw published
        os.rename(self.path, self.final)
        sync_folder(self.final.parent)
        self.sealed = True
        return written


def hashes(path: Path, names: Iterable[str]) -> tuple[dict[str, str], str]:
    """SHA-256 of each file named, now on disk for good, and of all of them together: the run's content."""
    files = {name: _synced_sha256(path / name) for name in names}
    return files, hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()


def close(path: Path) -> None:
    """Let nothing in a run's folder be changed from now on."""
    _synced_sha256(path / MANIFEST)
    for file in path.iterdir():
        file.chmod(0o440)
    sync_folder(path)


def matrix_rows(
    person_id: npt.NDArray[np.int64], names: tuple[str, ...], values: npt.NDArray[np.floating[Any]]
) -> arrow.Table:
    """``values`` (n, len(names)) as a table of float32 columns beside ``person_id``."""
    laid = np.asfortranarray(
        values, dtype=np.float32
    )  # once, column by column; what arrow then holds is not copied again
    columns = [arrow.array(person_id), *(arrow.array(laid[:, i], from_pandas=False) for i in range(len(names)))]
    return arrow.table(columns, names=["person_id", *names])


def manifest(runs: Path, number: int) -> dict[str, Any]:
    """``run.json`` of a run; :class:`BadInput` where its folder is gone or unreadable."""
    path = runs / str(number) / MANIFEST
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise BadInput(
            f"expected run {number} in {path.parent}, and cannot read it; restore it from a backup"
        ) from error


def faults(runs: Path, number: int) -> list[str]:
    """What no longer agrees with the run's own hashes, in sentences; empty when the run is as it was published."""
    held = manifest(runs, number)
    found = []
    for name, expected in held["files"].items():
        path = runs / str(number) / name
        if not path.is_file():
            found.append(f"run {number}: {name} is missing")
        elif _sha256(path) != expected:
            found.append(f"run {number}: {name} is not as it was published")
    return found


def full(files: Iterable[str]) -> list[str]:
    """Of a run's ``files``, those of everybody's reasons, values and flags: large, and needed by no list once it is published."""
    return [name for name in files if name in (CONTRIBUTIONS, VALUES, FLAGS) or name.startswith("contributions-")]


def drop(runs: Path, number: int, names: Iterable[str], on: str) -> list[str]:
    """Remove files of a run, and keep in its manifest that they were there, with their hashes, and the day ``on`` which they went; the names removed.
    The run's content is still what its hash says of what it was. For the holder of the lease; doing it again finishes what a kill left."""
    held, path = manifest(runs, number), runs / str(number)
    gone = [name for name in held["files"] if name in set(names)]
    removed = {**held.get("removed", {}), **{name: {"sha256": held["files"][name], "on": on} for name in gone}}
    if gone:
        kept = {name: sha256 for name, sha256 in held["files"].items() if name not in gone}
        fresh = path / f".{MANIFEST}"
        fresh.write_bytes(orjson.dumps({**held, "files": kept, "removed": removed}, option=orjson.OPT_INDENT_2))
        _synced_sha256(fresh)
        fresh.chmod(0o440)
        os.rename(fresh, path / MANIFEST)
        sync_folder(path)
    for name in removed:
        (path / name).unlink(missing_ok=True)
    return gone


def person_row(
    runs: Path, number: int, name: str, person_id: int, columns: Sequence[str] | None = None
) -> dict[str, Any] | None:
    """One person's row of the file ``name``, or some ``columns`` of it; None where the run did not score them."""
    return person_rows(runs, number, name, (person_id,), columns).get(person_id)


def person_rows(
    runs: Path, number: int, name: str, people: Collection[int], columns: Sequence[str] | None = None
) -> dict[int, dict[str, Any]]:
    """The rows of ``people`` in the file ``name``, by person, in one reading; of whoever the run did not score there is none."""
    rows = parquet.read_table(runs / str(number) / name, filters=[("person_id", "in", list(people))],
                              columns=None if columns is None else ["person_id", *columns])  # fmt: skip
    return {row["person_id"]: row for row in rows.to_pylist()}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _synced_sha256(path: Path) -> str:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
    return digest


def contributions_beside(place: int, name: str) -> str:
    """The file that holds everybody's contributions of an outcome beside."""
    return f"contributions-{place}-{name}.parquet"


def scores_beside(place: int, name: str) -> str:
    """The file that holds everybody's scores of an outcome beside."""
    return f"scores-{place}-{name}.parquet"
