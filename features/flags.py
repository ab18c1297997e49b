"""Flags about people as somebody will see them at an index date: *yes*, *no*, *not recorded* or *no feed*, each with its date.

Two kinds of evidence give them. What is *noted* person by person (a plan, a carer) is yes or no only where somebody said so;
silence is "not recorded". What is *listed* whole (who is in hospital, who is on a caseload) is no for whoever is not on the list,
but only while every sender's list is fresh: a list that is days old says nothing of today. Nothing shows "no" for a
feed that is missing, refused or stale; a plan or a home once noted goes on being shown, with its date.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import pandas as pd
import pyarrow as arrow

from features import clocks, coverage
from features.record.reader import Record
from features.standing import CARE_HOMES, IN_A_BED


class Value(StrEnum):
    """What a flag says of a person."""

    YES = "yes"
    NO = "no"
    NOT_RECORDED = "not recorded"
    NO_FEED = "no feed"


@dataclass(frozen=True)
class Noted:
    """A flag that rows of ``table`` give one by one. Of the rows in force for which ``speaks`` (SQL over a row ``r``) the one
    that began last decides, by ``yes``. Where none is in force and ``ends`` is set, one that ended says no from that day."""

    name: str
    title: str
    table: str
    yes: str
    speaks: str
    ends: bool = False


@dataclass(frozen=True)
class Listed:
    """A flag that lists of ``table`` give whole: yes for whoever has a row in force for which ``where`` holds. Lists older than
    ``fresh`` days at the index date say nothing; sources of ``never`` do not list who is there now."""

    name: str
    title: str
    table: str
    where: str
    fresh: int
    never: tuple[str, ...] = ()


def _preference(kind: str, title: str) -> Noted:
    return Noted(kind, title, "preference", "true", f"r.kind = '{kind}'", ends=True)


FLAGS: tuple[Noted | Listed, ...] = (
    Noted("care_home", "Lives in a care home", "residence", f"r.kind IN {CARE_HOMES}", "r.kind IS NOT NULL"),
    # Finished episodes (HES) show nobody who is still there.
    Listed("in_hospital", "In hospital now", "spell", f"r.patient_class IN {IN_A_BED}", 7, ("hes",)),
    _preference("end_of_life_plan", "End-of-life plan"),
    _preference("palliative_register", "On the palliative care register"),
    _preference("respect", "ReSPECT plan"),
    _preference("advance_decision", "Advance decision to refuse treatment"),
    _preference("power_of_attorney", "Lasting power of attorney"),
    _preference("care_plan", "Care plan"),
    Noted("carer", "Has an unpaid carer", "carer", "r.has_carer", "r.has_carer IS NOT NULL"),
    Noted("lives_alone", "Lives alone", "residence", "r.lives_alone", "r.lives_alone IS NOT NULL"),
    Listed("on_caseload", "On a team's caseload", "caseload", "true", 45),
)  # fmt: skip

#: Days for which a sender's list is waited for: one not heard of for longer no longer sends.
_HEARD_OF = 365


def flags(record: Record, at: date, people: Sequence[int]) -> pd.DataFrame:
    """Every flag of every one of ``people`` at ``at``: columns ``person_id``, ``flag``, ``value`` (:class:`Value`) and ``on``,
    one row a person and flag, in their order.

    ``on`` is the day since which it is so (yes, no), the day of the list for a no by list, and else the day up to which the
    feed reached, null where there never was one.
    """
    made = pd.concat(told.assign(flag=name) for name, told in _told(record, at, people))
    order = {person: n for n, person in enumerate(dict.fromkeys(people))}
    names = {flag.name: n for n, flag in enumerate(FLAGS)}
    ranked = made.assign(person=made["person_id"].map(order), number=made["flag"].map(names)).sort_values(
        ["person", "number"]
    )
    return ranked[["person_id", "flag", "value", "on"]].reset_index(drop=True)


def beside(record: Record, at: date, people: Sequence[int], which: Sequence[Noted | Listed] = FLAGS) -> arrow.Table:
    """The same of the flags ``which``, one row a person in the order of ``people`` (no two alike): ``person_id``, and for each flag its value under
    its name (text) and its day under its name and ``_on``."""
    columns: dict[str, arrow.Array] = {"person_id": arrow.array(list(people), arrow.int64())}
    for name, told in _told(record, at, people, which):
        mine = told.set_index("person_id").loc[list(people)]
        columns[name] = arrow.array(mine["value"].astype(str).to_numpy(), arrow.string())
        columns[f"{name}_on"] = arrow.array(mine["on"].dt.date, arrow.date32(), from_pandas=True)
    return arrow.table(columns)


def reach(record: Record, at: date, flag: Noted | Listed, practices: Sequence[str]) -> pd.DataFrame:
    """How far the flag's feeds reach for each of ``practices``: ``practice``, ``up_to`` (by the sender furthest behind; null where none speaks for it),
    and ``fresh``, whether lists are recent enough to say who is on them."""
    with record.connection.cursor() as cursor:
        cursor.register("asked_practices", arrow.table({"practice": arrow.array(list(practices), arrow.string())}))
        cursor.execute("CREATE OR REPLACE TEMP TABLE with_practice AS SELECT DISTINCT practice FROM asked_practices")
        reached = (
            cursor.execute(_reached(flag), {"t": at}).df().set_index("practice")["oldest"].reindex(list(practices))
        )
    late = (pd.Timestamp(at) - reached).dt.days
    fresh = late <= flag.fresh if isinstance(flag, Listed) else reached.notna()
    return pd.DataFrame({"practice": list(practices), "up_to": reached.to_numpy(), "fresh": fresh.to_numpy()})


def _told(
    record: Record, at: date, people: Sequence[int], which: Sequence[Noted | Listed] = FLAGS
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Each flag's name, and ``person_id``, ``value`` and ``on`` of everybody asked for, in no order."""
    with record.connection.cursor() as cursor:
        cursor.register("asked_people", arrow.table({"person_id": arrow.array(list(people), arrow.int64())}))
        cursor.execute("CREATE OR REPLACE TEMP TABLE asked AS SELECT DISTINCT person_id FROM asked_people")
        # Rows lie sorted by person: what is asked of some people is read of them alone.
        first, last = min(people, default=0), max(people, default=0)
        cursor.execute(f"CREATE OR REPLACE TEMP MACRO among(person) AS person BETWEEN {first} AND {last}")
        cursor.execute(f"CREATE OR REPLACE TEMP TABLE with_practice AS {_PRACTICES}", {"t": at})
        with_ = cursor.execute("FROM with_practice").df()
        masks = coverage.masks(record, [at], with_["practice"]).set_index("practice")["feeds"]
        with_["feeds"] = with_["practice"].map(masks)
        for flag in which:
            evidence = cursor.execute(_noted(flag) if isinstance(flag, Noted) else _listed(flag), {"t": at}).df()
            reached = cursor.execute(_reached(flag), {"t": at}).df()
            told = with_.merge(evidence, "left", on="person_id").merge(reached, "left", on="practice")
            yield flag.name, _valued(flag, told, at)


def _valued(flag: Noted | Listed, told: pd.DataFrame, at: date) -> pd.DataFrame:
    """``value`` and ``on`` from ``yes_on``, ``no_on``, ``reached`` and the feeds of each person's practice."""
    yes, no = told["yes_on"].notna(), told["no_on"].notna()
    on = told["reached"].copy()
    value = pd.Series(Value.NOT_RECORDED, index=told.index, dtype=object)
    if isinstance(flag, Listed):
        fresh = (pd.Timestamp(at) - told["oldest"]).dt.days <= flag.fresh
        value[fresh] = Value.NO
        value[fresh & yes] = Value.YES
        on = told["oldest"].where(~(fresh & yes), told["yes_on"])
        value[told["oldest"].isna()] = Value.NO_FEED
    else:
        fed = coverage.has(told["feeds"], flag.table)
        value[no & fed] = Value.NO
        value[~fed] = Value.NO_FEED
        value[yes] = Value.YES
        on = on.where(~(no & fed), told["no_on"]).where(~yes, told["yes_on"])
    return pd.DataFrame({"person_id": told["person_id"], "value": value, "on": on.astype("datetime64[s]")})


#: The practice of each person asked for: the regular registration in force that began last, empty where there is none.
_PRACTICES = f"""
    SELECT a.person_id, coalesce(r.practice, '') AS practice
    FROM asked a LEFT JOIN (
        SELECT person_id, max_by(practice, (kind = 'regular', event_date, known_at, row_id)) AS practice
        FROM registration r WHERE among(r.person_id) AND {clocks.in_force("r", "$t")} GROUP BY person_id) r USING (person_id)
"""  # fmt: skip


def _noted(flag: Noted) -> str:
    ended = f"max(r.end_date) FILTER (NOT {clocks.in_force('r', '$t')})" if flag.ends else "CAST(NULL AS DATE)"
    return f"""
        WITH said AS (
            SELECT r.person_id, max_by(struct_pack(said := ({flag.yes}), since := r.event_date), (r.event_date, r.known_at, r.row_id))
                FILTER ({clocks.in_force("r", "$t")}) AS latest, {ended} AS ended
            FROM {flag.table} r SEMI JOIN asked USING (person_id)
            WHERE among(r.person_id) AND {clocks.visible("r", "$t")} AND {flag.speaks} GROUP BY r.person_id)
        SELECT person_id, CASE WHEN latest.said THEN latest.since END AS yes_on,
            CASE WHEN latest IS NULL THEN ended WHEN NOT latest.said THEN latest.since END AS no_on
        FROM said"""  # fmt: skip


def _listed(flag: Listed) -> str:
    return f"""
        SELECT r.person_id, max(r.event_date) AS yes_on, CAST(NULL AS DATE) AS no_on
        FROM {flag.table} r SEMI JOIN asked USING (person_id)
        WHERE among(r.person_id) AND {clocks.in_force("r", "$t")} AND {flag.where} GROUP BY r.person_id"""


def _reached(flag: Noted | Listed) -> str:
    """How far the table's feeds reach for each practice: ``reached`` by the freshest sender, ``oldest`` by the one furthest
    behind of those heard of in the last year."""
    never = (
        f"AND f.source NOT IN ({', '.join(map(repr, flag.never))})" if isinstance(flag, Listed) and flag.never else ""
    )
    return f"""
        WITH sender AS (
            SELECT f.covers, f.organisation_scheme, f.organisation, max(f.period_to) AS period_to, max(f.known_at) AS came
            FROM feed f WHERE f.table_name = '{flag.table}' AND f.known_at < $t {never}
                AND f.feed_id NOT IN (SELECT id FROM refused_feed)
            GROUP BY ALL),
        practice AS (SELECT DISTINCT practice FROM with_practice)
        SELECT p.practice, least(max(s.period_to), $t::DATE) AS reached,
            least(min(s.period_to) FILTER (s.came >= $t::DATE - {_HEARD_OF}), $t::DATE) AS oldest
        FROM practice p JOIN sender s ON s.covers IN (p.practice, '*') GROUP BY p.practice"""
