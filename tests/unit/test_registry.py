"""What goes into the experiment registry: a run, figures, the bundle's files, an alias; and nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

from features.errors import BadInput, MissingPart
from models import registry, release
from models.bundle import Bundle
from tests.synthetic import dataset
from tests.unit.test_bundle import DRAFT


def test_candidates_are_registered_by_version_and_nobody_is_in_what_is_kept(tmp_path: Path) -> None:
    uri = f"sqlite:///{tmp_path / 'mlruns' / 'mlflow.db'}"
    bundles = [_released(tmp_path / "bundles") for _ in range(2)]
    for bundle in bundles:
        registry.log(uri, bundle, {"trees": 20}, {"ours.auroc": 0.77, "ours.ici": None})

    assert registry.version_at(uri, DRAFT.name, "candidate") == 2
    registry.point(uri, DRAFT.name, "champion", 1)
    assert registry.version_at(uri, DRAFT.name, "champion") == 1
    registry.point(uri, DRAFT.name, "champion", None)
    with pytest.raises(BadInput, match="under the alias champion, found none"):
        registry.version_at(uri, DRAFT.name, "champion")
    with pytest.raises(BadInput, match="expected unplanned_admission_365 version 7"):
        registry.point(uri, DRAFT.name, "champion", 7)

    kept = [path for path in (tmp_path / "mlruns").rglob("*") if path.is_file()]
    assert sorted(path.name for path in kept if path.suffix == ".json").count("bundle.json") == 2
    people = {str(person) for person in dataset(1200).person_id.tolist()}
    for path in kept:
        content = path.read_bytes().decode("latin-1")
        assert not any(person in content for person in people), path.name
        assert path.suffix in {".json", ".txt", ".md", ".db"}, path.name


def test_a_tracking_store_that_cannot_be_used_is_a_missing_part(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(MissingPart, match="FRAILTY_TRACKING"):
        registry.version_at(f"sqlite:///{tmp_path / 'file' / 'mlflow.db'}", DRAFT.name, "candidate")


def _released(folder: Path) -> Bundle:
    return release.write(folder, release.reserve(folder, DRAFT.name), DRAFT, {"model": {}}, "# a card\n")
