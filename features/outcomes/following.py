"""How long each person was followed after their date, and why no longer: SQL from ``asked`` to ``followed``.

Somebody is followed while registered with a practice of the area whose feeds can tell the outcome. Who is without one for
longer than people are between practices has left, even if they come back: what befell them elsewhere nobody here knows. Who
goes to a practice whose feeds cannot tell is lost on that day. Death is no loss: the person was followed to their end.
"""

from __future__ import annotations


def following(between: int) -> str:
    """Steps that end in ``followed``: the columns of ``asked``, ``died_on``, ``gone_on`` (the last day of their registration where it ended
    by death that no row of ``death`` tells), ``left_on`` and ``lost`` (why, where left). Needs ``asked`` (``n, person_id, index_date,
    practice``), ``told`` (``index_date, practice, untold``) and ``$days``."""
    return f"""
watched AS (
    SELECT * REPLACE (index_date::DATE AS index_date), index_date::DATE + $days::INTEGER AS until FROM asked
),
died AS (SELECT person_id, min(event_date) AS died_on FROM now_death GROUP BY person_id),
registered AS (
    SELECT w.n, w.index_date, w.until, r.event_date, coalesce(r.end_date, DATE '9999-12-31') AS ends, r.end_reason,
        r.practice <> w.practice AND coalesce(t.untold, 'not_covered') <> '' AS blind,
        max(coalesce(r.end_date, DATE '9999-12-31')) OVER (PARTITION BY w.n ORDER BY r.event_date, r.row_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached
    FROM watched w JOIN now_registration r ON r.person_id = w.person_id AND r.kind = 'regular'
        AND r.event_date < w.until AND (r.end_date IS NULL OR r.end_date > w.index_date)
    LEFT JOIN told t ON t.index_date::DATE = w.index_date AND t.practice = r.practice
),
parted AS (
    SELECT *, count(*) FILTER (event_date - greatest(coalesce(reached, index_date), index_date) >= {between}) OVER (
        PARTITION BY n ORDER BY event_date, ends ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS breaks
    FROM registered
),
stayed AS (
    SELECT n, max(ends) AS last_day, max(ends) >= min(until) AS to_the_end, max_by(end_reason, ends) AS why,
        min(greatest(event_date, index_date)) FILTER (blind) AS blind_on
    FROM parted WHERE breaks = 0 GROUP BY n
),
ended AS (
    SELECT w.*, d.died_on, s.blind_on, coalesce(s.why = 'died' AND NOT s.to_the_end, false) AND d.died_on IS NULL AS gone,
        coalesce(s.last_day, w.index_date) AS last_day,
        CASE WHEN s.to_the_end OR s.why = 'died' OR d.died_on <= s.last_day THEN NULL ELSE coalesce(s.last_day, w.index_date) END AS moved_on
    FROM watched w LEFT JOIN stayed s ON s.n = w.n LEFT JOIN died d ON d.person_id = w.person_id
),
followed AS (
    SELECT * EXCLUDE (blind_on, moved_on, gone, last_day), CASE WHEN gone THEN last_day END AS gone_on,
        CASE WHEN died_on < blind_on THEN moved_on ELSE least(moved_on, blind_on) END AS left_on,
        CASE WHEN moved_on <= blind_on OR blind_on IS NULL THEN 'left_area' ELSE 'left_covered_practices' END AS lost
    FROM ended
)"""
