"""Sections of the priority list: people for whom a place on it means something else, listed apart and outside its places.

Everybody in them is scored, has their rank and stays in every denominator. Whoever is in two sections is in the first of :data:`SECTIONS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd

from features import clocks
from features.errors import WrongUsage
from features.standing import CARE_HOMES

if TYPE_CHECKING:
    from features.record.reader import Record

#: Days of history below which a low score says little and a high one needs a look: the longest window of most predictors.
SHORT = 365


@dataclass(frozen=True)
class Section:
    """``who``: SQL giving ``person_id`` and ``home`` (text; null outside a home that is known) of its people at ``$at``."""

    name: str
    title: str
    says: str
    source: str
    who: str


SECTIONS = (
    Section(
        "end_of_life",
        "Plan first",
        "An end-of-life plan, or a place on the palliative care register: follow the plan before anything that a score suggests.",
        "preference: end_of_life_plan, palliative_register, in force",
        f"""SELECT DISTINCT r.person_id, CAST(NULL AS VARCHAR) AS home FROM preference r
            WHERE r.kind IN ('end_of_life_plan', 'palliative_register') AND {clocks.in_force("r", "$at")}""",
    ),
    Section(
        "care_home",
        "Care-home residents",
        "Home by home: a home's residents are seen together, with the home.",
        "residence: the kind of dwelling in force that began last",
        f"""SELECT person_id, home.care_home_id AS home FROM (
            SELECT r.person_id, max_by(struct_pack(kind := r.kind, care_home_id := r.care_home_id), (r.event_date, r.known_at, r.row_id)) AS home
            FROM residence r WHERE r.kind IS NOT NULL AND {clocks.in_force("r", "$at")} GROUP BY r.person_id)
            WHERE home.kind IN {CARE_HOMES}""",
    ),
    Section(
        "little_history",
        "Too little history: please look",
        "Registered anywhere that the record knows of for less than 12 months: the score has little to go by.",
        "registration: the first that the record holds",
        f"""SELECT r.person_id, CAST(NULL AS VARCHAR) AS home FROM registration r WHERE {clocks.visible("r", "$at")}
            GROUP BY r.person_id HAVING min(r.event_date) > $at::DATE - {SHORT}""",
    ),
)  # fmt: skip
NAMES = tuple(section.name for section in SECTIONS)
TITLES = {section.name: section.title for section in SECTIONS}


def inside(asked: str) -> tuple[str, ...]:
    """The sections whose people take places of the list, of the setting ``list_sections_inside``; none when it is empty.
    :class:`WrongUsage` where one is not there."""
    named = [name.strip() for name in asked.split(",") if name.strip()]
    if unknown := sorted(set(named) - set(NAMES)):
        raise WrongUsage(
            f"expected sections among {', '.join(NAMES)}, found {', '.join(unknown)}; correct the setting list_sections_inside"
        )
    return tuple(name for name in NAMES if name in named)


def beside(record: Record, at: date, scores: pd.DataFrame) -> pd.DataFrame:
    """``scores`` with ``section`` (empty: in none), ``home`` (under which somebody is listed; missing where no home is known) and ``lives_in`` (the home
    where somebody lives, in whichever section they are). ``record`` follows confirmed links alone, as
    what is shown beside a name does."""
    people = scores["person_id"]
    section = pd.Series("", index=scores.index, dtype=object)
    home = pd.Series(None, index=scores.index, dtype=object)
    lives_in = home
    for one in SECTIONS:
        found = dict(record.connection.execute(one.who, {"at": at}).fetchall())
        mine = people.isin(list(found)) & section.eq("")
        section[mine] = one.name
        home[mine] = people[mine].map(found)
        if one.name == "care_home":
            lives_in = people.map(found)
    return scores.assign(section=section.astype("str"), home=home.astype("str"), lives_in=lives_in.astype("str"))


def numbered(listed: pd.DataFrame) -> pd.Series:
    """The number of each person's home within the practice, 1 that of the highest risk; missing outside a known home. A number names no
    home: the list is pseudonymous. ``listed`` has ``scheme``, ``practice``, ``rank`` and ``home``."""
    homes = listed[listed["home"].notna()].sort_values(["scheme", "practice", "rank"])
    places = homes.groupby(["scheme", "practice"])["home"].transform(lambda codes: pd.factorize(codes)[0] + 1)
    return places.reindex(listed.index).astype("Int64")


def described(
    counts: Mapping[str, int], kept_inside: tuple[str, ...] | list[str], details: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """Each section as the list says it: ``name``, ``title``, ``says``, people ``shown`` and whether they take places; of a practice's list, with its
    ``details`` as the run keeps them, the ``homes`` of its care-home residents (:func:`risk.care_homes.measures`)."""
    homes = (details or {}).get("homes", [])
    return [
        {"name": one.name, "title": one.title, "says": one.says, "shown": counts.get(one.name, 0),
         "takes_places": one.name in kept_inside, "homes": homes if one.name == "care_home" else []}
        for one in SECTIONS
    ]  # fmt: skip
