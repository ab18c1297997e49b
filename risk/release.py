"""Which model is live: decided by the store's append-only ledger, after gates or with a reason, and by nothing else."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from features.errors import FrailtyError, Refused, WrongUsage
from features.predictors import CATALOGUE
from models import registry
from models.bundle import REPORT, Bundle
from models.release import versions
from risk import operator, stability
from risk import store as stores
from risk.gates import Evidence, try_all
from risk.same_outcome import same_outcome
from risk.settings import Settings
from risk.store import Store
from risk.store.releases import CHALLENGER, LIVE

#: MLflow's aliases of what is live and of what is tried beside it.
CHAMPION, CHALLENGING = "champion", "challenger"
ALIASES = {LIVE: CHAMPION, CHALLENGER: CHALLENGING}


def promote(settings: Settings, name: str, version: int, override: str | None = None) -> dict[str, Any]:
    """Make a version live; the ledger's row. :class:`Refused` where a gate fails and no reason is given to override it."""
    store, bundle, gates = _tried(settings, name, version)
    failed = [gate for gate in gates if gate["result"] == "failed"]
    if failed and not (override or "").strip():
        said = "; ".join(f"{gate['says']}: {gate['result']} ({gate['found']})" for gate in failed)
        raise Refused(
            f"{name} version {version} is not promoted: {said}; train a better model, or promote it with "
            "--override REASON, which is kept in the ledger"
        )
    tried = store.challenger(name)
    done = _record(store, settings, bundle, "promote", (override or "").strip(), gates)
    if tried is not None and tried["version"] == version:
        follow(settings, name, CHALLENGER, None)
    return done


def challenge(settings: Settings, name: str, version: int, reason: str = "") -> dict[str, Any]:
    """Try a version beside the live one: runs score it in shadow, for analysts alone. Its gates are tried and kept, and stop nothing,
    but that its predictors must be declared as they were; the ledger's row. :class:`Refused` where the version is the live one."""
    store, bundle, gates = _tried(settings, name, version)
    live = store.live_release(name)
    if live is not None and live["version"] == version:
        raise Refused(f"{name} version {version} is live already; a challenger is another version (`frailty models`)")
    undeclared = next(gate for gate in gates if gate["gate"] == "declarations")
    if undeclared["result"] == "failed":
        raise Refused(f"{name} version {version} cannot be tried: {undeclared['found']}")
    return _record(store, settings, bundle, "promote", reason.strip(), gates, CHALLENGER)


def withdraw(settings: Settings, name: str, reason: str = "") -> dict[str, Any]:
    """Try the challenger no more; :class:`Refused` where there is none."""
    operator.ready(settings)
    store = stores.open(settings)
    tried = store.challenger(name)
    if tried is None:
        raise Refused(f"{name} has no challenger; `frailty promote {name} VERSION --shadow` makes a version one")
    return _added(store, settings, {**tried, "action": "retire", "reason": reason.strip()})


def _tried(settings: Settings, name: str, version: int) -> tuple[Store, Bundle, list[dict[str, Any]]]:
    """The store, the bundle asked for and its gates' results."""
    operator.ready(settings)
    store = stores.open(settings)
    bundle = Bundle.load(_folder(settings, name, version))
    if (bundle.name, bundle.version) != (name, version):
        raise Refused(
            f"the folder of {name} version {version} holds {bundle.name} version {bundle.version}; restore it"
        )
    return store, bundle, try_all(Evidence(bundle, bundle.report, CATALOGUE, steadiness(store, settings, bundle)))


def steadiness(store: Store, settings: Settings, bundle: Bundle) -> dict[str, Any] | None:
    """How steady reasons were between the last two runs made with the bundle, published or in shadow; None where there are no two, or
    they are no longer whole."""
    made = [
        run["number"]
        for run in store.runs()
        if run["model_sha256"] == bundle.sha256 and run["status"] in ("published", "shadow")
    ]
    if len(made) < 2:
        return None
    try:
        return stability.between(settings.runs, made[1], made[0]).as_json
    except (FrailtyError, OSError):
        return None


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
        if row["role"] != LIVE:
            continue
        if row["action"] == "promote":
            live = [held for held in live if held["version"] != row["version"]] + [row]
        elif row["action"] == "rollback" and live:
            live.pop()
    return live[-2] if len(live) > 1 else None


def live_bundle(store: Store, settings: Settings, name: str) -> Bundle:
    """The bundle that the ledger says is live, its SHA-256 checked. :class:`Refused` where none is, or where it was trained under other rules of its
    outcome than today's."""
    released = store.live_release(name)
    if released is None:
        held = versions(settings.bundles, name)
        how = f"`frailty promote {name} {held[-1]}` makes one live" if held else "train one with `frailty train`, then promote it"  # fmt: skip
        raise Refused(f"no version of {name} is live; {how}")
    bundle = Bundle.load(
        _folder(settings, name, released["version"]), sha256=released["bundle_sha256"], threads=settings.threads
    )
    same_outcome(bundle)
    return bundle


def challenging_bundle(store: Store, settings: Settings, name: str) -> Bundle | None:
    """The bundle that the ledger says is tried beside the live one, its SHA-256 checked; None where none is. :class:`Refused` where it was
    trained under other rules of its outcome than today's."""
    tried = store.challenger(name)
    if tried is None:
        return None
    bundle = Bundle.load(
        _folder(settings, name, tried["version"]), sha256=tried["bundle_sha256"], threads=settings.threads
    )
    same_outcome(bundle)
    return bundle


def held(settings: Settings) -> list[dict[str, Any]]:
    """Every version held, by name and version, and whether it is live or tried beside it. A version that is not whole says so."""
    store = stores.open(settings)
    rows = []
    names = sorted(path.name for path in settings.bundles.iterdir()) if settings.bundles.is_dir() else []
    for name in names:
        live, tried = store.live_release(name), store.challenger(name)
        for version in versions(settings.bundles, name):
            is_live = live is not None and live["version"] == version
            is_tried = tried is not None and tried["version"] == version
            rows.append(
                {
                    "name": name,
                    "version": version,
                    "live": is_live,
                    "challenger": is_tried,
                    **_told(settings, name, version),
                }
            )
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
    store: Store,
    settings: Settings,
    bundle: Bundle,
    action: str,
    reason: str,
    gates: list[dict[str, Any]],
    role: str = LIVE,
) -> dict[str, Any]:
    row = {"name": bundle.name, "version": bundle.version, "action": action, "reason": reason, "gates": gates,
           "bundle_sha256": bundle.sha256, "role": role, "evidence": evidence(bundle)}  # fmt: skip
    return _added(store, settings, row)


def evidence(bundle: Bundle) -> dict[str, Any]:
    """What a decision on a bundle rests on: hashes of its report, of its record and of the rows of each part."""
    data = {key: value for key, value in bundle.provenance.items() if key == "record" or key.endswith("_data")}
    return {"report_sha256": sha256((bundle.folder / REPORT).read_bytes()).hexdigest(), **data}


def _added(store: Store, settings: Settings, row: dict[str, Any]) -> dict[str, Any]:
    """Add a row to the ledger and to the audit, and let MLflow's alias follow; the row, and how the alias did."""
    kept = ("name", "version", "action", "reason", "gates", "bundle_sha256", "role", "evidence")
    released = {**{key: row[key] for key in kept}, "by": operator.name()}
    store.record_release(**released)
    told = {"name": row["name"], "version": row["version"], "role": row["role"]}
    operator.record(settings, store, f"model.{row['action']}", reason=row["reason"] or None, detail=told)
    return {
        **released,
        "alias": follow(settings, row["name"], row["role"], None if row["action"] == "retire" else row["version"]),
    }


def follow(settings: Settings, name: str, role: str, version: int | None) -> str:
    """Let MLflow's alias follow the ledger. It decides nothing, so that it cannot is said and stops nothing."""
    try:
        registry.point(settings.tracking_uri, name, ALIASES[role], version)
    except FrailtyError as error:
        return f"not moved: {error}"
    return f"{ALIASES[role]} follows"
