"""Whether ledger, bundles and MLflow say the same of each model, what differs, and how to mend it. The ledger is right by definition."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from features.errors import FrailtyError
from features.predictors import CATALOGUE
from models import registry
from models.bundle import REPORT, Bundle
from models.registry import Registered
from models.release import versions
from risk import store as stores
from risk.release import ALIASES, follow
from risk.settings import Settings
from risk.store import Store
from risk.store.releases import CHALLENGER, LIVE


@dataclass(frozen=True)
class Difference:
    """``what`` differs about a version of ``model`` (None: about all of it) and how to ``mend`` it. ``alias`` is the role whose alias
    is all that is wrong, which :func:`mend` puts right."""

    model: str
    version: int | None
    what: str
    mend: str
    alias: str | None = None


def reconcile(settings: Settings) -> list[dict[str, Any]]:
    """What differs, model by model; empty where all agree. An installation without a store or a model has nothing to compare."""
    return [asdict(difference) for difference in _differences(settings)]


def mend(settings: Settings) -> list[dict[str, Any]]:
    """Let MLflow's aliases follow the ledger, which alone decides; what differs then. Nothing else is changed: bundles are restored by
    people."""
    for difference in _differences(settings):
        if difference.alias is not None:
            follow(settings, difference.model, difference.alias, difference.version)
    return reconcile(settings)


def _differences(settings: Settings) -> list[Difference]:
    url = make_url(settings.store_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        return []
    store = stores.open(settings)
    folders = settings.bundles.iterdir() if settings.bundles.is_dir() else ()
    names = sorted({*store.released_names(), *(path.name for path in folders if versions(settings.bundles, path.name))})
    found: list[Difference] = []
    for name in names:
        try:
            held: Registered | None = registry.registered(settings.tracking_uri, name)
        except FrailtyError as error:
            held = None
            found.append(
                Difference(
                    name,
                    None,
                    f"MLflow cannot be asked: {error}",
                    "lists are served all the same; check FRAILTY_TRACKING",
                )
            )
        found += _of_roles(settings, store, name, held)
        if held is not None:
            found += _unknown(settings, name, held)
    return found


def _of_roles(settings: Settings, store: Store, name: str, held: Registered | None) -> list[Difference]:
    found = []
    for role, row in ((LIVE, store.live_release(name)), (CHALLENGER, store.challenger(name))):
        version = None if row is None else int(row["version"])
        if row is not None:
            found += _of_bundle(settings, row, held)
        if held is not None and held.aliases.get(ALIASES[role]) != version:
            points = held.aliases.get(ALIASES[role])
            what = f"MLflow's alias {ALIASES[role]} points to {_said(points)}, the ledger says {_said(version)}"
            if version is None or version in held.sha256:
                found.append(Difference(name, version, what, "`frailty doctor --mend` lets the alias follow", role))
    return found


def _of_bundle(settings: Settings, row: dict[str, Any], held: Registered | None) -> list[Difference]:
    """What is wrong with the bundle that a row of the ledger names."""
    name, version = row["name"], row["version"]
    folder = settings.bundles / name / str(version)
    back = f"`frailty rollback {name}`" if row["role"] == LIVE else f"`frailty withdraw {name}`"
    try:
        bundle = Bundle.load(folder, sha256=row["bundle_sha256"])
    except FrailtyError as error:
        copy = _whole_copy(row, held)
        how = f"copy the files of {copy} into {folder}" if copy else f"restore {folder} from a backup"
        return [
            Difference(
                name, version, f"{row['role']} by the ledger, and cannot be loaded: {error}", f"{how}, or {back}"
            )
        ]
    found = []
    try:
        bundle.check(CATALOGUE)
    except FrailtyError as error:
        found.append(Difference(name, version, str(error), f"train again and promote, go back to the release that it was trained with, or {back}"))  # fmt: skip
    judged = (row["evidence"] or {}).get("report_sha256")
    if judged and judged != sha256((folder / REPORT).read_bytes()).hexdigest():
        found.append(Difference(name, version, "its report is not the one that the ledger's decision rested on", f"restore {folder} from a backup, or promote again"))  # fmt: skip
    if held is not None and held.sha256.get(version) not in (None, bundle.sha256):
        found.append(Difference(name, version, "MLflow holds another bundle under this version", "the ledger's is served; log the model again by training it"))  # fmt: skip
    return found


def _whole_copy(row: dict[str, Any], held: Registered | None) -> Path | None:
    """Where MLflow keeps a copy that is the bundle that was promoted."""
    kept = None if held is None else held.kept.get(row["version"])
    if kept is None:
        return None
    try:
        return Bundle.load(kept, sha256=row["bundle_sha256"]).folder
    except FrailtyError:
        return None


def _unknown(settings: Settings, name: str, held: Registered) -> list[Difference]:
    """Versions that one side has and the other has not."""
    there = set(versions(settings.bundles, name))
    missing = [Difference(name, version, "MLflow knows it, and its bundle is not here", "nothing, where it was removed on purpose")
               for version in sorted(set(held.sha256) - there)]  # fmt: skip
    unlogged = [Difference(name, version, "its bundle is here, and MLflow does not know it", "nothing: it can be served; train again to have it logged")
                for version in sorted(there - set(held.sha256))]  # fmt: skip
    return missing + unlogged


def _said(version: int | None) -> str:
    return "no version" if version is None else f"version {version}"
