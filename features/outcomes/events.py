"""Kinds of event that an outcome is made of: declarations, each of which writes its own SQL.

The SQL reads the views ``now_<table>`` (versions that stand when training looks) and gives ``person_id, event_date,
certain``. A row that is not certain is something that may have been the event but cannot be told: a stay whose admission method or
diagnoses are not recorded. It makes a label unknown, never 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from features.codelists import load, plain

#: Classes of a stay.
CLASSES = ("ordinary", "day_case", "regular_day", "regular_night", "maternity", "hospital_at_home")


class Event(Protocol):
    """What an outcome asks of a kind of event. ``after`` says for how many days past the window a table must be covered too,
    because what follows decides whether the event was one."""

    @property
    def name(self) -> str: ...
    @property
    def tables(self) -> tuple[str, ...]: ...
    @property
    def after(self) -> Mapping[str, int]: ...
    def sql(self) -> str: ...


@dataclass(frozen=True)
class Stay:
    """A hospital stay that began: of ``classes``, by one of ``methods`` (any, when none is named), over ``nights`` or more, with a
    code of ``code_sets`` in the primary or in any ``position``. A stay is continuous, so a transfer begins none.

    A primary diagnosis of ``beside[0]`` counts where one of ``beside[1]`` stands beside it. With ``first_episode`` a code counts
    only in the first episode of the stay, where its source says of which it is.
    """

    name: str
    classes: tuple[str, ...] = tuple(name for name in CLASSES if name != "hospital_at_home")
    methods: tuple[str, ...] = ()
    code_sets: tuple[str, ...] = ()
    position: Literal["primary", "any"] = "any"
    nights: int = 0
    beside: tuple[str, str] | None = None
    first_episode: bool = False

    @property
    def tables(self) -> tuple[str, ...]:
        return ("spell", "diagnosis") if self.code_sets else ("spell",)

    @property
    def after(self) -> Mapping[str, int]:
        return {}

    def sql(self) -> str:
        method = f"s.admission_method IN {among(self.methods)}" if self.methods else "true"
        long = f"(s.end_date IS NULL OR s.end_date >= s.event_date + {self.nights})" if self.nights else "true"
        chosen = f"""
            SELECT s.row_id, s.person_id, s.event_date, {method} AS by_method FROM now_spell s
            WHERE s.patient_class IN {among(self.classes)} AND {long}"""
        if not self.code_sets:
            return f"""
            SELECT person_id, event_date, by_method IS NOT NULL AS certain FROM ({chosen}) WHERE by_method IS NOT false"""
        primary, episode = "d.position = 1", "coalesce(d.episode, 1) = 1" if self.first_episode else "true"
        counts = f"bool_or(m.meant) FILTER ({primary if self.position == 'primary' else episode})"
        known = f"bool_or({primary})" if self.position == "primary" else "true"
        if self.beside:
            counts = f"({counts} OR (bool_or(m.with_another) FILTER ({primary}) AND bool_or(m.another) FILTER (NOT {primary})))"
        with_another, another = (
            (under("c.code", (name,)) for name in self.beside) if self.beside else ("false", "false")
        )
        return f"""
            WITH chosen AS ({chosen}),
            code AS (
                SELECT c.code, {under("c.code", self.code_sets)} AS meant, {with_another} AS with_another, {another} AS another
                FROM (SELECT DISTINCT code FROM now_diagnosis WHERE system = 'icd10') c
            ),
            coded AS (
                SELECT d.spell_id, CASE WHEN {known} THEN coalesce({counts}, false) END AS by_code
                FROM now_diagnosis d JOIN code m ON m.code = d.code
                WHERE d.system = 'icd10' GROUP BY d.spell_id
            )
            SELECT c.person_id, c.event_date, coalesce(c.by_method AND k.by_code, false) AS certain
            FROM chosen c LEFT JOIN coded k ON k.spell_id = c.row_id
            WHERE c.by_method IS NOT false AND k.by_code IS NOT false"""


@dataclass(frozen=True)
class Died:
    """A death."""

    name: str = "death"
    tables: tuple[str, ...] = ("death",)

    @property
    def after(self) -> Mapping[str, int]:
        return {}

    def sql(self) -> str:
        return "SELECT person_id, event_date, true AS certain FROM now_death"


def among(values: tuple[str, ...]) -> str:
    """A list for SQL's IN."""
    return "(" + ", ".join(f"'{value}'" for value in values) + ")"


def under(code: str, code_sets: tuple[str, ...]) -> str:
    """SQL that is true of a code of the sets, with or without its dot."""
    prefixes = sorted({plain(own) for name in code_sets for own in load(name).codes})
    return f"list_bool_or([starts_with(replace({code}, '.', ''), prefix) FOR prefix IN {prefixes}])"
