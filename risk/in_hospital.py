"""Who is in hospital now, and what a day's record tells of whoever came and went: taken from admissions now, never from finished episodes.

Nobody is in hospital by a list that is too old to say so, and nobody is without a home-care package for want of a feed. A council tells of the care that
it arranges and of nothing else (Client Level Data, NHS England): silence is "not recorded", and "no" only where it told that a package ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from features import clocks
from features.flags import FLAGS, Noted, Value, beside, reach
from features.record.hospital import EMERGENCY_METHODS
from features.record.permission import Permissions
from features.record.reader import Record
from features.standing import IN_A_BED
from risk.settings import Settings
from risk.store import Store

#: Kinds of event of people in hospital.
ADMITTED, DISCHARGED, NO_PACKAGE, HOLDER = (
    "listed.admitted",
    "listed.discharged",
    "listed.discharged_no_package",
    "package_holder.admitted",
)
#: Days back for which a stay that becomes known late is still told of: as long as a list of who is in hospital counts as fresh.
LATE = 7
#: Method of discharge of the NHS Data Dictionary: the person died.
DIED = "4"
#: A home-care package: a council's service whose component is home care, as the outcome of deterioration counts it.
PACKAGE = Noted(
    "package",
    "Home-care package",
    "social_care",
    "true",
    "r.event = 'service' AND r.component = 'home_care'",
    ends=True,
)
BED = next(flag for flag in FLAGS if flag.name == "in_hospital")
WARDS = {"ordinary": "ward", "maternity": "maternity"}


@dataclass(frozen=True)
class Stay:
    """A stay of somebody scored: ``ended`` None while it goes on by what was told; ``stays``: the person is in a bed at the day."""

    person_id: int
    began: date
    ended: date | None
    discharge: str | None
    stays: bool
    listed: bool
    package: str


def told(stay: Stay, since: date, at: date) -> list[tuple[str, date]]:
    """What is told of a stay whose beginning or end lies in ``[since, at)``: kinds of event with their days. Nothing of an end by death, nor of one after
    which the person is in a bed again; a discharge without a package is told only where the feed of packages reaches and holds none."""
    found = []
    if since <= stay.began < at:
        found += [(ADMITTED, stay.began)] if stay.listed else []
        found += [(HOLDER, stay.began)] if stay.package == Value.YES else []
    left = stay.ended is not None and since <= stay.ended < at and not stay.stays and stay.discharge != DIED
    if left and stay.listed and stay.ended is not None:
        found.append((DISCHARGED, stay.ended))
        found += [(NO_PACKAGE, stay.ended)] if stay.package in (Value.NO, Value.NOT_RECORDED) else []
    return found


def take(
    settings: Settings, store: Store, record: Path, permissions: Permissions, run: Mapping[str, Any], at: date, since: date
) -> dict[str, int]:  # fmt: skip
    """Put who of ``run``'s people is in hospital at ``at`` in the place of what the store holds, and tell what happened in ``[since, at)``; how many are
    ``in_hospital``, and ``events`` added. :class:`~features.errors.Refused` where the record may not be read for case finding."""
    opened = partial(
        Record, record, purpose="case_finding", memory=settings.memory, threads=settings.threads or None, permissions=permissions
    )  # fmt: skip
    practices = [(row["scheme"], row["practice"]) for row in store.practices(run["number"])]
    with opened(follow="confirmed") as held:
        reached = reach(held, at, BED, [code for _, code in practices]).set_index("practice")
        rows = held.connection.execute(
            _STAYS, {"at": at, "since": since, "emergency": list(EMERGENCY_METHODS)}
        ).fetchall()
        scored = store.scored_among(run["number"], {int(row[0]) for row in rows})
        people = sorted(scored)
        flags = {row["person_id"]: row for row in beside(held, at, people, (BED, PACKAGE)).to_pylist()}
    fresh = {str(code): bool(one) for code, one in reached["fresh"].items()}
    stays = _in_beds(rows, scored, flags, fresh)
    store.take_in_hospital(
        (
            {"scheme": scheme, "practice": code, "day": at, "fresh": fresh[code], "up_to": _day(reached.at[code, "up_to"])}
            for scheme, code in practices
        ),
        stays,
    )  # fmt: skip
    in_bed = {int(row[0]) for row in rows if row[2] is None}
    events = []
    for person, began, ended, discharge, *_ in rows:
        if person not in scored:
            continue
        scheme, practice, listed = scored[person]
        package = flags[person]["package"]
        stay = Stay(person, began, ended, discharge, person in in_bed, listed, package)
        events += [
            {"kind": kind, "person_id": person, "scheme": scheme, "practice": practice, "on": on, "package": package}
            for kind, on in told(stay, since, at)
        ]
    return {"in_hospital": len(stays), "events": store.tell_people(run["number"], events)}


def first_day(settings_day: date, begun: int) -> date:
    """From which day on is told, on the day ``settings_day``, where the first day of all is ``begun`` (its ordinal)."""
    return max(settings_day - timedelta(days=LATE), date.fromordinal(begun))


def _in_beds(
    rows: list[Any], scored: Mapping[int, tuple[str, str, bool]], flags: Mapping[int, Mapping[str, Any]], fresh: Mapping[str, bool]
) -> list[dict[str, Any]]:  # fmt: skip
    """One row a person who is in a bed by a fresh list: of several stays under way the one that began last."""
    found: dict[int, dict[str, Any]] = {}
    for person, began, ended, _, kind, admission, ready in rows:
        if ended is not None or person not in scored or flags[person]["in_hospital"] != Value.YES:
            continue
        scheme, practice, _listed = scored[person]
        if fresh[practice] and (person not in found or found[person]["since"] < began):
            told_of = flags[person]
            found[person] = {
                "person_id": person, "scheme": scheme, "practice": practice, "since": began, "kind": WARDS[kind],
                "admission": admission, "ready": ready, "package": told_of["package"], "package_on": told_of["package_on"],
            }  # fmt: skip
    return list(found.values())


def _day(moment: Any) -> date | None:
    return None if moment is None or moment != moment else moment.date()


_STAYS = f"""
    SELECT person_id, event_date, CASE WHEN end_date <= $at THEN end_date END AS ended, discharge_method, patient_class,
        CASE WHEN admission_method IS NULL OR admission_method = '99' THEN 'not recorded'
             WHEN list_contains($emergency::VARCHAR[], admission_method) THEN 'emergency' ELSE 'planned' END, ready_date
    FROM spell r
    WHERE {clocks.visible("r", "$at")} AND patient_class IN {IN_A_BED}
        AND (end_date IS NULL OR end_date > $at OR end_date >= $since OR event_date >= $since)
    ORDER BY event_date, person_id, row_id
"""
