"""NHS numbers that were merged (one superseded by another) or split, from a file of the tracing service's."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pyarrow as arrow

from features.coding import NHS_NUMBER
from features.errors import BadInput
from features.linkage import links
from features.linkage.identity import NOBODY
from features.linkage.links import Link
from features.record.one_person import held_links
from risk import operator
from risk import store as stores
from risk.linkage.opening import day, everybody, identity_of
from risk.settings import Settings

COLUMNS = ("nhs_number", "other_nhs_number", "what")
MERGED, SPLIT = "merged", "split"
REASONS = {True: "nhs_number_superseded", False: "nhs_number_split"}


def follow(settings: Settings, record: Path, file: Path) -> dict[str, Any]:
    """Follow ``file`` (CSV; ``nhs_number`` is the one that stays, ``other_nhs_number`` the one superseded by it or split from it,
    ``what`` is merged or split): from now on two people whose numbers were merged are one, and two whose numbers were split are two.

    What the record holds under one number stays under it; rows of the other of a split come under their own number when their
    senders send them again. What was said before is not said again. :class:`BadInput` where the file does not fit; then
    nothing is written.
    """
    operator.ready(settings)
    rows = _rows(file)
    store = stores.open(settings)
    with identity_of(settings) as identity:
        none = arrow.nulls(len(rows), arrow.string())
        stays, other = (
            identity.find(arrow.array([row[i] for row in rows], arrow.string()), "", none).tolist() for i in (0, 1)
        )
        wanted = {
            (one, two): what == MERGED
            for one, two, (*_, what) in zip(stays, other, rows, strict=True)
            if NOBODY not in (one, two)
        }
        now = _standing(record)
        fresh = [
            Link(one, two, same, REASONS[same])
            for (one, two), same in wanted.items()
            if now.get(frozenset((one, two)), False) != same
        ]
        links.add(record, identity, fresh, day(record, store))
    people = sorted({person for link in fresh for person in (link.person_id, link.other_person_id)})
    operator.record(settings, store, "link.numbers", people=people)
    unknown = sum(NOBODY in pair for pair in zip(stays, other, strict=True))
    merged = sum(link.same for link in fresh)
    return {"rows": len(rows), "merged": merged, "split": len(fresh) - merged, "unknown": unknown}


def _standing(record: Path) -> dict[frozenset[int], bool]:
    """What counts now of each pair of whom anything was said."""
    with everybody(record) as held:
        said = [row for row in held_links(held.connection) if row.known_until is None]
    return {frozenset(row.pair): row.same for row in sorted(said, key=lambda row: row.weight)}


def _rows(file: Path) -> list[tuple[str, str, str]]:
    try:
        with file.open(newline="", encoding="utf-8-sig") as opened:
            reader = csv.DictReader(opened)
            missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise BadInput(
                    f"{file}: expected columns {', '.join(COLUMNS)}; {', '.join(missing)} not found; nothing was written"
                )
            rows = [(_bare(row[COLUMNS[0]]), _bare(row[COLUMNS[1]]), _bare(row["what"]).lower()) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"expected a CSV in UTF-8 in {file}, and cannot read it; nothing was written") from error
    for number, (one, other, what) in enumerate(rows, 2):
        for name, value in zip(COLUMNS, (one, other), strict=False):
            if not NHS_NUMBER.well_formed(value):
                raise BadInput(
                    f"{file}, row {number}, {name}: expected an NHS number, found none that is well formed; nothing was written"
                )
        if what not in (MERGED, SPLIT) or one == other:
            raise BadInput(
                f"{file}, row {number}: expected two different numbers, and {MERGED} or {SPLIT}; nothing was written"
            )
    return rows


def _bare(text: str | None) -> str:
    return (text or "").replace(" ", "").replace("-", "")
