"""What goes into the experiment registry: a run, figures, the bundle's files, an alias; and nobody."""

from __future__ import annotations

import json
import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import lightgbm
import pytest
from mlflow import MlflowClient
from mlflow.models import Model

from features.errors import BadInput, MissingPart
from models import registry, release
from models.bundle import Bundle
from tests.synthetic import dataset
from tests.unit.test_bundle import DRAFT


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tracking store without a run: making one takes MLflow seconds."""
    home = tmp_path_factory.mktemp("made") / "mlruns"
    registry.registered(f"sqlite:///{home / 'mlflow.db'}", DRAFT.name)
    return home


@pytest.fixture
def uri(made: Path, tmp_path: Path) -> str:
    shutil.copytree(made, tmp_path / "mlruns")
    return f"sqlite:///{tmp_path / 'mlruns' / 'mlflow.db'}"


def test_candidates_are_registered_by_version_and_nobody_is_in_what_is_kept(tmp_path: Path, uri: str) -> None:
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
        assert path.suffix in {".json", ".txt", ".md", ".db"} or path.name == "MLmodel", path.name


def test_a_run_says_what_goes_in_on_what_data_and_with_what_packages(tmp_path: Path, uri: str) -> None:
    draft = replace(DRAFT, provenance={"record": "ab" * 32, "train_data": "cd" * 32, "test_data": "ef" * 32})
    bundle = release.write(tmp_path / "bundles", release.reserve(tmp_path / "bundles", draft.name), draft, {}, "")
    run_id = registry.log(uri, bundle, {"trees": 20}, {"ours.auroc": 0.77})

    run = MlflowClient(uri).get_run(run_id)
    assert (run.data.params["trees"], run.data.metrics["ours.auroc"]) == ("20", 0.77)
    told = {held.dataset.name: (held.dataset.digest, held.dataset.source) for held in run.inputs.dataset_inputs}
    assert told == {"train": (("cd" * 32)[:36], "ab" * 32), "test": (("ef" * 32)[:36], "ab" * 32)}
    kept = registry.registered(uri, draft.name).kept[1]
    assert kept is not None
    model = Model.load(kept)
    assert model.signature.inputs.input_names() == list(DRAFT.names)
    assert {str(kind) for kind in model.signature.inputs.input_types()} == {"DataType.float"}
    assert model.signature.outputs.input_names() == ["raw", "probability", "low", "high"]
    assert model.flavors == {}  # no flavour: there is nothing that would load it by unpickling
    said = json.loads((kept / "environment.json").read_text())
    assert said["packages"]["lightgbm"] == lightgbm.__version__
    assert f"lightgbm=={lightgbm.__version__}" in (kept / "requirements.txt").read_text().splitlines()


def test_the_folder_may_be_moved_whole(tmp_path: Path, uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = _released(tmp_path / "bundles")
    run_id = registry.log(uri, bundle, {}, {})
    (tmp_path / "mlruns").rename(tmp_path / "elsewhere")
    moved = f"sqlite:///{tmp_path / 'elsewhere' / 'mlflow.db'}"

    kept = registry.registered(moved, DRAFT.name).kept[1]
    assert kept == tmp_path / "elsewhere" / "artifacts" / run_id / "artifacts" / "bundle"
    assert Bundle.load(kept, sha256=bundle.sha256).names == DRAFT.names
    with sqlite3.connect(tmp_path / "elsewhere" / "mlflow.db") as database:
        text = "\n".join(line for line in database.iterdump() if "artifacts" in line or "bundle" in line)
    assert run_id in text
    assert str(tmp_path) not in text
    monkeypatch.chdir(tmp_path / "elsewhere")  # MLflow's own readers look from the working folder
    assert "bundle/MLmodel" in [
        found.path for found in MlflowClient("sqlite:///mlflow.db").list_artifacts(run_id, "bundle")
    ]


def test_what_is_registered_by_version_and_alias(tmp_path: Path, uri: str) -> None:
    assert registry.registered(uri, DRAFT.name) == registry.Registered({}, {}, {})
    registry.point(uri, DRAFT.name, "challenger", None)  # there is nothing to take it from
    bundle = _released(tmp_path / "bundles")
    registry.log(uri, bundle, {}, {})
    held = registry.registered(uri, DRAFT.name)
    assert (held.sha256, held.aliases) == ({1: bundle.sha256}, {"candidate": 1})


def test_a_tracking_store_that_cannot_be_used_is_a_missing_part(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(MissingPart, match="FRAILTY_TRACKING"):
        registry.version_at(f"sqlite:///{tmp_path / 'file' / 'mlflow.db'}", DRAFT.name, "candidate")


def _released(folder: Path) -> Bundle:
    return release.write(folder, release.reserve(folder, DRAFT.name), DRAFT, {"model": {}}, "# a card\n")
