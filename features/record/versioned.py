"""What every table of the record shares: whose row it is, which feed brought it, and the two clocks.

``event_date`` says when something happened, ``known_at`` when the area's data held it. A row is a version and is never
updated: versions of one thing share ``row_id``, and each is in force from ``known_at`` until ``known_until`` (null
while it is current). An interval (a stay, a service, a registration) runs from ``event_date`` to ``end_date``, half-open; an
end not yet known is null, and learning it is a new version. All dates are calendar days in Europe/London.
"""

from __future__ import annotations

from typing import Annotated, Any

import pandas as pd
import pandera.pandas as pa
import pyarrow as arrow

from features.coding import SCHEMES, SYSTEMS, CodingSystem, malformed_by_system

Day = Annotated[pd.ArrowDtype, arrow.date32()]
Text = Annotated[pd.ArrowDtype, arrow.string()]
Id = Annotated[pd.ArrowDtype, arrow.int64()]
Whole = Annotated[pd.ArrowDtype, arrow.int32()]
Number = Annotated[pd.ArrowDtype, arrow.float64()]
Flag = Annotated[pd.ArrowDtype, arrow.bool_()]

#: Columns that the record fills itself; an extract in the record's own shape does not carry them (see ``tables``).
KEYS = ("row_id", "person_id", "feed_id")


def maybe(says: str, **checks: object) -> Any:
    """A column that may be null."""
    return pa.Field(nullable=True, description=says, **checks)  # type: ignore[arg-type]


def needed(says: str, **checks: object) -> Any:
    """A column that must be filled."""
    return pa.Field(nullable=False, description=says, **checks)  # type: ignore[arg-type]


def codes_of(system: CodingSystem) -> Any:
    """A pandera check method that refuses codes malformed in ``system``."""

    def well_formed(cls: type, codes: pd.Series) -> pd.Series:
        return ~system.malformed(codes)

    return well_formed


class Versioned(pa.DataFrameModel):
    """A row that the area learned of on a day, and may learn better of later.

    A check of several fields is called what is wrong with a row that fails it: pandera names it so for every table.
    """

    row_id: Id = needed("identity of the thing; its versions share it")
    person_id: Id = needed("the record's own surrogate for a person, from the identity store")
    feed_id: Id = needed("which feed brought the row")
    known_at: Day = needed("first day on which the area's data held this version")
    known_until: Day = maybe("day on which a later version took its place; null while current")

    class Config:
        strict = True
        coerce = False

    @pa.dataframe_check()
    def known_until_before_known_at(cls, frame: pd.DataFrame) -> pd.Series:
        return (frame["known_until"] >= frame["known_at"]).fillna(True)


class Event(Versioned):
    """Something that happened on one day."""

    event_date: Day = needed("the day it happened")
    event_time: Whole = maybe("seconds after midnight, for order within the day", ge=0, lt=86_400)


class Interval(Versioned):
    """Something that lasted: ``[event_date, end_date)``."""

    event_date: Day = needed("the day it began")
    end_date: Day = maybe("the day it ended, itself not included; null while open or unknown")

    @pa.dataframe_check()
    def end_before_start(cls, frame: pd.DataFrame) -> pd.Series:
        return (frame["end_date"] >= frame["event_date"]).fillna(True)


class Coded(Event):
    """An event that carries a code of a named system."""

    system: Text = needed("coding system of `code`", isin=list(SYSTEMS))
    code: Text = needed("the code, checked by its system's type")

    @pa.dataframe_check()
    def malformed_code(cls, frame: pd.DataFrame) -> pd.Series:
        return ~malformed_by_system(frame["system"], frame["code"])


def organisation_check(code: str, scheme: str) -> Any:
    """A pandera dataframe check: the organisation in ``code`` is well formed under the scheme named in ``scheme``."""

    def well_formed(cls: type, frame: pd.DataFrame) -> pd.Series:
        return ~malformed_by_system(frame[scheme], frame[code], SCHEMES)

    return well_formed
