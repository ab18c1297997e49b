"""Who is in hospital at home now: a list of its own kind, imported from clinical admissions and never ranked by the score.

Whoever a ward or a virtual ward admitted is on it, in the order in which they were admitted; a clinician decided that, and the score neither adds nor
removes anybody. Two feeds tell of it: admissions now (a stay classed as hospital at home, in force) and caseloads (a virtual ward's, in force). A list that
is older than it may be says nothing of today: nobody is on it by that feed, and it is said since when the feed is silent. Finished episodes (HES) show
nobody who is still there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd

from features import clocks

if TYPE_CHECKING:
    from features.record.reader import Record

#: Never beside: the score decides nothing here.
SAYS = (
    "Admitted by a clinician's decision, in the order of admission. The score of risk has no part in it. "
    "Not for placement, funding, resuscitation or discharge decisions."
)


@dataclass(frozen=True)
class Told:
    """A feed that tells of it: rows of ``table`` for which ``where`` holds; older than ``fresh`` days it says nothing."""

    table: str
    where: str
    fresh: int


TOLD = (
    Told("spell", "r.patient_class = 'hospital_at_home'", 7),
    Told("caseload", "r.team = 'virtual_ward'", 45),
)


def reached(record: Record, at: date, practices: Sequence[str]) -> dict[str, dict[str, dict[str, Any]]]:
    """By practice and table: ``up_to``, the day up to which a permitted feed speaks for the practice (None: none does), and whether it is ``fresh``."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for told in TOLD:
        rows = record.connection.execute(
            """SELECT f.covers, least(max(f.period_to), $at::DATE) FROM feed f
               WHERE f.table_name = $table AND f.known_at < $at AND f.source <> 'hes' AND f.feed_id NOT IN (SELECT id FROM refused_feed)
               GROUP BY f.covers""",
            {"at": at, "table": told.table},
        ).fetchall()
        by = {str(covers): day for covers, day in rows}
        for practice in practices:
            days = [by[one] for one in (practice, "*") if one in by]
            up_to = max(days, default=None)
            fresh = up_to is not None and (at - up_to).days <= told.fresh
            found.setdefault(practice, {})[told.table] = {
                "up_to": None if up_to is None else str(up_to),
                "fresh": fresh,
            }
    return found


def admitted(
    record: Record, at: date, people: pd.DataFrame, reach: Mapping[str, Mapping[str, Mapping[str, Any]]]
) -> list[dict[str, Any]]:
    """A row of the store for each of ``people`` (``person_id``, ``practice_scheme``, ``practice``) who is in hospital at home at ``at`` by a fresh feed:
    ``since`` and ``told_by``, the earliest where both tell. ``record`` follows confirmed links alone."""
    columns = (people[name].tolist() for name in ("person_id", "practice_scheme", "practice"))
    where = {int(person): (str(scheme), str(practice)) for person, scheme, practice in zip(*columns, strict=True)}
    found: dict[int, dict[str, Any]] = {}
    for told in TOLD:
        rows = record.connection.execute(
            f"""SELECT r.person_id, min(r.event_date) FROM {told.table} r
                WHERE {clocks.in_force("r", "$at")} AND {told.where} GROUP BY r.person_id""",
            {"at": at},
        ).fetchall()
        for person, since in rows:
            if person not in where or not reach[where[person][1]][told.table]["fresh"]:
                continue
            scheme, practice = where[person]
            row = {
                "person_id": int(person),
                "scheme": scheme,
                "practice": practice,
                "since": str(since),
                "told_by": told.table,
            }
            if person not in found or row["since"] < found[person]["since"]:
                found[person] = row
    return sorted(found.values(), key=lambda row: (row["practice"], row["since"], row["person_id"]))
