"""Which model is live: decided by the store's append-only ledger, after gates or with a reason, and by nothing else."""

from __future__ import annotations

from typing import Any

from features.errors import FrailtyError, Refused, WrongUsage
from features.predictors import CATALOGUE
from models import registry
from models.bundle import Bundle
from models.release import versions
from risk import operator
from risk import store as stores
from risk.gates import Evidence, try_all
from risk.settings import Settings
from risk.store import Store

#: MLflow's alias of what is live.
CHAMPION = "champion"


def promote(settings: Settings, name: str, version: int, override: str | None = None) -> dict[str, Any]:
    """Make a version live; the ledger's row. :class:`Refused` where a gate fails and no reason is given to override it."""
    operator.ready(settings)
    store = stores.open(settings)
    bundle = Bundle.load(_folder(settings, name, version))
    if (bundle.name, bundle.version) != (name, version):
        raise Refused(
            f"the folder of {name} version {version} holds {bundle.name} version {bundle.version}; restore it"
        )
    gates = try_all(Evidence(bundle, bundle.report, CATALOGUE))
    failed = [gate for gate in gates if gate["result"] == "failed"]
    if failed and not (override or "").strip():
        said = "; ".join(f"{gate['says']}: {gate['result']} ({gate['found']})" for gate in failed)
        raise Refused(
            f"{name} version {version} is not promoted: {said}; train a better model, or promote it with "
            "--override REASON, which is kept in the ledger"
        )
    return _record(store, settings, bundle, "promote", (override or "").strip(), gates)


def rollback(settings: Settings, name: str, reason: str = "") -> dict[str, Any]:
    """Make the version that was live before the present one live again; :class:`Refused` where there was none."""
    operator.ready(settings)
    store = stores.open(settings)
    before = previous(store.releases(name))
    if before is None:
        raise Refused(f"{name} has no version that was live before the present one; `frailty models` lists those held")
    bundle = Bundle.load(_folder(settings, name, before["version"]), sha256=before["bundle_sha256"])
    return _record(store, settings, bundle, "rollback", reason.strip(), before["gates"])


def previous(ledger: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The row of the version to roll back to: rows (oldest first) are played through, a promotion put on top of those
    before it, a rollback taking the top away. So two rollbacks go back two versions, and never to and fro."""
    live: list[dict[str, Any]] = []
    for row in ledger:
        if row["action"] == "promote":
            live = [held for held in live if held["version"] != row["version"]] + [row]
        elif row["action"] == "rollback" and live:
            live.pop()
    return live[-2] if len(live) > 1 else None


def live_bundle(store: Store, settings: Settings, name: str) -> Bundle:
    """The bundle that the ledger says is live, its SHA-256 checked. :class:`Refused` where none is."""
    release = store.live_release(name)
    if release is None:
        held = versions(settings.bundles, name)
        how = f"`frailty promote {name} {held[-1]}` makes one live" if held else "train one with `frailty train`, then promote it"  # fmt: skip
        raise Refused(f"no version of {name} is live; {how}")
    return Bundle.load(
        _folder(settings, name, release["version"]), sha256=release["bundle_sha256"], threads=settings.threads
    )


def held(settings: Settings) -> list[dict[str, Any]]:
    """Every version held, by name and version, and whether it is live. A version that is not whole says so."""
    store = stores.open(settings)
    rows = []
    names = sorted(path.name for path in settings.bundles.iterdir()) if settings.bundles.is_dir() else []
    for name in names:
        live = store.live_release(name)
        for version in versions(settings.bundles, name):
            is_live = live is not None and live["version"] == version
            rows.append({"name": name, "version": version, "live": is_live, **_told(settings, name, version)})
    return rows


def _told(settings: Settings, name: str, version: int) -> dict[str, Any]:
    try:
        bundle = Bundle.load(_folder(settings, name, version))
    except FrailtyError as error:
        return {"outcome": None, "horizon": None, "minimum_age": None, "sha256": None, "data": f"not whole: {error}"}
    return {"outcome": bundle.outcome, "horizon": bundle.horizon, "minimum_age": bundle.minimum_age,
            "sha256": bundle.sha256, "data": f"{bundle.about.get('kind', '')}: {bundle.about.get('title', '')}"}  # fmt: skip


def _folder(settings: Settings, name: str, version: int) -> Any:
    folder = settings.bundles / name / str(version)
    if version not in versions(settings.bundles, name):
        there = ", ".join(map(str, versions(settings.bundles, name))) or "none"
        raise WrongUsage(f"expected a version of {name} that is held, found {version}; held are: {there}")
    return folder


def _record(
    store: Store, settings: Settings, bundle: Bundle, action: str, reason: str, gates: list[dict[str, Any]]
) -> dict[str, Any]:
    released: dict[str, Any] = {"name": bundle.name, "version": bundle.version, "action": action, "by": operator.name(), "reason": reason,
                "gates": gates, "bundle_sha256": bundle.sha256}  # fmt: skip
    store.record_release(**released)
    operator.record(settings, store, f"model.{action}", reason=reason or None,
                    detail={"name": bundle.name, "version": bundle.version})  # fmt: skip
    return {**released, "alias": _follow(settings, bundle)}


def _follow(settings: Settings, bundle: Bundle) -> str:
    """Let MLflow's alias follow the ledger. It decides nothing, so that it cannot is said and stops nothing."""
    try:
        registry.point(settings.tracking_uri, bundle.name, CHAMPION, bundle.version)
    except FrailtyError as error:
        return f"not moved: {error}"
    return f"{CHAMPION} follows"
