"""Who: what never changes about a person, death, objections, and two people found to be one."""

from __future__ import annotations

import pandera.pandas as pa

from features.record.versioned import Day, Event, Flag, Id, Interval, Number, Text, Versioned, maybe, needed

#: NHS Data Dictionary ethnic categories 2001 (A–S), Z not stated, 99 not known.
ETHNIC_CATEGORIES = [*"ABCDEFGHJKLMNPRSZ", "99"]


class Person(Versioned):
    """What never changes about a person."""

    birth_month: Day = needed("first day of the month of birth")
    sex: Text = needed("sex as recorded", isin=["female", "male", "indeterminate", "unknown"])
    ethnicity: Text = maybe("ethnic category of the NHS Data Dictionary (2001)", isin=ETHNIC_CATEGORIES)
    language: Text = maybe("ISO 639-1 code of the preferred language", str_matches=r"^[a-z]{2}$")

    @pa.check("birth_month", name="birth_month_not_first_of_month")
    def _first_of_month(cls, days: pa.typing.Series) -> pa.typing.Series:
        return days.dt.day == 1


class Death(Event):
    """A death. ``event_date`` is the date of death, ``known_at`` when the area's data held it."""

    cause: Text = maybe("underlying cause, ICD-10", str_matches=r"^[A-Z]\d{2}[0-9A-Z]{0,2}$")


class Objection(Interval):
    """A person's own choice, or a protection, that bars uses of their record."""

    kind: Text = needed("what bars use", isin=["type_1", "national", "local", "restricted"])


class PersonLink(Versioned):
    """Two people found on ``known_at`` to be one (``same``), or found not to be. :mod:`features.record.one_person` follows them."""

    other_person_id: Id = needed("the other person")
    same: Flag = needed("true: the two are one; false: they are two after all")
    reason: Text = needed("how it was found")
    probability: Number = maybe("that the two are one, where they were linked by it", ge=0, le=1)
