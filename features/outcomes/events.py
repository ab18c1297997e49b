"""Kinds of event that an outcome is made of: declarations, each of which writes its own SQL.

The SQL reads the views ``now_<table>`` (versions that stand when training looks) and gives ``person_id, event_date,
certain``. A row that is not certain is something that may have been the event but cannot be told: a stay whose admission method or
diagnoses are not recorded. It makes a label unknown, never 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from features.codelists import load, plain
from features.record.hospital import EMERGENCY_METHODS
from features.standing import CARE_HOMES

#: Classes of a stay that is an admission: hospital at home is none, although it is recorded as a stay.
IN_HOSPITAL = ("ordinary", "day_case", "regular_day", "regular_night", "maternity")
#: A service or placement that follows another within these days continues it. Four weeks: the house's choice.
CONTINUES = 28


class Event(Protocol):
    """What an outcome asks of a kind of event."""

    @property
    def name(self) -> str: ...
    @property
    def tables(self) -> tuple[str, ...]: ...
    def sql(self) -> str: ...


@dataclass(frozen=True)
class Stay:
    """A hospital stay that began: of ``classes``, by one of ``methods`` (any, when none is named), with a code of
    ``code_sets`` in the primary or in any position. A stay is continuous, so a transfer begins none."""

    name: str
    classes: tuple[str, ...] = IN_HOSPITAL
    methods: tuple[str, ...] = ()
    code_sets: tuple[str, ...] = ()
    position: Literal["primary", "any"] = "any"

    @property
    def tables(self) -> tuple[str, ...]:
        return ("spell", "diagnosis") if self.code_sets else ("spell",)

    def sql(self) -> str:
        method = f"s.admission_method IN {_among(self.methods)}" if self.methods else "true"
        chosen = f"""
            SELECT s.row_id, s.person_id, s.event_date, {method} AS by_method FROM now_spell s
            WHERE s.patient_class IN {_among(self.classes)}"""
        if not self.code_sets:
            return f"""
            SELECT person_id, event_date, by_method IS NOT NULL AS certain FROM ({chosen}) WHERE by_method IS NOT false"""
        return f"""
            WITH chosen AS ({chosen}),
            meant AS (
                SELECT c.code FROM (SELECT DISTINCT code FROM now_diagnosis WHERE system = 'icd10') c
                WHERE {_under("c.code", self.code_sets)}
            ),
            coded AS (
                SELECT d.spell_id, bool_or(m.code IS NOT NULL) AS by_code
                FROM now_diagnosis d LEFT JOIN meant m ON m.code = d.code
                WHERE d.system = 'icd10' AND {"d.position = 1" if self.position == "primary" else "true"}
                GROUP BY d.spell_id
            )
            SELECT c.person_id, c.event_date, coalesce(c.by_method AND k.by_code, false) AS certain
            FROM chosen c LEFT JOIN coded k ON k.spell_id = c.row_id
            WHERE c.by_method IS NOT false AND k.by_code IS NOT false"""


@dataclass(frozen=True)
class Died:
    """A death."""

    name: str = "death"
    tables: tuple[str, ...] = ("death",)

    def sql(self) -> str:
        return "SELECT person_id, event_date, true AS certain FROM now_death"


@dataclass(frozen=True)
class HomeCarePackage:
    """Long-term home care that began, or grew by a quarter and by two hours a week or more and was still so four weeks on.

    Reablement, respite and other short-term services are none of it. A package that follows another within four weeks continues
    it. Hours that are not recorded cannot be compared: no growth is counted.
    """

    name: str = "home_care"
    tables: tuple[str, ...] = ("social_care",)
    grown_by: float = 1.25
    hours_more: float = 2.0

    def sql(self) -> str:
        def hours(day: str) -> str:
            in_force = f"p.event_date <= {day} AND (p.end_date IS NULL OR p.end_date > {day})"
            total = f"coalesce(sum(p.units_a_week) FILTER ({in_force}), 0)"
            return f"CASE WHEN count(*) = count(p.units_a_week) THEN {total} END"

        return f"""
            WITH package AS (
                SELECT person_id, event_date, end_date, units_a_week FROM now_social_care
                WHERE event = 'service' AND service_type = 'long_term_community' AND component = 'home_care'
                    AND (end_date IS NULL OR end_date > event_date)
            ),
            start AS (SELECT DISTINCT person_id, event_date AS day FROM package),
            earlier AS (
                SELECT s.person_id, s.day, max(least(coalesce(p.end_date, s.day), s.day)) - 1 AS last_day
                FROM start s JOIN package p ON p.person_id = s.person_id AND p.event_date < s.day
                    AND (p.end_date IS NULL OR p.end_date > s.day - {CONTINUES})
                GROUP BY ALL
            ),
            compared AS (
                SELECT e.person_id, e.day, {hours("e.last_day")} AS was, {hours("e.day")} AS became,
                    {hours(f"e.day + {CONTINUES - 1}")} AS remained
                FROM earlier e JOIN package p ON p.person_id = e.person_id AND p.event_date <= e.day + {CONTINUES - 1}
                    AND (p.end_date IS NULL OR p.end_date > e.last_day)
                GROUP BY e.person_id, e.day, e.last_day
            )
            SELECT s.person_id, s.day AS event_date, true AS certain FROM start s
            LEFT JOIN compared c ON c.person_id = s.person_id AND c.day = s.day
            WHERE c.day IS NULL OR least(c.became, c.remained) >= greatest(c.was * {self.grown_by}, c.was + {self.hours_more})"""


@dataclass(frozen=True)
class CareHomeMove:
    """A permanent move into a care home: a long-term residential or nursing service, or a residence of that kind by any
    provenance but a match of addresses. Somebody who was in one within the four weeks before has not moved into one."""

    name: str = "care_home"
    tables: tuple[str, ...] = ("social_care", "residence")

    def sql(self) -> str:
        return f"""
            WITH home AS (
                SELECT person_id, event_date, end_date, true AS told FROM now_social_care
                WHERE event = 'service' AND service_type IN ('long_term_residential', 'long_term_nursing')
                UNION ALL
                SELECT person_id, event_date, end_date, kind_from IS DISTINCT FROM 'address_match' FROM now_residence
                WHERE kind IN {_among(CARE_HOMES)}
            )
            SELECT DISTINCT h.person_id, h.event_date, true AS certain FROM home h
            WHERE h.told AND NOT EXISTS (
                FROM home o WHERE o.person_id = h.person_id AND o.event_date < h.event_date
                    AND (o.end_date IS NULL OR o.end_date > h.event_date - {CONTINUES}))"""


EMERGENCY = Stay("emergency_admission", methods=tuple(EMERGENCY_METHODS))


def _among(values: tuple[str, ...]) -> str:
    return "(" + ", ".join(f"'{value}'" for value in values) + ")"


def _under(code: str, code_sets: tuple[str, ...]) -> str:
    prefixes = sorted({plain(own) for name in code_sets for own in load(name).codes})
    return f"list_bool_or([starts_with(replace({code}, '.', ''), prefix) FOR prefix IN {prefixes}])"
