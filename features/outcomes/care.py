"""Events of social care: home care that began or grew, and a permanent move into a care home. Declarations that write their own
SQL, as in :mod:`features.outcomes.events`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from features.outcomes.events import among
from features.standing import CARE_HOMES


@dataclass(frozen=True)
class HomeCarePackage:
    """Long-term home care that began, or grew to ``grown_by`` times what it was and by ``hours_more`` a week, and was no less on
    any day of ``weeks`` weeks.

    Reablement, respite and other short-term services are none of it. A package that follows another within ``continues`` days
    continues it. Where hours are not recorded, before or after, whether it grew cannot be told.
    """

    grown_by: float
    hours_more: float
    weeks: int
    continues: int
    name: str = "home_care"
    tables: tuple[str, ...] = ("social_care",)

    @property
    def after(self) -> Mapping[str, int]:
        return {"social_care": 7 * self.weeks}

    def sql(self) -> str:
        last = 7 * self.weeks - 1
        hours = """CASE WHEN bool_or(p.units_a_week IS NULL) FILTER ({0}) THEN NULL ELSE coalesce(sum(p.units_a_week) FILTER ({0}), 0) END"""

        def on(day: str) -> str:
            return hours.format(f"p.event_date <= {day} AND (p.end_date IS NULL OR p.end_date > {day})")

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
                    AND (p.end_date IS NULL OR p.end_date > s.day - {self.continues})
                GROUP BY ALL
            ),
            change AS (
                SELECT person_id, event_date AS at FROM package UNION SELECT person_id, end_date FROM package WHERE end_date IS NOT NULL
            ),
            looked AS (
                SELECT e.*, true AS before, e.last_day AS at FROM earlier e
                UNION ALL
                SELECT e.*, false, c.at FROM earlier e JOIN change c ON c.person_id = e.person_id AND c.at BETWEEN e.day AND e.day + {last}
            ),
            weekly AS (
                SELECT l.person_id, l.day, l.before, {on("l.at")} AS hours
                FROM looked l JOIN package p ON p.person_id = l.person_id GROUP BY l.person_id, l.day, l.before, l.at
            ),
            compared AS (
                SELECT person_id, day, max(hours) FILTER (before) AS was, min(hours) FILTER (NOT before) AS least_after,
                    bool_or(hours IS NULL) AS unknown
                FROM weekly GROUP BY ALL
            )
            SELECT s.person_id, s.day AS event_date, NOT coalesce(c.unknown, false) AS certain
            FROM start s LEFT JOIN compared c ON c.person_id = s.person_id AND c.day = s.day
            WHERE c.day IS NULL OR c.unknown
                OR c.least_after >= greatest(c.was * {self.grown_by}, c.was + {self.hours_more})"""


@dataclass(frozen=True)
class CareHomeMove:
    """A permanent move into a care home: a long-term residential or nursing service, or a residence of that kind by any
    provenance but a match of addresses, or a council's word on the dwelling (which has no day of the move; its placements do), unless a short-term service goes with it or it is left again alive within ``permanent``
    days. Somebody who was in one within ``continues`` days before has not moved into one."""

    permanent: int
    continues: int
    name: str = "care_home"
    tables: tuple[str, ...] = ("social_care", "residence")

    @property
    def after(self) -> Mapping[str, int]:
        return dict.fromkeys(self.tables, self.permanent)

    def living(self) -> str:
        """SQL of the time in care homes: ``person_id, event_date, end_date, told`` (permanent, and by what knows the day)."""
        return f"""
            SELECT person_id, event_date, end_date, true AS told FROM now_social_care
            WHERE event = 'service' AND service_type IN ('long_term_residential', 'long_term_nursing')
            UNION ALL
            SELECT r.person_id, r.event_date, r.end_date, coalesce(r.kind_from, '') NOT IN ('address_match', 'council') AND NOT EXISTS (
                FROM now_social_care s WHERE s.person_id = r.person_id AND s.event = 'service'
                    AND (s.service_type IN ('short_term_max', 'short_term_other') OR s.component IN ('respite', 'reablement'))
                    AND s.event_date <= r.event_date AND (s.end_date IS NULL OR s.end_date > r.event_date))
                AND (r.end_date IS NULL OR r.end_date >= r.event_date + {self.permanent} OR EXISTS (
                    FROM now_death d WHERE d.person_id = r.person_id AND d.event_date <= r.end_date)
                    OR EXISTS (FROM now_residence o WHERE o.person_id = r.person_id AND o.kind IN {among(CARE_HOMES)}
                        AND o.event_date > r.event_date AND o.event_date <= r.end_date AND (o.end_date IS NULL OR o.end_date > r.end_date)))
            FROM now_residence r WHERE r.kind IN {among(CARE_HOMES)}"""

    def sql(self) -> str:
        return f"""
            WITH home AS ({self.living()})
            SELECT DISTINCT h.person_id, h.event_date, true AS certain FROM home h
            WHERE h.told AND NOT EXISTS (
                FROM home o WHERE o.person_id = h.person_id AND o.event_date < h.event_date
                    AND (o.end_date IS NULL OR o.end_date > h.event_date - {self.continues}))"""
