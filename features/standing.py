"""Where everybody whom the record knows stands at an index date, in one statement of named steps.

Age is counted from the first day of the month of birth, which is all that the record holds. A person is taken for an
adult only once that is certain: on the first day of the month after the one they turn eighteen in.
"""

from __future__ import annotations

from collections.abc import Set

from features import clocks

#: No rule and no setting goes below it: nobody younger is scored.
ADULT = 18
#: Kinds of objection, in the order in which they are given as a reason.
OBJECTIONS = ("restricted", "type_1", "national", "local")
CARE_HOMES = ("care_home", "nursing_home")
#: Patient classes that put a person in a hospital bed: no day cases, regular attenders or hospital at home.
IN_A_BED = ("ordinary", "maternity")


def standing(objections: Set[str]) -> str:
    """SQL that makes the table ``standing``: a row for each person known at each date of ``$at``, with ``reason`` why they are
    not scored (null for those who are), where ``$minimum`` is the youngest age and ``objections`` bar.

    Of several regular registrations in force the latest begun holds, then the latest known, then the highest row id. Of several
    residences likewise, for the kind of dwelling and the decile each among those that say it: one source knows the area of an address
    and another that it is a care home.
    """
    ranks = " ".join(f"WHEN '{kind}' THEN {rank}" for rank, kind in enumerate(OBJECTIONS, 1) if kind in objections)
    objection = f"CASE o.kind {ranks} END" if ranks else "CAST(NULL AS INTEGER)"
    return f"""
CREATE OR REPLACE TEMP TABLE standing AS
WITH asked AS (SELECT unnest($at::DATE[]) AS t),
described AS (
    SELECT a.t, p.person_id,
        max_by(struct_pack(birth_month := p.birth_month, sex := p.sex, ethnicity := p.ethnicity),
            (p.known_at, p.row_id)) AS told
    FROM asked a JOIN person p ON {clocks.known("p", "a.t")}
    GROUP BY ALL
),
registered AS (
    SELECT a.t, r.person_id,
        max_by(struct_pack(practice := r.practice, scheme := r.practice_scheme, kind := r.kind),
            (r.kind = 'regular', r.event_date, r.known_at, r.row_id)) AS with_
    FROM asked a JOIN registration r ON {clocks.in_force("r", "a.t")}
    GROUP BY ALL
),
dead AS (SELECT DISTINCT a.t, d.person_id FROM asked a JOIN death d ON {clocks.visible("d", "a.t")}),
objecting AS (
    SELECT a.t, o.person_id, min({objection}) AS kind
    FROM asked a JOIN objection o ON {clocks.in_force("o", "a.t")}
    GROUP BY ALL
),
living_in AS (
    SELECT a.t, r.person_id,
        struct_pack(
            kind := max_by(r.kind, (r.event_date, r.known_at, r.row_id)) FILTER (r.kind IS NOT NULL),
            decile := max_by(r.imd_decile, (r.event_date, r.known_at, r.row_id)) FILTER (r.imd_decile IS NOT NULL)) AS home
    FROM asked a JOIN residence r ON {clocks.in_force("r", "a.t")}
    GROUP BY ALL
),
in_bed AS (
    SELECT DISTINCT a.t, s.person_id FROM asked a JOIN spell s ON {clocks.in_force("s", "a.t")}
    WHERE s.patient_class IN {IN_A_BED}
),
everybody AS (
    SELECT coalesce(d.t, r.t) AS t, coalesce(d.person_id, r.person_id) AS person_id, d.told, r.with_,
        date_diff('year', d.told.birth_month, coalesce(d.t, r.t))
            - (month(coalesce(d.t, r.t)) < month(d.told.birth_month))::INTEGER AS age
    FROM described d FULL JOIN registered r ON r.t = d.t AND r.person_id = d.person_id
)
SELECT e.t, e.person_id, e.told.sex AS sex, e.told.ethnicity AS ethnicity, e.age, e.with_.practice AS practice,
    e.with_.scheme AS practice_scheme, coalesce(e.with_.kind = 'regular', false) AND dead.t IS NULL AS on_list,
    l.home.decile AS imd_decile, l.home.kind IN {CARE_HOMES} AS care_home, b.t IS NOT NULL AS in_hospital,
    CASE
        WHEN e.told IS NULL THEN 'birth_unknown'
        WHEN dead.t IS NOT NULL THEN 'died'
        WHEN e.with_ IS NULL THEN 'not_registered'
        WHEN e.with_.kind <> 'regular' THEN e.with_.kind
        WHEN e.age < $minimum OR e.told.birth_month + INTERVAL 1 MONTH + INTERVAL {ADULT} YEAR > e.t THEN 'under_age'
        WHEN o.kind IS NOT NULL THEN 'objection_' || {list(OBJECTIONS)}[o.kind]
    END AS reason
FROM everybody e
LEFT JOIN dead ON dead.t = e.t AND dead.person_id = e.person_id
LEFT JOIN objecting o ON o.t = e.t AND o.person_id = e.person_id
LEFT JOIN living_in l ON l.t = e.t AND l.person_id = e.person_id
LEFT JOIN in_bed b ON b.t = e.t AND b.person_id = e.person_id
"""
