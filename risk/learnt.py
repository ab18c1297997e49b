"""What each model learned from, kept beside the models, apart from the bundles that are handed on: whom (so that it can be said of
somebody who is forgotten which models know of them), and in what distributions (so that later people can be held against them)."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np
import pyarrow as arrow
import pyarrow.compute as pc
import pyarrow.parquet as parquet

from features.errors import BadInput, Refused
from models.bundle import BUNDLE, Bundle
from models.dataset import Dataset
from models.monitor import Reference
from risk.settings import Settings

FOLDER = "learnt"


def keep(settings: Settings, name: str, version: int, parts: Mapping[str, Dataset]) -> None:
    """Keep the ``person_id`` of everybody in each part (train, calibrate, test) of what a model was made of."""
    people = {part: np.unique(data.person_id) for part, data in parts.items()}
    rows = arrow.table({
        "person_id": arrow.array(np.concatenate([*people.values(), np.zeros(0, np.int64)])),
        "part": arrow.array([part for part, ids in people.items() for _ in ids], arrow.string()),
    })  # fmt: skip
    path = _folder(settings) / f"{name}-{version}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write(path, rows)


def keep_reference(settings: Settings, bundle: Bundle, parts: Mapping[str, Dataset]) -> Reference:
    """Keep the distributions of what a model was made of, bound to its bundle by the bundle's hash. Counts alone: nobody is in them."""
    held = Reference.of(parts["train"], bundle.raw(parts["calibrate"].X), bundle.tables)
    path = _folder(settings) / f"{bundle.name}-{bundle.version}.json"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_text(json.dumps({"bundle": bundle.sha256, **held.to_json()}))
    os.replace(fresh, path)
    return held


def reference(settings: Settings, bundle: Bundle) -> Reference | None:
    """The distributions of what a model was made of; None where they were not kept. :class:`Refused` where they are another model's."""
    path = _folder(settings) / f"{bundle.name}-{bundle.version}.json"
    if not path.is_file():
        return None
    try:
        held = json.loads(path.read_text())
    except ValueError as error:
        raise BadInput(f"expected what {bundle.name} version {bundle.version} was made of in {path}, and cannot read it; restore it from a backup") from error  # fmt: skip
    if held.get("bundle") != bundle.sha256:
        raise Refused(f"{path} tells what another model was made of than {bundle.name} version {bundle.version}; restore it from a backup")  # fmt: skip
    return Reference.from_json(held)


def models_of(settings: Settings, people: Collection[int]) -> list[dict[str, str | int]]:
    """Models made with any of ``people``: ``name``, ``version``, ``part``."""
    ids, found = arrow.array(sorted(people), arrow.int64()), []
    for path in sorted(_folder(settings).glob("*.parquet")):
        held = parquet.read_table(path)
        parts = pc.unique(held.filter(pc.is_in(held["person_id"], ids))["part"]).to_pylist()
        name, _, version = path.stem.rpartition("-")
        found += [{"name": name, "version": int(version), "part": part} for part in sorted(parts)]
    return found


def unknown(settings: Settings) -> list[str]:
    """Models of which it is not known whom they learned from."""
    there = {f"{path.parent.parent.name}-{path.parent.name}" for path in settings.bundles.glob(f"*/*/{BUNDLE}")}
    return sorted(there - {path.stem for path in _folder(settings).glob("*.parquet")})


def remove(settings: Settings, people: Collection[int]) -> int:
    """Remove ``people`` from what is kept; rows removed."""
    ids, removed = arrow.array(sorted(people), arrow.int64()), 0
    for path in sorted(_folder(settings).glob("*.parquet")):
        held = parquet.read_table(path)
        others = held.filter(pc.invert(pc.is_in(held["person_id"], ids)))
        if others.num_rows < held.num_rows:
            _write(path, others)
            removed += held.num_rows - others.num_rows
    return removed


def _folder(settings: Settings) -> Path:
    return settings.home / FOLDER


def _write(path: Path, rows: arrow.Table) -> None:
    fresh = path.with_name(f".{path.name}.new")
    parquet.write_table(rows, fresh, compression="zstd")
    fresh.chmod(0o600)
    os.replace(fresh, path)
