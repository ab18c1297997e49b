"""The downtime copy: each practice's latest published list as one page to print and one table, for the day on which nothing else answers.

Whoever is hidden at that moment is not on it. A copy that was made before somebody died, objected or was forgotten, or before a run was taken back, is
replaced or removed when the copies are made anew, and the sheet says so; so it is made anew every hour by whatever runs commands on time.
"""

from __future__ import annotations

import csv
import io
import os
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson

from features.errors import BadInput, MissingPart, WrongUsage
from features.progress import SILENT, Progress
from features.record.manifest import sync_folder
from models.report import first_line
from models.templating import template
from risk import clients, keys, operator, plans, sections, staleness
from risk import store as stores
from risk.pseudonyms import Pseudonyms
from risk.run.reading import READER, listed_person
from risk.run.saying import LOW, NOT_FOR, REASONS_SHOWN, notes_of
from risk.settings import Settings
from risk.store import Store
from risk.today import LONDON, today

#: What the folder of copies says of itself: which files in it are copies, so that no other is touched.
MANIFEST = "downtime.json"
SCOPE = "lists:read"
COLUMNS = ("rank", "person", "practice", "age_band", "sex", "band", "risk", "section", "home", "follow_the_plan", "notes", "reasons", "run", "index_date",
           "data_as_at", "valid_until", "made_at", "marking", "stale", "not_for")  # fmt: skip


def copy(settings: Settings, out: Path, client: str | None = None, progress: Progress = SILENT) -> dict[str, Any]:
    """Make the copies in the folder ``out`` anew, and remove those that are no more; what was done, ready for JSON. People are pseudonymous as the
    terminal shows them, or as the API's client does that is named; then of its practices alone.

    :class:`WrongUsage` where nobody is that client, :class:`BadInput` where the folder's own list of copies cannot be read, :class:`MissingPart` where
    it cannot be written.
    """
    operator.ready(settings)
    store = stores.open(settings)
    try:
        return _copied(settings, store, out, client, progress)
    except OSError as error:
        raise MissingPart(
            f"the downtime copy in {out} was not finished: {error.strerror or type(error).__name__}; free or check the disk"
        ) from error
    finally:
        store.close()


def _copied(settings: Settings, store: Store, out: Path, client: str | None, progress: Progress) -> dict[str, Any]:
    access = None if client is None else clients.access(store, client, today(settings))
    if client is not None and access is None:
        raise WrongUsage("expected the id of a client whose time is not over; `frailty client list` shows them")
    reader = READER if client is None else client
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    before = _held(out)
    run = store.current_run()
    practices = [] if run is None else [
        row for row in store.practices(run["number"]) if access is None or access.may(SCOPE, row["scheme"], row["practice"])
    ]  # fmt: skip
    names = {f"{quote(row['scheme'], safe='')}-{quote(row['practice'], safe='')}": row for row in practices}
    wanted = {f"{name}.{kind}" for name in names for kind in ("html", "csv")}
    made_at = datetime.now(LONDON).isoformat(timespec="minutes")
    _write(
        out / MANIFEST, orjson.dumps({"made_at": made_at, "files": sorted(before | wanted)})
    )  # a kill leaves nothing that it does not name
    progress.stage("practices", len(names))
    people = 0
    for name, row in names.items():
        assert run is not None
        sheet, ids = _sheet(
            settings, store, run, row, Pseudonyms(keys.held(settings).person, reader), whole=client is not None
        )
        sheet["made_at"] = made_at
        operator.record(settings, store, "downtime.copy", outcome="answered", organisation=row["practice"], run=run["number"],
                        people=ids, detail={"reader": reader})  # fmt: skip
        _write(out / f"{name}.html", template("risk", "downtime.html").render(sheet=sheet).encode())
        _write(out / f"{name}.csv", _csv(sheet).encode())
        people += len(ids)
        progress.advance()
    gone = sorted(before - wanted)
    for file in gone:
        (out / file).unlink(missing_ok=True)
    _write(out / MANIFEST, orjson.dumps({"made_at": made_at, "files": sorted(wanted)}))
    if gone:
        operator.record(settings, store, "downtime.removed", detail={"files": len(gone)})
    return {"out": str(out), "run": None if run is None else run["number"], "made_at": made_at, "practices": len(names), "people": people,
            "removed": len(gone), "stale_says": None if run is None else staleness.now(settings, run).said}  # fmt: skip


def _sheet(
    settings: Settings,
    store: Store,
    run: Mapping[str, Any],
    row: Mapping[str, Any],
    pseudonyms: Pseudonyms,
    *,
    whole: bool,
) -> tuple[dict[str, Any], list[int]]:
    """What a sheet says, and the ``person_id`` of everybody on it."""
    entries = store.practice_list(run["number"], row["practice"], row["scheme"])
    people = [_person(entry, pseudonyms, whole) for entry in entries]
    inside = (run["counts"] or {}).get("sections_inside", ())
    counted = sections.described(store.sections(run["number"], row["practice"], row["scheme"]), inside)
    parts = [{"title": "The list", "says": None, "people": [one for one in people if one["section"] is None]}]
    for section in counted:
        own = [one for one in people if one["section"] == section["name"]]
        own.sort(key=lambda one: (one["home"] is None, one["home"] or 0, one["rank"]))
        parts.append({"title": section["title"], "says": section["says"], "people": own})
    about = run["about"] or {}
    return {
        "practice": row["practice"], "scheme": row["scheme"], "registered": row["registered"], "scored": row["scored"], "k": row["k"],
        "withheld": store.withheld(run["number"], row["practice"], row["scheme"]),
        "run": run["number"], "index_date": run["index_date"], "title": run["title"], "horizon": run["horizon"],
        "model": f"{run['model_name']} version {run['model_version']}", "data_as_at": run["data_as_at"], "valid_until": run["valid_until"],
        "first_line": first_line(about), "stale": staleness.now(settings, run).said, "not_for": NOT_FOR, "caution": LOW,
        "parts": [part for part in parts if part["people"] or part["says"] is None], "people": people,
    }, [entry["person_id"] for entry in entries]  # fmt: skip


def _person(entry: dict[str, Any], pseudonyms: Pseudonyms, whole: bool) -> dict[str, Any]:
    """Somebody's row. With a plan, it comes first and no reason is marked as one to act on."""
    held = listed_person(entry, pseudonyms)
    reasons = plans.giving_way(held["reasons"]) if held["plan"] else held["reasons"]
    return {
        **{name: held[name] for name in ("rank", "age_band", "sex", "band", "risk", "section", "home")},
        "person": pseudonyms.of(entry["person_id"]) if whole else held["person"],
        "plan": held["plan"]["says"] if held["plan"] else None,
        "notes": notes_of(held["flags"]),
        "reasons": [
            reason["says"] + (" *" if reason["actionable"] else "") for reason in reasons["raises"][:REASONS_SHOWN]
        ],
    }


def _csv(sheet: Mapping[str, Any]) -> str:
    """A row a person; each says by itself what it is from and what it is not for, since rows are cut out and pasted."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    beside = {
        name: sheet[name]
        for name in ("practice", "run", "index_date", "data_as_at", "valid_until", "made_at", "stale", "not_for")
    }
    for one in sheet["people"]:
        named = {name: one[name] for name in ("rank", "person", "age_band", "sex", "band", "risk", "section", "home")}
        writer.writerow({**named, **beside, "marking": sheet["first_line"], "follow_the_plan": one["plan"],
                         "notes": "; ".join(one["notes"]), "reasons": "; ".join(one["reasons"])})  # fmt: skip
    return text.getvalue()


def _held(out: Path) -> set[str]:
    """Files in the folder that are copies of ours."""
    if not (out / MANIFEST).is_file():
        return set()
    try:
        files: Iterable[str] = orjson.loads((out / MANIFEST).read_bytes())["files"]
        found = set(files)
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(
            f"expected {out / MANIFEST} to say which files are downtime copies, and cannot read it; remove the copies by hand"
        ) from error
    if any("/" in name or name.startswith(".") for name in found):
        raise BadInput(
            f"expected {out / MANIFEST} to name files of its own folder; it was changed: remove the copies by hand"
        )
    return found


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, readable by its owner alone from its first moment."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
        sync_folder(path.parent)
    finally:
        part.unlink(missing_ok=True)
