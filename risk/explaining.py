"""One predictor of one person at one date: its value, and the very rows of the record that make it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from features import observation
from features.codelists import load
from features.cohort import CohortRules, cohort
from features.coverage import tables_of
from features.engine.blocks import blocks
from features.engine.language import Declared, Derived, Predictor
from features.engine.oracle import made_of
from features.engine.plan import plan
from features.engine.rows import ALWAYS, Rows
from features.errors import Refused
from features.governance.sensitive import of_code, of_predictor
from features.record.reader import Record
from features.record.tables import PERSON_TABLES
from risk import operator
from risk import store as stores
from risk.linkage.opening import Names
from risk.permissions import permissions, sees_detail
from risk.settings import Settings

#: Columns of every row that is shown, before those that the declaration looks at.
SHOWN = ("event_date", "end_date", "event_time", "known_at", "known_until", "system", "code")
#: In place of rows that tell of something sensitive.
WITHHELD = "shown to those whose role allows it"


@dataclass(frozen=True)
class Asked:
    """A predictor of a person (an opaque id as `frailty list` shows it) at a date, for a reader of a role."""

    predictor: Declared
    person: str
    at: date
    role: str | None = None


def explain(settings: Settings, record: Path, asked: Asked) -> dict[str, Any]:
    """The value, what is said of it, and for it and each of its parts the rows that make it, in the order of the facts.

    The audit has its row before a row of the record is read. :class:`~features.errors.Refused` where the person is not scored at that date.
    """
    operator.ready(settings)
    store = stores.open(settings)
    with Record(record, purpose="case_finding", permissions=permissions(settings, record)) as held:
        who = Names.of(settings).find(asked.person, _people(held) - store.shown_nowhere())
        detail = {"predictor": asked.predictor.name, "at": asked.at.isoformat()}
        operator.record(settings, store, "explain predictor", outcome="answered", people=[who], detail=detail)
        rows = _rows(held, who, asked.at, settings.minimum_age)
        parts = list(_parts(asked.predictor))
        planned = plan(parts)
        (block,) = blocks(held, planned, rows)
        values = dict(zip(planned.names, block.values[0, planned.chosen].tolist(), strict=True))
        shown = sees_detail(settings, asked.role)
        told = [_told(held, part, values[part.name], who, asked.at, rows, detail=shown) for part in parts]
    return {"person": asked.person, "at": asked.at.isoformat(), **told[0], "parts": told[1:]}


def _people(held: Record) -> set[int]:
    return {person for (person,) in held.connection.execute("SELECT DISTINCT person_id FROM person").fetchall()}


def _rows(held: Record, who: int, at: date, minimum_age: int) -> Rows:
    frame = cohort(held, [at], CohortRules(minimum_age, held.objections)).frame
    own = frame[frame["person_id"] == who]
    if own.empty:
        raise Refused(f"this person is not scored at {at}: not registered, too young, died or objecting by then; no predictor of theirs is worked out")  # fmt: skip
    return observation.rows(held, own.reset_index(drop=True))


def _parts(declared: Declared) -> Iterator[Declared]:
    """The declaration and all that it is worked out from, each once."""
    found = {declared.name: declared}
    waiting = list(declared.parts) if isinstance(declared, Derived) else []
    while waiting:
        part = waiting.pop(0)
        if part.name not in found:
            found[part.name] = part
            waiting += part.parts if isinstance(part, Derived) else ()
    yield from found.values()


def _told(
    held: Record, part: Declared, value: float, who: int, at: date, rows: Rows, *, detail: bool
) -> dict[str, Any]:
    hidden = not detail and of_predictor(part) is not None
    told: dict[str, Any] = {
        "name": part.name,
        "value": None if np.isnan(value) or hidden else value,
        "says": WITHHELD if hidden else _says(part, value, int(rows.feeds[0])),
    }
    if not isinstance(part, Predictor):
        return told
    table = part.of.table
    since = int(rows.observed[0, PERSON_TABLES.index(table)])
    told |= {
        "table": table,
        "from": (at - timedelta(days=part.within)).isoformat() if part.within else None,
        "to": (at - timedelta(days=part.ago)).isoformat(),
        "observed_from": None if since == ALWAYS else (date(1970, 1, 1) + timedelta(days=since)).isoformat(),
    }
    if table not in tables_of(int(rows.feeds[0])):
        return {**told, "rows": []}
    with held.connection.cursor() as cursor:
        theirs = cursor.sql(f"SELECT * FROM {table} WHERE person_id = {who}").to_arrow_table().to_pylist()
    made = made_of(part, theirs, at)
    return {**told, "rows": [_row(part, row, hidden=hidden or _sensitive(row, detail)) for row in made]}


def _says(part: Declared, value: float, feeds: int) -> str:
    unfed = [table.replace("_", " ") for table in part.tables if table not in tables_of(feeds)]
    return f"not known, no {' or '.join(unfed)} feed" if np.isnan(value) and unfed else part.phrase(value)


def _sensitive(row: Mapping[str, Any], detail: bool) -> bool:
    return not detail and "code" in row and of_code(row["system"], row["code"]) is not None


def _row(part: Predictor, row: Mapping[str, Any], *, hidden: bool) -> dict[str, Any]:
    """What a row shows: its days, its code with its words, and what the declaration looks at."""
    if hidden:
        return {"withheld": WITHHELD}
    of = part.of
    looked = [column for column, _ in of.where if column in row] + [
        column for column in (of.date, of.value, of.distinct) if column
    ]
    shown = {column: row[column] for column in dict.fromkeys((*SHOWN, *looked)) if row.get(column) is not None}
    if of.codes and "code" in row:
        held = load(of.codes)
        shown["term"] = next((held.terms[own] for own in sorted(held.codes, key=len, reverse=True)
                              if held.system.name == row["system"] and row["code"].replace(".", "").startswith(own.replace(".", ""))), None)  # fmt: skip
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in shown.items()}
