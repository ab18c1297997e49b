"""Whether the outcome befell each person of a cohort within its window, by all that the record now knows.

Three answers: 1, 0, or unknown with the reason. A label exists only where the record can tell: where a practice's feeds do not
cover the window, or it has not matured, the whole practice and date is unknown, event or no event, since keeping the events that
happen to be known and no non-events would bias what is left. Leaving the area is a person's own censoring: an event before they
left counts, and without one the answer is unknown. Death is no censoring: the person was followed to their end.
"""

from __future__ import annotations

import pandas as pd
from duckdb import DuckDBPyConnection

from features import clocks
from features.cohort import Cohort
from features.errors import Refused
from features.outcomes.care import CareHomeMove
from features.outcomes.declared import Outcome, named
from features.outcomes.following import following
from features.outcomes.telling import untold
from features.record.one_person import as_last_known
from features.record.reader import Record

#: Why a label is unknown, in the order in which the reasons are tried.
CENSORED = {
    "died_before_index_learned_later": "the person had died before the index date, which became known afterwards",
    "under_age": "younger than the outcome is meant for",
    "in_care_home": "already in a care home at the index date, by the residence then known or by what is known since",
    "not_matured": "the window and its lag end after the newest delivery of a feed that defines the outcome",
    "not_covered": "a feed that defines the outcome does not cover the whole window for the practice",
    "left_area": "left the area within the window, no event before",
    "left_covered_practices": "went within the window to a practice whose feeds cannot tell, no event before",
    "not_recorded": "a stay in the window whose method of admission or diagnosis is not recorded, or home care whose hours are not",
}


def label(
    record: Record, cohort: Cohort, outcome: str | Outcome, horizon: int | None = None, *, lag: int | None = None
) -> pd.DataFrame:
    """Labels aligned to ``cohort.frame`` (same rows, same index).

    ``y`` float64 (1, 0, NaN where unknown), ``event_date`` and ``component`` (date and kind of the first event, where y is 1),
    ``censored`` (a key of :data:`CENSORED`, or None), and for an outcome of several components ``first_<component>``, the
    date of each one's first; ``followed`` (days, NaN where the row has no part in the outcome) and ``ended`` (``event``, ``died``,
    ``left`` or ``window``): how long after the date the person was followed and what ended it, of which censoring is weighed. ``lag`` (days) replaces the declared maturity lags. :class:`Refused` where the outcome
    rests on the method of admission and no stay of the record has one.
    """
    outcome = named(outcome)
    days = outcome.days(horizon)
    frame = cohort.frame
    asked = frame[["person_id", "index_date", "practice", "age", "care_home"]].reset_index(drop=True)
    told = untold(record, _pairs(record, asked), outcome, days, lag)
    asked = asked.merge(told, on=["index_date", "practice"], how="left", validate="many_to_one")
    asked.insert(0, "n", range(len(asked)))
    # Whoever was found since to be somebody else has what befell them there.
    asked["person_id"] = as_last_known(record.same, asked["person_id"].to_numpy(dtype="int64"))
    with record.connection.cursor() as cursor:
        _views(cursor, record, outcome)
        if outcome.needs_method:
            _refuse_without_methods(cursor, outcome)
        cursor.register("asked", asked)
        cursor.register("told", told)
        found = cursor.execute(_sql(outcome), {"days": days}).df()
    found["y"] = found["y"].astype("float64")
    found["followed"] = found["followed"].astype("float64")
    for text in ("censored", "component", "ended"):
        found[text] = found[text].astype(object).where(found[text].notna(), None)
    for column in [name for name in found if name == "event_date" or str(name).startswith("first_")]:
        found[column] = found[column].astype("datetime64[s]")
    found.index = frame.index
    return found.drop(columns="n")


def _pairs(record: Record, asked: pd.DataFrame) -> pd.DataFrame:
    """Every date with every practice at which anybody is or has been registered: people move within the area."""
    with record.connection.cursor() as cursor:
        known = [
            name
            for (name,) in cursor.execute(
                "SELECT DISTINCT practice FROM registration WHERE kind = 'regular'"
            ).fetchall()
        ]
    practices = pd.DataFrame({"practice": sorted({*known, *asked["practice"]})})
    return asked[["index_date"]].drop_duplicates().merge(practices, how="cross")


def _views(cursor: DuckDBPyConnection, record: Record, outcome: Outcome) -> None:
    newest = record.newest_known_at()
    day = f"DATE '{newest}'" if newest else "DATE '0001-01-01'"
    for table in {
        *outcome.tables,
        "registration",
        "death",
        *(("residence", "social_care") if outcome.outside_care_homes else ()),
    }:
        cursor.execute(
            f"CREATE OR REPLACE TEMP VIEW now_{table} AS SELECT * FROM {table} r WHERE {clocks.current('r', day)}"
        )


def _refuse_without_methods(cursor: DuckDBPyConnection, outcome: Outcome) -> None:
    ((stays, methods),) = cursor.execute("SELECT count(*), count(admission_method) FROM now_spell").fetchall()
    if stays and not methods:
        raise Refused(
            f"{outcome.name} rests on how people were admitted, and none of the record's {stays:,} stays says so; "
            "use any_admission, which is never shown as unplanned"
        )


def _sql(outcome: Outcome) -> str:
    events = "\n    UNION ALL\n".join(
        f"    SELECT *, '{event.name}' AS component, {rank} AS rank FROM ({event.sql()})"
        for rank, event in enumerate(outcome.events)
    )
    several = len(outcome.events) > 1
    firsts = "".join(
        f", min(event_date) FILTER (certain AND component = '{event.name}') AS first_{event.name}"
        for event in outcome.events
        if several
    )
    shown = "".join(
        f", CASE WHEN y = 1 THEN first_{event.name} END AS first_{event.name}" for event in outcome.events if several
    )
    return f"""
WITH {following(outcome.rules.between_practices_days)},
event AS (
{events}
),
happened AS (
    SELECT f.n, min(event_date) FILTER (certain) AS event_date, bool_or(NOT certain) AS maybe,
        min_by(component, (event_date, rank)) FILTER (certain) AS component{firsts}
    FROM followed f JOIN event e ON e.person_id = f.person_id
        AND e.event_date >= f.index_date AND e.event_date < f.until
        AND (f.left_on IS NULL OR e.event_date < f.left_on)
    GROUP BY f.n
),
homed AS ({_homed(outcome)}),
judged AS (
    SELECT f.n, h.* EXCLUDE (n), f.index_date, f.until, f.died_on, f.gone_on, f.left_on, CASE
        WHEN f.died_on < f.index_date THEN 'died_before_index_learned_later'
        WHEN f.age < {outcome.minimum_age} THEN 'under_age'
        WHEN {str(outcome.outside_care_homes).lower()} AND (coalesce(f.care_home, false) OR m.n IS NOT NULL)
            THEN 'in_care_home'
        WHEN f.untold <> '' THEN f.untold
        WHEN h.event_date IS NOT NULL THEN NULL
        WHEN f.left_on IS NOT NULL THEN f.lost
        WHEN h.maybe THEN 'not_recorded'
    END AS censored, CASE WHEN censored IS NULL THEN (h.event_date IS NOT NULL)::INTEGER END AS y
    FROM followed f LEFT JOIN happened h ON h.n = f.n LEFT JOIN homed m ON m.n = f.n
)
SELECT n, y, CASE WHEN y = 1 THEN event_date END AS event_date, CASE WHEN y = 1 THEN component END AS component,
    censored{shown},
    CASE WHEN censored IS NULL OR censored IN ('left_area', 'left_covered_practices') THEN CASE
        WHEN y = 1 THEN 'event' WHEN left_on IS NOT NULL THEN 'left'
        WHEN died_on < until OR gone_on < until THEN 'died' ELSE 'window' END END AS ended,
    CASE ended WHEN 'event' THEN event_date WHEN 'left' THEN left_on WHEN 'died' THEN coalesce(died_on, gone_on)
        WHEN 'window' THEN until END - index_date AS followed
FROM judged ORDER BY n
"""


def _homed(outcome: Outcome) -> str:
    """SQL of the rows whose person was in a care home at the date, as is known since."""
    moves = [event for event in outcome.events if isinstance(event, CareHomeMove)]
    if not (outcome.outside_care_homes and moves):
        return "SELECT n FROM followed WHERE false"
    return f"""
    SELECT DISTINCT f.n FROM followed f JOIN ({moves[0].living()}) h ON h.person_id = f.person_id AND h.told
        AND h.event_date < f.index_date AND (h.end_date IS NULL OR h.end_date > f.index_date)"""
