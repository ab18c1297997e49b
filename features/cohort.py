"""Who is scored at an index date, and why everybody else is not.

In: people with a regular registration in force, alive, old enough, without an objection that bars use; all as known at the
date. Everybody else whom the record then knew is left out for one reason, the first that applies of :data:`REASONS`, so that
scored and left out add up to the people known. People whom the reader's permissions bar are not read at all and are
counted as ``barred``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from features import coverage
from features.errors import WrongUsage
from features.record.reader import Record
from features.standing import ADULT, OBJECTIONS, standing

#: Why somebody is not scored, in the order in which the reasons are tried.
REASONS = (
    "barred", "birth_unknown", "died", "not_registered", "temporary", "immediately_necessary", "private", "dummy",
    "under_age", *(f"objection_{kind}" for kind in OBJECTIONS),
)  # fmt: skip


#: Dates for which it is worked out together where everybody stands, which takes some 500 bytes a person and date.
TOGETHER = 4


@dataclass(frozen=True)
class CohortRules:
    """What an area may set. ``objections`` are the kinds that leave a person out; all of them, the strictest, unless the
    area's controller has decided otherwise."""

    minimum_age: int = ADULT
    objections: frozenset[str] = frozenset(OBJECTIONS)

    def __post_init__(self) -> None:
        if self.minimum_age < ADULT:
            raise WrongUsage(
                f"expected a minimum age of {ADULT} or more, found {self.minimum_age}; the floor can only be raised"
            )
        unknown = sorted(set(self.objections) - set(OBJECTIONS))
        if unknown:
            raise WrongUsage(f"expected kinds of objection among {', '.join(OBJECTIONS)}; found {', '.join(unknown)}")


@dataclass(frozen=True)
class Cohort:
    """``frame``: one row a person and date, sorted by both: ``person_id``, ``index_date``, ``practice``,
    ``practice_scheme``, ``age`` (completed years), ``sex``, ``ethnicity``, ``imd_decile``, ``care_home`` (missing where
    not recorded or not fed), ``in_hospital``, ``feeds`` (mask of the tables available).
    ``left_out``: ``index_date``, ``reason``, ``people``. ``practices``: ``index_date``, ``practice``,
    ``practice_scheme``, ``registered`` (living, regular, of any age) and ``scored``."""

    frame: pd.DataFrame
    left_out: pd.DataFrame
    practices: pd.DataFrame
    rules: CohortRules

    def __len__(self) -> int:
        return len(self.frame)


def cohort(record: Record, at: Sequence[date], rules: CohortRules | None = None) -> Cohort:
    """The cohort at each date of ``at``; :class:`WrongUsage` where no date is given or one is given twice."""
    rules = rules or CohortRules()
    if not at or len(set(at)) != len(at):
        raise WrongUsage(
            f"expected one or more different index dates, found {len(at)} of them, {len(set(at))} different"
        )
    dates = sorted(at)
    lots = [_told(record, dates[first : first + TOGETHER], rules) for first in range(0, len(dates), TOGETHER)]
    frame, left_out, practices = lots[0]
    if len(lots) > 1:
        frame, left_out, practices = (pd.concat(parts, ignore_index=True) for parts in zip(*lots, strict=True))
        frame = frame.sort_values(["person_id", "index_date"], ignore_index=True)
    feeds = coverage.masks(record, at, frame["practice"])
    frame = frame.merge(feeds, on=["index_date", "practice"], how="left", validate="many_to_one")
    return Cohort(_typed(frame), left_out, practices, rules)


def _told(record: Record, at: list[date], rules: CohortRules) -> tuple[pd.DataFrame, ...]:
    """The frame, who is left out and the practices, of some dates."""
    with record.connection.cursor() as cursor:
        cursor.execute(standing(rules.objections), {"at": at, "minimum": rules.minimum_age})
        told = (
            cursor.execute(_FRAME).df(),
            cursor.execute(_LEFT_OUT, {"at": at, "order": list(REASONS)}).df(),
            cursor.execute(_PRACTICES).df(),
        )
        cursor.execute("DROP TABLE standing")
    # What has no row has no types either.
    texts = (["practice", "practice_scheme"], ["reason"], ["practice", "practice_scheme"])
    return tuple(
        table.astype({"index_date": "datetime64[s]", **dict.fromkeys(names, "str")})
        for table, names in zip(told, texts, strict=True)
    )


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    fed = coverage.has(frame["feeds"], "residence")
    frame["imd_decile"] = frame["imd_decile"].astype("float64").where(fed)
    frame["care_home"] = frame["care_home"].astype("boolean").where(fed)
    frame["age"] = frame["age"].astype("int16")
    frame["in_hospital"] = frame["in_hospital"].astype(np.bool_)
    return frame.astype(dict.fromkeys(("practice", "practice_scheme", "sex", "ethnicity"), "str"))


_FRAME = """
SELECT person_id, t AS index_date, practice, practice_scheme, age, sex, ethnicity, imd_decile, care_home, in_hospital
FROM standing WHERE reason IS NULL ORDER BY person_id, t
"""

_LEFT_OUT = """
WITH barred AS (SELECT count(DISTINCT id) AS people FROM barred_person),
counted AS (
    SELECT t AS index_date, reason, count(*) AS people FROM standing WHERE reason IS NOT NULL GROUP BY ALL
    UNION ALL
    SELECT unnest($at::DATE[]), 'barred', people FROM barred WHERE people > 0
)
SELECT index_date, reason, people FROM counted ORDER BY index_date, list_position($order::VARCHAR[], reason)
"""

_PRACTICES = """
SELECT t AS index_date, practice, practice_scheme, count(*) AS registered, count(*) FILTER (reason IS NULL) AS scored,
    histogram(reason) FILTER (reason IS NOT NULL) AS left_out
FROM standing WHERE on_list GROUP BY ALL ORDER BY ALL
"""
