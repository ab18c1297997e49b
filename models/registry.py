"""What was trained, when, on what and how well, in MLflow: a run, its figures, the bundle's files, a registered model's
version, and an alias. It decides nothing: what is live is what the store's ledger says.

Nothing about a person is logged. MLflow takes seconds to import, so it is imported when it is used.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from features.errors import BadInput, MissingPart
from models.bundle import BUNDLE, FILES, Bundle

if TYPE_CHECKING:
    from mlflow import MlflowClient

EXPERIMENT = "frailty-risk"
CANDIDATE = "candidate"
#: Tag of a registered version that says which of our versions it is.
OURS = "bundle_version"


def log(uri: str, bundle: Bundle, params: Mapping[str, Any], metrics: Mapping[str, float | None]) -> str:
    """Log a released bundle as a run, register it, and let the alias ``candidate`` point to it; the run's id.

    :class:`MissingPart` where the tracking store cannot be used.
    """
    with _client(uri) as client:
        run = client.create_run(_experiment(client, uri), run_name=f"{bundle.name} {bundle.version}")
        run_id = run.info.run_id
        _log(client, run_id, params, metrics)
        for name in (BUNDLE, *FILES):
            client.log_artifact(run_id, str(bundle.folder / name), "bundle")
        client.set_terminated(run_id)
        if not client.search_registered_models(f"name = '{bundle.name}'"):
            client.create_registered_model(bundle.name)
        version = client.create_model_version(
            bundle.name,
            source=f"{run.info.artifact_uri}/bundle",
            run_id=run_id,
            tags={OURS: str(bundle.version), "sha256": bundle.sha256, "data": str(bundle.about.get("kind", "unknown"))},
        )
        client.set_registered_model_alias(bundle.name, CANDIDATE, version.version)
        return str(run_id)


def point(uri: str, name: str, alias: str, version: int | None) -> None:
    """Let ``alias`` point to our ``version`` of a model; with None, to nothing."""
    with _client(uri) as client:
        if version is None:
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


def _experiment(client: MlflowClient, uri: str) -> str:
    """The experiment's id. For a SQLite file, artefacts lie beside it."""
    held = client.get_experiment_by_name(EXPERIMENT)
    if held is not None:
        return str(held.experiment_id)
    place = _file_of(uri)
    artefacts = (place.parent / "artifacts").as_uri() if place else None
    return str(client.create_experiment(EXPERIMENT, artifact_location=artefacts))


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
