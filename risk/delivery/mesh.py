"""Sends what lies in the outbox through MESH (Message Exchange for Social Care and Health, NHS England), by its own client.

A parcel goes once: what was sent is noted beside it. A kill between the two sends it again, under the same local id, by which the recipient knows it. The list
is the message; its manifest goes as a message of its own after it, so that a recipient who has the manifest has the list.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from features.errors import BadInput, MissingPart, WrongUsage
from features.progress import SILENT, Progress
from risk import downtime, operator
from risk import store as stores
from risk.delivery.outbox import manifests
from risk.downtime_places import write
from risk.settings import Settings

SENT = "delivery.sent"
#: Files of the folder of secrets.
PASSWORD, SHARED_KEY, CERTIFICATE, PRIVATE_KEY, AUTHORITY = (
    "password",
    "shared_key",
    "client.crt",
    "client.key",
    "ca.crt",
)


def send(settings: Settings, out: Path, progress: Progress = SILENT) -> dict[str, Any]:
    """Send what in the outbox ``out`` was not sent; ``sent``, ``already``, practices with ``no_mailbox`` and those that ``failed`` with why, ready for JSON.

    :class:`WrongUsage` where the settings do not say how, :class:`BadInput` where the mailboxes cannot be read, :class:`MissingPart` where MESH or its client
    cannot be had at all. What was sent stays sent.
    """
    mailboxes = _mailboxes(settings)
    operator.ready(settings)
    held = list(manifests(out))
    told: dict[str, Any] = {"out": str(out), "sent": 0, "already": 0, "no_mailbox": [], "failed": []}
    progress.stage("parcels", len(held))
    store = stores.open(settings)
    try:
        with _client(settings) as client:
            for folder, path, manifest in held:
                _send(settings, store, client, mailboxes, folder, path, manifest, told)
                progress.advance()
    finally:
        store.close()
    return told


def _send(
    settings: Settings, store: stores.Store, client: Any, mailboxes: Mapping[str, str], folder: Path, path: Path,
    manifest: dict[str, Any], told: dict[str, Any],
) -> None:  # fmt: skip
    noted = folder / f"run-{manifest['run']}.{manifest['kind']}.sent.json"
    if noted.exists() and orjson.loads(noted.read_bytes())["sha256"] == manifest["sha256"]:
        told["already"] += 1
        return
    practice = manifest["practice"]
    mailbox = mailboxes.get(practice)
    if mailbox is None:
        told["no_mailbox"].append(practice)
        return
    stem = f"{practice}-run-{manifest['run']}"
    common = {"workflow_id": settings.mesh_workflow, "local_id": f"{stem}-{manifest['kind']}-{manifest['sha256'][:12]}"}
    names = []
    try:
        if manifest["kind"] == "list":
            content = (folder / manifest["file"]).read_bytes()
            names.append(
                client.send_message(
                    mailbox,
                    content,
                    filename=f"{stem}.csv",
                    content_type="text/csv",
                    checksum=manifest["sha256"],
                    **common,
                )
            )
        names.append(
            client.send_message(
                mailbox, path.read_bytes(), filename=f"{stem}.json", content_type="application/json", **common
            )
        )
    except Exception as error:
        # Its own words may hold an address: the kind of failure is enough to look for it in MESH's tracking.
        told["failed"].append({"practice": practice, "why": type(error).__name__})
        return
    write(noted, orjson.dumps({"kind": "sent", "sha256": manifest["sha256"], "messages": names, "at": downtime.now()}))
    detail = {"kind": manifest["kind"], "sha256": manifest["sha256"], "messages": names}
    operator.record(settings, store, SENT, organisation=practice, run=manifest["run"], detail=detail)
    told["sent"] += 1


def _client(settings: Settings) -> Any:
    try:
        from mesh_client import MeshClient
    except ImportError as missing:
        raise MissingPart(
            "expected the package mesh-client, which sends through MESH; install frailty-risk[mesh]"
        ) from missing
    if not (settings.mesh_url and settings.mesh_mailbox and settings.mesh_secrets):
        raise WrongUsage(
            "expected the settings mesh_url, mesh_mailbox and mesh_secrets, which say how to send; without them the outbox is for others to take from"
        )
    secrets = settings.mesh_secrets
    if not settings.mesh_url.startswith("https://") and settings.environment == "production":
        raise WrongUsage("expected mesh_url to begin with https:// in production: a list is never sent in the clear")
    password, shared = (_secret(secrets / name) for name in (PASSWORD, SHARED_KEY))
    certificate, key, authority = (secrets / name for name in (CERTIFICATE, PRIVATE_KEY, AUTHORITY))
    return MeshClient(
        settings.mesh_url, settings.mesh_mailbox, password.decode(), shared_key=shared,
        cert=(str(certificate), str(key)) if certificate.is_file() else None,
        verify=str(authority) if authority.is_file() else settings.mesh_url.startswith("https://"), timeout=60,
    )  # fmt: skip


def _secret(path: Path) -> bytes:
    if not path.is_file():
        raise MissingPart(
            f"expected {path}, which MESH asks for, found none; put it there, readable by this user alone"
        )
    return path.read_bytes().strip()


def _mailboxes(settings: Settings) -> dict[str, str]:
    """MESH mailbox by practice."""
    path = settings.mesh_mailboxes
    if path is None or not path.is_file():
        raise WrongUsage(
            "expected the setting mesh_mailboxes to name a CSV with the columns practice and mailbox, found no such file"
        )
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = csv.DictReader(file)
        if not {"practice", "mailbox"} <= set(rows.fieldnames or ()):
            raise BadInput(f"expected {path.name} to have the columns practice and mailbox; nothing was sent")
        held: dict[str, str] = {}
        for row in rows:
            if held.setdefault(row["practice"], row["mailbox"]) != row["mailbox"]:
                raise BadInput(
                    f"expected one mailbox a practice in {path.name}, found two of {row['practice']} in line {rows.line_num}; nothing was sent"
                )
        return held
