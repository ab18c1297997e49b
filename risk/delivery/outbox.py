"""The outbox: a folder a practice, in it the newest list with its manifest, and word of lists that hold no more.

A table is there before its manifest, and each is written whole or not at all: whoever takes what a manifest names takes all of it. What has changed of a list
since it was laid out (somebody died, opted out, moved away) replaces it, under a new hash; what has not is left as it lies. Lists of earlier runs go.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson

from features.errors import BadInput, FrailtyError, MissingPart, WrongUsage
from features.progress import SILENT, Progress
from risk import clients, downtime, keys, operator
from risk import store as stores
from risk.clients import Access
from risk.delivery.parcel import Parcel, parcel, recall
from risk.downtime_places import alone, write
from risk.pseudonyms import Pseudonyms
from risk.settings import Settings
from risk.store import Store
from risk.today import today

SCOPE = "lists:read"
DELIVERED, REMOVED, RECALLED = "delivery.list", "delivery.removed", "delivery.recall"
#: The installation's outboxes, and in the audit: those that could not be brought up to date at once.
PLACES, BEHIND = "outboxes.json", "delivery.behind"
Named = tuple[str, str]


def deliver(
    settings: Settings, out: Path, client: str, reason: str | None = None, progress: Progress = SILENT
) -> dict[str, Any]:
    """Lay out the current run's list of each practice that ``client`` may read, people by the ids that the client knows, and with a ``reason`` by NHS
    number too; what was done, ready for JSON: practices ``laid`` out anew, ``unchanged``, lists ``recalled`` and practices ``removed``.

    :class:`WrongUsage` where nobody is that client or a reason says nothing, :class:`MissingPart` where the folder cannot be written.
    """
    if reason is not None and len(reason.strip()) < 8:
        raise WrongUsage(
            "expected a reason of eight letters or more for NHS numbers, which stands in the audit beside each of those people"
        )
    operator.ready(settings)
    store = stores.open(settings)
    try:
        access = clients.access(store, client, today(settings))
        if access is None:
            raise WrongUsage("expected the id of a client whose time is not over; `frailty client list` shows them")
        _remember(settings, {"out": str(out.absolute()), "client": client, "reason": reason})
        return _Outbox(settings, store, out, client, reason).filled(access, progress)
    except OSError as error:
        raise MissingPart(
            f"the outbox {out} was not finished: {error.strerror or type(error).__name__}; free or check the disk, and run it again: what is laid out already stays"
        ) from error
    finally:
        store.close()


def renew(settings: Settings, store: Store, people: Collection[int] | None = None) -> dict[str, int]:
    """Bring every outbox up to date that may hold any of ``people`` (None: every outbox): ``done``, and how many are ``behind``, which the audit says.
    Raises nothing: what is asked has been told, and stays so whatever becomes of a file. What was sent already is replaced at the next sending."""
    done, behind = 0, 0
    for place in known(settings):
        try:
            only = None if people is None else set(store.practices_listing(people))
            access = clients.access(store, place["client"], today(settings)) or Access(place["client"], ())
            _Outbox(settings, store, Path(place["out"]), place["client"], place["reason"]).filled(access, SILENT, only)
            done += 1
        except (FrailtyError, OSError):
            behind += 1
    if behind:
        operator.record(settings, store, BEHIND, outcome="failed", detail={"outboxes": behind})
    return {"done": done, "behind": behind}


def known(settings: Settings) -> list[dict[str, Any]]:
    """Every outbox that was filled and is still there: its folder ``out``, ``client`` and ``reason``."""
    try:
        rows: list[dict[str, Any]] = orjson.loads((settings.home / PLACES).read_bytes())
    except (OSError, ValueError):
        return []
    return [row for row in rows if Path(row["out"]).is_dir()]


def _remember(settings: Settings, place: dict[str, Any]) -> None:
    with alone(settings):
        others = [row for row in known(settings) if row["out"] != place["out"]]
        write(settings.home / PLACES, orjson.dumps([*others, place]))


class _Outbox:
    def __init__(self, settings: Settings, store: Store, out: Path, client: str, reason: str | None) -> None:
        self.settings, self.store, self.out, self.reason = settings, store, out, reason
        self.pseudonyms = Pseudonyms(keys.held(settings).person, client)
        self.client, self.made_at, self.counts = client, downtime.now(), Counter[str]()

    def filled(self, access: Access, progress: Progress, only: Collection[Named] | None = None) -> dict[str, Any]:
        run = self.store.current_run()
        held = [] if run is None else self.store.practices(run["number"])
        rows = {
            (row["scheme"], row["practice"]): row for row in held if access.may(SCOPE, row["scheme"], row["practice"])
        }
        self.out.mkdir(parents=True, exist_ok=True, mode=0o700)
        progress.stage("practices", len(rows))
        try:
            for practice, row in rows.items():
                if only is not None and practice not in only:
                    continue
                assert run is not None
                with self.store.viewing():
                    made = parcel(self.settings, self.store, run, row, self.pseudonyms, self.made_at,
                                  identified=self.reason is not None)  # fmt: skip
                self._lay(practice, made)
                progress.advance()
        finally:
            operator.vouch(self.settings, self.store)
        for folder, _path, manifest in list(manifests(self.out)):
            if manifest["kind"] == "list" and (
                run is None or manifest["run"] != run["number"] or _named(manifest) not in rows
            ):
                self._clear(folder, manifest)
        number = None if run is None else run["number"]
        return {"out": str(self.out), "run": number, "practices": len(rows), **{name: self.counts[name] for name in ("laid", "unchanged", "people", "recalled", "removed")}}  # fmt: skip

    def _lay(self, practice: Named, made: Parcel) -> None:
        folder, stem = self.out / folder_of(practice), f"run-{made.manifest['run']}"
        held = _read(folder / f"{stem}.json")
        self.counts["people"] += len(made.people)
        if held is not None and held["content"] == made.manifest["content"] and (folder / f"{stem}.csv").exists():
            self.counts["unchanged"] += 1
            return
        folder.mkdir(exist_ok=True, mode=0o700)
        detail = {
            "client": self.client,
            "rows": len(made.people),
            "sha256": made.manifest["sha256"],
            "identified": self.reason is not None,
        }
        operator.record(self.settings, self.store, DELIVERED, outcome="answered", organisation=practice[1], run=made.manifest["run"], people=made.people,
                        reason=self.reason, detail=detail, vouched=False)  # fmt: skip
        manifest = {**made.manifest, "file": f"{stem}.csv", "replaces": None if held is None else held["sha256"]}
        (folder / f"{stem}.json").unlink(missing_ok=True)
        write(folder / f"{stem}.csv", made.table)
        write(folder / f"{stem}.json", orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
        self.counts["laid"] += 1

    def _clear(self, folder: Path, manifest: dict[str, Any]) -> None:
        """Take away a list that is not the current one, and say so where its run was withdrawn."""
        stem = f"run-{manifest['run']}"
        withdrawn = self.store.withdrawal(manifest["run"])
        if withdrawn is not None:
            told = recall(manifest, withdrawn["reason"], self.made_at)
            write(folder / f"{stem}.recall.json", orjson.dumps(told, option=orjson.OPT_INDENT_2))
            operator.record(self.settings, self.store, RECALLED, organisation=manifest["practice"], run=manifest["run"])
            self.counts["recalled"] += 1
        for name in (f"{stem}.json", f"{stem}.csv", f"{stem}.list.sent.json"):
            (folder / name).unlink(missing_ok=True)
        self.counts["removed"] += 1


def manifests(out: Path) -> Iterator[tuple[Path, Path, dict[str, Any]]]:
    """Each practice's folder, manifest file and manifest of what lies in the outbox, in order. :class:`BadInput` where one cannot be read."""
    for folder in sorted(path for path in out.iterdir() if path.is_dir()) if out.is_dir() else ():
        for path in sorted(folder.glob("run-*.json")):
            held = None if path.name.endswith(".sent.json") else _read(path)
            if held is not None:
                yield folder, path, held


def folder_of(practice: Named) -> str:
    """Name of a practice's folder."""
    return "-".join(quote(part, safe="") for part in practice)


def _named(manifest: dict[str, Any]) -> Named:
    return manifest["scheme"], manifest["practice"]


def _read(path: Path) -> dict[str, Any] | None:
    if not path.is_file():
        return None
    try:
        held: dict[str, Any] = orjson.loads(path.read_bytes())
        return held | {"kind": held["kind"]}
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(
            f"expected {path.name} in {path.parent} to be a manifest of the outbox, and cannot read it; remove that folder by hand and deliver again"
        ) from error
