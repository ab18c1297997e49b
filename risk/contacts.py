"""One person's contacts with every service over two years, as the record had them at the run's date: what the page draws on one axis.

A contact says its service, its days and how it took place; never a diagnosis, a complaint, a specialty or a place. What would tell of something
sensitive (:mod:`features.governance.sensitive`; a mental health team too) says its service alone. Rows that are somebody's by probability alone are shown
to nobody as facts, and a feed that may not be read, is stale or does not reach the practice is said: silence is not "none".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from features import clocks, coverage
from features.governance.sensitive import VALUES
from features.record.reader import Record
from risk.permissions import permissions
from risk.settings import Settings

#: Days before the run's date that are looked at.
DAYS = 731
#: Contacts that are told of a service, the newest; more are counted.
MOST = 200
#: Kinds that say no more than the service they are of.
UNSAID = frozenset({*VALUES, "mental_health"})


@dataclass(frozen=True)
class Service:
    """A service: its table, its ``title``, the ``domain`` whose readers may know of it, and SQL over a row ``r`` for how a contact took place (text, or
    null) and when it ended."""

    table: str
    title: str
    domain: str
    how: str
    ends: str = "NULL"


_CAME = "CASE r.status WHEN 'attended' THEN NULL WHEN 'unknown' THEN NULL ELSE r.status END"
#: In the order in which they are drawn. Admission methods are those of the NHS Data Dictionary: 11-13 elective, 2x emergency.
SERVICES = (
    Service("spell", "Stay in hospital", "hospital use",
            "CASE WHEN r.admission_method LIKE '2%' THEN 'emergency' WHEN r.admission_method LIKE '1%' THEN 'planned' END", "r.end_date"),
    Service("ed_attendance", "A&E", "urgent care", "CASE r.arrival_mode WHEN 'ambulance' THEN 'by ambulance' END"),
    Service("ambulance", "999 or 111", "urgent care", "r.service || CASE WHEN r.conveyed THEN ', taken to hospital' ELSE '' END"),
    Service("outpatient", "Outpatient clinic", "hospital use", _CAME),
    Service("gp_contact", "General practice", "general practice", f"concat_ws(', ', nullif(r.mode, 'other'), {_CAME})"),
    Service("community_contact", "Community team", "community care", f"concat_ws(', ', nullif(r.team, 'other'), {_CAME})"),
    Service("social_care", "Council", "social care", "concat_ws(', ', r.event, nullif(r.component, 'other'))", "r.end_date"),
)  # fmt: skip


@dataclass(frozen=True)
class Lane:
    """A service's ``contacts``, the newest first, each ``on``, ``until`` (None: a day, or not ended) and ``how`` in words (empty: not said);
    ``more`` that are not told; ``fed`` whether a feed of it that may be read, and is not stale, reaches the person's practice."""

    service: Service
    contacts: tuple[tuple[date, date | None, str], ...]
    more: int
    fed: bool


def of_person(settings: Settings, person_id: int, practice: str, at: date) -> tuple[Lane, ...] | None:
    """Every service's lane of somebody of ``practice`` in the ``DAYS`` before ``at``; None where the setting ``record`` names no record. Whether they may be shown has been
    asked already; errors as of :class:`~features.record.reader.Record`."""
    folder = settings.record
    if folder is None or not Path(folder).is_dir():
        return None
    held = permissions(settings, folder)
    with Record(
        folder, purpose="case_finding", permissions=held, follow="confirmed", memory="512MB", threads=1
    ) as record:
        fed = coverage.tables_of(int(coverage.masks(record, [at], [practice])["feeds"].iloc[0]))
        return tuple(_lane(record, service, person_id, at, service.table in fed) for service in SERVICES)


def _lane(record: Record, service: Service, person_id: int, at: date, fed: bool) -> Lane:
    query = f"""SELECT r.event_date, {service.ends}, {service.how} FROM {service.table} r
        WHERE r.person_id = $person AND {clocks.visible("r", "$at")} AND coalesce({service.ends}, r.event_date) >= $since
        ORDER BY r.event_date DESC, r.row_id DESC"""
    asked: dict[str, Any] = {"person": person_id, "at": at, "since": at - timedelta(days=DAYS)}
    rows = record.connection.execute(query, asked).fetchall()
    told = tuple((on, None if until is None else min(until, at), _said(how)) for on, until, how in rows[:MOST])
    return Lane(service, told, max(0, len(rows) - MOST), fed)


def _said(how: str | None) -> str:
    parts = [part for part in (how or "").split(", ") if part not in UNSAID]
    return ", ".join(parts).replace("_", " ")
