"""What was trained, when, on what and how well, in MLflow: a run, its figures, fingerprints of its data, its environment, the
bundle's files with their signature, a registered model's version, and an alias. It decides nothing: what is live is what the
store's ledger says.

Nothing about a person is logged. Beside a SQLite file, artefacts are kept under paths relative to its folder, which can be moved whole.
MLflow takes seconds to import, so it is imported when it is used.
"""

from __future__ import annotations

import json
import logging
import os
import platform
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from urllib.parse import urlparse
from urllib.request import url2pathname

from features.errors import BadInput, MissingPart
from models.bundle import BUNDLE, FILES, Bundle

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import DatasetInput, Run

EXPERIMENT = "frailty-risk"
CANDIDATE = "candidate"
#: Tag of a registered version that says which of our versions it is.
OURS = "bundle_version"
#: Folder of artefacts beside a SQLite file, and of the bundle in a run's.
ARTEFACTS, FOLDER = "artifacts", "bundle"
#: Packages whose version may change a score.
PACKAGES = ("lightgbm", "numpy", "scipy", "numba", "pandas", "pyarrow", "duckdb")


def log(uri: str, bundle: Bundle, params: Mapping[str, Any], metrics: Mapping[str, float | None]) -> str:
    """Log a released bundle as a run, register it, and let the alias ``candidate`` point to it; the run's id.

    :class:`MissingPart` where the tracking store cannot be used.
    """
    with _client(uri) as client:
        run = client.create_run(_experiment(client, uri), run_name=f"{bundle.name} {bundle.version}")
        run_id = run.info.run_id
        _log(client, run_id, params, metrics)
        client.log_inputs(run_id, _data(bundle))
        with TemporaryDirectory() as folder:
            written = described(bundle, run_id, Path(folder))
            for path in (*(bundle.folder / name for name in (BUNDLE, *FILES)), *written):
                _keep(client, uri, run, path)
        client.set_terminated(run_id)
        if not client.search_registered_models(f"name = '{bundle.name}'"):
            client.create_registered_model(bundle.name)
        version = client.create_model_version(
            bundle.name,
            source=f"{run.info.artifact_uri}/{FOLDER}",
            run_id=run_id,
            tags={OURS: str(bundle.version), "sha256": bundle.sha256, "data": str(bundle.about.get("kind", "unknown"))},
        )
        client.set_registered_model_alias(bundle.name, CANDIDATE, version.version)
        return str(run_id)


@dataclass(frozen=True)
class Registered:
    """What the registry holds of a model: SHA-256 by our version, where the bundle's files are kept (None: elsewhere than on this
    machine), and our version by alias."""

    sha256: Mapping[int, str]
    kept: Mapping[int, Path | None]
    aliases: Mapping[str, int]


def registered(uri: str, name: str) -> Registered:
    """What is registered under ``name``; empty where nothing is."""
    with _client(uri) as client:
        rows = client.search_model_versions(f"name = '{name}'")
        ours = {row.version: int(row.tags[OURS]) for row in rows if OURS in row.tags}
        held = next(iter(client.search_registered_models(f"name = '{name}'")), None)
        aliases = {} if held is None else {alias: ours[of] for alias, of in held.aliases.items() if of in ours}
        return Registered(
            {ours[row.version]: row.tags.get("sha256", "") for row in rows if row.version in ours},
            {ours[row.version]: _place(uri, row.source or "") for row in rows if row.version in ours},
            aliases,
        )


def point(uri: str, name: str, alias: str, version: int | None) -> None:
    """Let ``alias`` point to our ``version`` of a model; with None, to nothing."""
    with _client(uri) as client:
        if version is None:
            if client.search_registered_models(f"name = '{name}'"):
                client.delete_registered_model_alias(name, alias)
            return
        found = [
            held for held in client.search_model_versions(f"name = '{name}'") if held.tags.get(OURS) == str(version)
        ]
        if not found:
            raise BadInput(f"expected {name} version {version} in the registry, found no such version; train it again")
        client.set_registered_model_alias(name, alias, max(found, key=lambda held: int(held.version)).version)


def version_at(uri: str, name: str, alias: str) -> int:
    """Our version of a model that ``alias`` points to; :class:`BadInput` where it points to none."""
    from mlflow.exceptions import MlflowException

    with _client(uri) as client:
        try:
            return int(client.get_model_version_by_alias(name, alias).tags[OURS])
        except (MlflowException, KeyError) as error:
            raise BadInput(
                f"expected a version of {name} under the alias {alias}, found none; `frailty models` lists the versions"
            ) from error


def _log(client: MlflowClient, run_id: str, params: Mapping[str, Any], metrics: Mapping[str, float | None]) -> None:
    from mlflow.entities import Metric, Param

    client.log_batch(
        run_id,
        metrics=[Metric(name, float(value), 0, 0) for name, value in metrics.items() if value is not None],
        params=[Param(name, str(value)) for name, value in params.items()],
    )


def described(bundle: Bundle, run_id: str, folder: Path) -> list[Path]:
    """Files that tell others of a bundle: ``MLmodel`` (the signature: names and types of what goes in and comes out; it names no way
    of loading, since nothing may unpickle), ``requirements.txt`` and ``environment.json``."""
    from mlflow.models import Model, ModelSignature
    from mlflow.types import ColSpec, DataType, Schema

    inputs = Schema([ColSpec(DataType.float, name, required=False) for name in bundle.names])
    outputs = Schema([ColSpec(DataType.double, name) for name in ("raw", "probability", "low", "high")])
    held = environment()
    model = Model(
        artifact_path=FOLDER,
        run_id=run_id,
        signature=ModelSignature(inputs, outputs),
        metadata={"sha256": bundle.sha256},
    )
    requirements = [f"{name}=={version}" for name, version in held["packages"].items()]
    texts = {
        "MLmodel": model.to_yaml(),
        "requirements.txt": "\n".join(requirements) + "\n",
        "environment.json": json.dumps(held, indent=1) + "\n",
    }
    for name, text in texts.items():
        (folder / name).write_text(text)
    return [folder / name for name in texts]


def environment() -> dict[str, Any]:
    """Versions of Python and of the packages that a score depends on."""
    packages = {name: metadata.version(name) for name in PACKAGES}
    return {"python": platform.python_version(), "machine": platform.machine(), "packages": packages}


def _data(bundle: Bundle) -> list[DatasetInput]:
    """The data of each part, by fingerprint alone; MLflow keeps 36 characters of one."""
    from mlflow.entities import Dataset, DatasetInput, InputTag

    record = str(bundle.provenance.get("record", "unknown"))
    parts = {key: str(value) for key, value in bundle.provenance.items() if key.endswith("_data")}
    return [
        DatasetInput(
            Dataset(name=part.removesuffix("_data"), digest=print_[:36], source_type="record", source=record),
            [InputTag("mlflow.data.context", part.removesuffix("_data"))],
        )
        for part, print_ in parts.items()
    ]


def _keep(client: MlflowClient, uri: str, run: Run, path: Path) -> None:
    """Keep a file among the run's artefacts; beside a SQLite file by a relative path, which MLflow would take as from the working folder."""
    place = _place(uri, run.info.artifact_uri)
    if place is None:
        client.log_artifact(run.info.run_id, str(path), FOLDER)
    else:
        (place / FOLDER).mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place / FOLDER / path.name)


def _place(uri: str, artefacts: str) -> Path | None:
    """The folder of artefacts on this machine; None where they are elsewhere."""
    file = _file_of(uri)
    if file is not None and "://" not in artefacts:
        return file.parent / artefacts
    return Path(url2pathname(urlparse(artefacts).path)) if artefacts.startswith("file://") else None


def _experiment(client: MlflowClient, uri: str) -> str:
    """The experiment's id. For a SQLite file, artefacts lie beside it, by a path relative to its folder."""
    held = client.get_experiment_by_name(EXPERIMENT)
    if held is not None:
        return str(held.experiment_id)
    place = _file_of(uri)
    if place is None:
        return str(client.create_experiment(EXPERIMENT))
    made = str(client.create_experiment(EXPERIMENT, artifact_location=(place.parent / ARTEFACTS).as_uri()))
    from sqlalchemy import create_engine, text

    engine = create_engine(uri)
    with engine.begin() as connection:  # MLflow makes every local path absolute, so that a folder could not be moved
        moved = {"place": ARTEFACTS, "made": int(made)}
        connection.execute(text("UPDATE experiments SET artifact_location = :place WHERE experiment_id = :made"), moved)
    engine.dispose()
    return made


def _file_of(uri: str) -> Path | None:
    return Path(uri.removeprefix("sqlite:///")).absolute() if uri.startswith("sqlite:///") else None


@contextmanager
def _client(uri: str) -> Iterator[MlflowClient]:
    """A client that says nothing and reports home to nobody; MLflow's troubles in a sentence."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "ERROR")
    place = _file_of(uri)
    try:
        if place:
            place.parent.mkdir(parents=True, exist_ok=True)
        from mlflow import MlflowClient
        from mlflow.exceptions import MlflowException
        from sqlalchemy.exc import SQLAlchemyError
    except (ImportError, OSError) as error:
        raise MissingPart(f"the tracking store cannot be used ({type(error).__name__}): check FRAILTY_TRACKING and that its folder can be written") from error  # fmt: skip
    for noisy in ("mlflow", "alembic"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    try:
        yield MlflowClient(tracking_uri=uri, registry_uri=uri)
    except (MlflowException, SQLAlchemyError, OSError) as error:
        said = str(error).splitlines()[0][:200]
        raise MissingPart(f"the tracking store did not do as asked ({type(error).__name__}: {said}); check FRAILTY_TRACKING and `frailty doctor`") from error  # fmt: skip
