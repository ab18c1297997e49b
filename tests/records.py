"""Small records for tests: rows as plain dicts in, a record on disk out, through the record's own writer.

    record(tmp_path, spell=[{"event_date": "2024-03-01", "admission_method": "21"}])

What a row leaves out is filled from ``DEFAULTS``: person 1, a row id of its own, known on the day it happened. A table that
is given is taken as given; left out, ``person`` and ``registration`` hold one plain row for everybody whom another table
names (born January 1950, registered since 2000 with B86022), and ``feed`` says that every table is fed for the whole
area, always fresh (delivered in 2000 and again in 2030).
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as arrow

from features.record.tables import PERSON_TABLES, TABLES
from features.record.writer import Transaction

Row = Mapping[str, Any]
PRACTICE = "B86022"

#: What a row of each table holds where it says nothing.
DEFAULTS: dict[str, dict[str, Any]] = {
    "person": {"birth_month": "1950-01-01", "sex": "female", "ethnicity": "A", "known_at": "2000-01-01"},
    "registration": {"event_date": "2000-01-01", "practice": PRACTICE, "practice_scheme": "ods", "kind": "regular"},
    "residence": {"event_date": "2000-01-01", "kind": "own_home"},
    "death": {},
    "objection": {"kind": "type_1"},
    "person_link": {"other_person_id": 2, "same": True, "reason": "same_number", "known_at": "2000-01-01"},
    "carer": {"has_carer": True},
    "preference": {"kind": "care_plan"},
    "gp_event": {"system": "snomed", "code": "73211009"},
    "prescription": {"system": "bnf", "code": "0212000B0"},
    "gp_contact": {"mode": "face_to_face", "status": "attended"},
    "spell": {"patient_class": "ordinary"},
    "diagnosis": {"system": "icd10", "code": "I10X", "position": 1, "spell_id": 1},
    "outpatient": {"status": "attended"},
    "ed_attendance": {},
    "ambulance": {"service": "999"},
    "community_contact": {"team": "district_nursing", "status": "attended"},
    "social_care": {"event": "service"},
    "assessment": {"tool": "efi", "score": 0.2},
    "caseload": {"team": "district_nursing"},
    "home_care_week": {"visits_made": 14},
    "feed": {"source": "native", "organisation": "area", "organisation_scheme": "local", "covers": "*", "purposes": "*",
             "known_at": "2000-01-01", "period_from": "1990-01-01", "period_to": "2100-01-01"},
}  # fmt: skip


def feeds(*tables: str, **row: Any) -> list[dict[str, Any]]:
    """One feed a table (all tables about people when none is named), each row with the columns given."""
    return [{"feed_id": _feed_id(table), "table_name": table, **row} for table in tables or PERSON_TABLES]


def always_fresh(*tables: str) -> list[dict[str, Any]]:
    """Feeds delivered in 2000 and again in 2030, each delivery covering everything: the default."""
    early = feeds(*tables, known_at="2000-01-01", known_until="2030-01-01")
    return early + feeds(*tables, known_at="2030-01-01")


def record(folder: Path, *, about: str = "demonstration", **tables: Sequence[Row]) -> Path:
    """A record in ``folder`` holding the rows given; the folder's path. A row that its table's schema refuses is refused
    here as well."""
    held: dict[str, Sequence[Row]] = dict(tables)
    people = sorted({row.get("person_id", 1) for name, rows in tables.items() if name != "feed" for row in rows} or {1})
    held.setdefault("person", [{"person_id": person} for person in people])
    held.setdefault("registration", [{"person_id": person} for person in people])
    held.setdefault("feed", always_fresh())
    with Transaction(folder) as transaction:
        for name, rows in held.items():
            if rows:
                transaction.add(name, table(name, rows))
        transaction.commit(notes={"about": json.dumps({"kind": about, "title": "a test's few people"})})
    return folder


def table(name: str, rows: Sequence[Row]) -> arrow.Table:
    """Rows of one table as Arrow, in its schema, defaults filled, sorted by person."""
    numbers = itertools.count(1)
    filled = [_filled(name, row, next(numbers)) for row in rows]
    filled.sort(key=lambda row: (row.get("person_id", 0), row["known_at"]))
    schema = TABLES[name].arrow
    columns = {field.name: [row.get(field.name) for row in filled] for field in schema}
    made = arrow.table(columns, schema=schema)
    TABLES[name].schema.validate(made.to_pandas(types_mapper=pd.ArrowDtype))
    return made


def _filled(name: str, row: Row, number: int) -> dict[str, Any]:
    unknown = set(row) - set(TABLES[name].columns)
    if unknown:
        raise KeyError(f"{name} has no column {sorted(unknown)}")
    keys = {} if name == "feed" else {"row_id": number, "person_id": 1, "feed_id": _feed_id(name)}
    whole = {**keys, **DEFAULTS[name], **row}
    whole.setdefault("known_at", whole.get("event_date"))
    return {column: _day(TABLES[name].columns[column], value) for column, value in whole.items()}


def _day(type_: arrow.DataType, value: Any) -> Any:
    return date.fromisoformat(value) if type_ == arrow.date32() and isinstance(value, str) else value


def _feed_id(table_name: str) -> int:
    return 1 + list(TABLES).index(table_name)
