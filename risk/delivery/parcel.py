"""What is delivered to one practice: its list as a table, and a manifest that says of what it is and what it holds."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from features.linkage.revealing import only_nhs_number
from risk import downtime_sheet
from risk.pseudonyms import Pseudonyms
from risk.run.saying import NOT_FOR
from risk.settings import Settings
from risk.store import Store

#: Kinds of parcel: a list, and word that one holds no more.
LIST, RECALL = "list", "recall"
NUMBER = "nhs_number"


@dataclass(frozen=True)
class Parcel:
    """A list's table with its manifest. ``people`` are those on it, by ``person_id``."""

    table: bytes
    manifest: dict[str, Any]
    people: list[int] = field(repr=False)


def parcel(
    settings: Settings,
    store: Store,
    run: Mapping[str, Any],
    row: Mapping[str, Any],
    pseudonyms: Pseudonyms,
    made_at: str,
    *,
    identified: bool,
) -> Parcel:
    """The list of the practice in ``row`` as it stands now, people by ``pseudonyms`` and, where ``identified``, by NHS number too.

    :class:`~features.errors.MissingPart` where they are to be identified and the identity store is not on this machine.
    """
    sheet, people = downtime_sheet.sheet(settings, store, run, row, pseudonyms, whole=True)
    columns: tuple[str, ...] = downtime_sheet.COLUMNS
    if identified:
        columns = (NUMBER, *columns)
        for one, person in zip(sheet["people"], people, strict=True):
            one[NUMBER] = only_nhs_number(settings.identity_folder, settings.identity_key_file, person)
    table = downtime_sheet.table({**sheet, "made_at": made_at}, columns).encode()
    # When it was made, and how old the data have become since, is no news of anybody on it.
    content = downtime_sheet.table({**sheet, "made_at": "", "stale": None}, columns).encode()
    manifest = {
        "kind": LIST, "practice": row["practice"], "scheme": row["scheme"], "run": run["number"], "index_date": str(run["index_date"]),
        "data_as_at": str(run["data_as_at"]), "valid_until": str(run["valid_until"]), "model": sheet["model"], "title": sheet["title"],
        "marking": sheet["first_line"], "not_for": NOT_FOR, "made_at": made_at, "rows": len(people), "columns": list(columns),
        "bytes": len(table), "sha256": _digest(table), "content": _digest(content),
    }  # fmt: skip
    return Parcel(table, manifest, people)


def recall(before: Mapping[str, Any], reason: str, made_at: str) -> dict[str, Any]:
    """The manifest that takes a delivered list back; ``before`` is that list's own."""
    kept = {name: before[name] for name in ("practice", "scheme", "run", "index_date", "sha256")}
    return {"kind": RECALL, **kept, "reason": reason, "made_at": made_at, "rows": 0, "not_for": NOT_FOR}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
