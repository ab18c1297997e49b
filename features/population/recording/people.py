"""What is known of who people are: demographics, registrations, addresses, deaths, objections, carers, wishes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from features.population.causes import NAMES
from features.population.codes import DEATH
from features.population.geography import ETHNICITY, LANGUAGES
from features.population.happening.history import stream
from features.population.happening.spans import Columns, ends, gather
from features.population.happening.state import CARE_HOME, NEVER
from features.population.recording.deliveries import arrived
from features.population.recording.desk import Desk
from features.population.recording.rows import NO_DAY, Array, Column, Rows, Words, revise, same

KINDS = ("own_home", "sheltered", "extra_care", "supported", "care_home", "nursing_home")


def intervals(desk: Desk, table: str, person: Array, start: Array, end: Array, columns: dict[str, Column], learns: Array,
              learns_end: Array, at_end: dict[str, Column] | None = None) -> Iterator[Rows]:  # fmt: skip
    """Two versions of each interval: begun (known ``learns`` days after), and ended (``learns_end`` days after)."""
    n = len(person)
    key = desk.keys(n)
    first = desk.gp(table, person, start + learns,
                    {"event_date": start, "end_date": np.full(n, NO_DAY, np.int32), **columns}, key)  # fmt: skip
    over = np.flatnonzero(end < desk.world.end)
    whole: dict[str, Column] = {"event_date": start, "end_date": end, **columns, **(at_end or {})}
    second = desk.gp(table, person[over], (end + learns_end)[over],
                     {name: c.at(over) if isinstance(c, Words) else c[over] for name, c in whole.items()}, key[over])  # fmt: skip
    yield from revise(first, second)


def demographics(desk: Desk) -> Iterator[Rows]:
    """``person`` rows from practices: a first version as registered, for some a second with an ethnic group asked later."""
    world = desk.world
    s, n = world.state, world.people
    # Whoever died before anybody kept records has none.
    here = (desk.gone() > world.start) & (world.lives.comes < world.end)
    category = world.lives.ethnicity
    stated = desk.chance(n, 0.86)
    asked = ~stated & desk.chance(n, 0.5)
    nothing = Words(np.where(desk.chance(n, 0.5), len(ETHNICITY), -1), (*(row[0] for row in ETHNICITY), "Z"))
    language = Words(np.full(n, -1, np.int8), tuple(v[0] for v in LANGUAGES.values()))
    for i, (group, (_, share)) in enumerate(LANGUAGES.items()):
        mine = np.array([row[0] == group for row in ETHNICITY])[category]
        language.number[mine & desk.chance(n, share)] = i
    base: dict[str, Column] = {"birth_month": s.birth, "sex": Words(s.female.astype(np.int8), ("male", "female")),
                               "language": language}  # fmt: skip
    known = Words(category, nothing.words)
    first_ethnicity = Words(np.where(stated, category, nothing.number), nothing.words)
    key = desk.keys(n)
    everyone = np.flatnonzero(here)
    columns: dict[str, Column] = {**base, "ethnicity": first_ethnicity}
    columns = {name: c.at(everyone) if isinstance(c, Words) else c[everyone] for name, c in columns.items()}
    first = desk.gp("person", everyone, world.lives.comes[everyone] + 3, columns, key[everyone])
    which = np.flatnonzero(asked & here)
    when = np.maximum(world.lives.comes[which], world.start) + desk.rng.integers(60, 1500, len(which))
    columns = {name: c.at(which) if isinstance(c, Words) else c[which] for name, c in base.items()}
    second = desk.gp("person", which, when, {**columns, "ethnicity": known.at(which)}, key[which])
    yield from revise(first, second)


def registrations(desk: Desk, moves: Columns, went: Array) -> Iterator[Rows]:
    """``registration`` rows: regular ones, and the few temporary, private and immediately necessary beside them."""
    rng, world = desk.rng, desk.world
    person, start, practice = moves["person"], moves["day"], moves["practice"]
    end = ends(moves, went)
    n = len(person)
    final = end == went[person]
    reason = np.where(~final, 1, np.where(world.lives.leaves[person] != NEVER, 2, 0)).astype(np.int8)
    # Practices hear of deaths and of moves within the area soon; those who leave it linger on their lists.
    hears = np.choose(reason, [rng.integers(2, 20, n), rng.integers(1, 14, n), 20 + rng.exponential(60, n).astype(int)])
    scheme = same("ods", n)
    columns: dict[str, Column] = {
        "practice": Words(practice, world.practices.codes), "practice_scheme": scheme, "kind": same("regular", n),
        "end_reason": Words(np.full(n, -1, np.int8), ("died", "moved", "left_area")),
    }  # fmt: skip
    yield from intervals(desk, "registration", person, start, end, columns, rng.integers(1, 9, n), hears,
                         {"end_reason": Words(reason, ("died", "moved", "left_area"))})  # fmt: skip
    for kind, share, lasts in (("temporary", 0.006, 45), ("immediately_necessary", 0.002, 14), ("private", 0.002, 900)):
        who = np.flatnonzero(desk.chance(world.people, share))
        day = rng.integers(world.start, world.end, len(who)).astype(np.int32)
        here = (day > world.lives.comes[who]) & (day < went[who])
        who, day = who[here], day[here]
        n = len(who)
        elsewhere = (world.lives.practice[who] + rng.integers(1, len(world.practices.codes), n)) % len(
            world.practices.codes
        )
        columns = {"practice": Words(elsewhere, world.practices.codes), "practice_scheme": same("ods", n),
                   "kind": same(kind, n), "end_reason": Words(np.full(n, -1, np.int8), ("other",))}  # fmt: skip
        yield from intervals(desk, "registration", who, day, np.minimum(day + lasts, went[who]).astype(np.int32), columns,
                             rng.integers(0, 4, n), rng.integers(0, 10, n), {"end_reason": same("other", n)})  # fmt: skip


def residences(desk: Desk, living: Columns, addresses: Columns, went: Array) -> Iterator[Rows]:
    """``residence`` rows: where, and as far as anybody noted it, how."""
    rng, world = desk.rng, desk.world
    lsoa_at = _latest(addresses, living, "lsoa")
    person, start = living["person"], living["day"]
    n = len(person)
    home, kind = living["living"] >= CARE_HOME, living["living"]
    # A practice may take months to note that someone now lives in a care home.
    slow = home & (start > world.lives.comes[person]) & desk.chance(n, 0.25)
    learns = np.where(slow, rng.integers(60, 300, n), rng.integers(2, 30, n))
    alone = np.where(desk.chance(n, 0.45) & ~home, living["alone"].astype(np.int8), np.where(home, 0, -1))
    source = np.where(home, np.where(desk.chance(n, 0.85), 0, 1), np.where(kind == 0, 1, 2))
    columns: dict[str, Column] = {
        "lsoa": Words(lsoa_at, world.areas.codes), "imd_decile": living["decile"].astype(np.int32),
        "imd_version": same("IMD2019", n), "kind": Words(kind, KINDS),
        "kind_from": Words(source.astype(np.int8), ("gp", "address_match", "declared")),
        "lives_alone": alone,
    }  # fmt: skip
    yield from intervals(desk, "residence", person, start, ends(living, went), columns, learns, rng.integers(2, 30, n))


def _latest(of: Columns, at: Columns, name: str) -> Array:
    """The value of ``name`` in ``of`` that held for each person and day of ``at``."""
    joined = np.concatenate([of["person"], at["person"]]).astype(np.int64)
    day = np.concatenate([of["day"], at["day"]])
    order = np.lexsort((np.arange(len(day)), day, joined))
    source = np.where(order < len(of["day"]), order, -1)
    filled = np.maximum.accumulate(np.where(source >= 0, np.arange(len(order)), -1))
    out = np.empty(len(order), np.int64)
    out[order] = source[np.maximum(filled, 0)]
    return of[name][out[len(of["day"]) :]]


def deaths(desk: Desk, e: Columns) -> Iterator[Rows]:
    """``death`` rows: registered within a fortnight, months later where a coroner inquires."""
    here = np.flatnonzero((e["day"] >= desk.world.start) & (e["day"] < desk.world.end))
    person, day, cause = e["person"][here], e["day"][here], e["cause"][here]
    n = len(person)
    late = np.where(desk.chance(n, 0.06), desk.rng.integers(60, 200, n), desk.rng.integers(3, 14, n))
    pairs = [DEATH[name] for name in NAMES]
    longest = max(map(len, pairs))
    table = [code for codes in pairs for code in (*codes, *[codes[0]] * (longest - len(codes)))]
    number = cause.astype(np.int64) * longest + desk.rng.integers(0, longest, n)
    columns: dict[str, Column] = {
        "event_date": day,
        "event_time": np.full(n, -1, np.int32),
        "cause": Words(number, table),
    }
    yield desk.sent("death", "deaths", person, day + late, columns)


def objections(desk: Desk, went: Array) -> Iterator[Rows]:
    """``objection`` rows, some of each kind however small the area; a few are withdrawn."""
    world, rng = desk.world, stream(desk.world.seed, "objections")
    first = np.maximum(world.lives.comes + 1, world.start - 1500)
    last = np.minimum(went, world.end)
    # Long enough here for somebody to have asked.
    here = np.flatnonzero((went > world.start) & (last - first > 60))
    for kind, share in (("type_1", 0.025), ("national", 0.035), ("local", 0.001), ("restricted", 0.0005)):
        who = rng.choice(here, min(len(here), max(1, round(share * len(here)))), replace=False)
        n = len(who)
        day = (first[who] + rng.random(n) * (last[who] - first[who] - 30)).astype(np.int32)
        withdrawn = np.where(rng.random(n) < 0.06, day + rng.integers(100, 1500, n), NEVER).astype(np.int32)
        yield from intervals(desk, "objection", who, day, withdrawn, {"kind": same(kind, n)},
                             desk.rng.integers(0, 6, n), np.zeros(n, np.int64))  # fmt: skip


def carers(desk: Desk, changes: Columns, went: Array) -> Iterator[Rows]:
    """``carer`` rows: most unpaid care is never noted by anybody."""
    rng, world = desk.rng, desk.world
    if changes:
        spans = {**changes, "end": ends(changes, went)}
        kept = np.flatnonzero(spans["has"] & desk.chance(len(spans["person"]), 0.35) & (spans["end"] > world.start))
        yield from _carer(desk, spans["person"][kept], spans["day"][kept], spans["end"][kept], True)
    caring = np.flatnonzero(world.state.caring & (went > world.start) & desk.chance(world.people, 0.30))
    day = np.maximum(world.lives.comes[caring], world.start - rng.integers(0, 2000, len(caring))).astype(np.int32)
    yield from _carer(desk, caring, day, went[caring], False)


def _carer(desk: Desk, person: Array, day: Array, end: Array, has: bool) -> Iterator[Rows]:
    n = len(person)
    unknown = np.full(n, -1, np.int8)
    true = np.ones(n, np.int8)
    columns: dict[str, Column] = {"has_carer": true if has else unknown, "is_carer": unknown if has else true,
                                  "strained": np.where(desk.chance(n, 0.12), 1, -1).astype(np.int8)}  # fmt: skip
    yield from intervals(
        desk, "carer", person, day, end, columns, desk.rng.integers(1, 200, n), desk.rng.integers(5, 90, n)
    )


def wishes(desk: Desk, reviews: list[Columns], went: Array) -> Iterator[Rows]:
    """``preference`` rows: plans and wishes, noted at reviews of the frail and the dying."""
    if not reviews:
        return
    every = gather([{k: r[k] for k in ("person", "day", "frailty")} for r in reviews])
    soft = np.log1p(np.exp(every["frailty"]))
    for kind, base, slope in (
        ("care_plan", 0.010, 0.030),
        ("respect", 0.0, 0.030),
        ("power_of_attorney", 0.006, 0.015),
        ("advance_decision", 0.001, 0.006),
        ("end_of_life_plan", 0.0, 0.008),
        ("palliative_register", 0.0, 0.012),
    ):
        chance = np.clip(base + slope * np.maximum(soft - 1, 0) ** 1.5, 0, 0.4) * (soft > 0.6)
        noted = np.flatnonzero(desk.chance(len(soft), chance))
        person, first = np.unique(every["person"][noted], return_index=True)
        day = every["day"][noted][first]
        n = len(person)
        yield from intervals(desk, "preference", person, day, went[person], {"kind": same(kind, n)},
                             desk.rng.integers(0, 10, n), desk.rng.integers(2, 20, n))  # fmt: skip


def dummies(desk: Desk) -> Iterator[Rows]:
    """Patients who do not exist even here: one a practice, for trying its system out. They have no NHS number."""
    practices = np.arange(len(desk.world.practices.codes))
    person, n = desk.world.people + practices, len(practices)
    born = np.full(n, -10_958, np.int32)  # 1 January 1940
    nothing = Words(np.full(n, -1, np.int8), ("",))
    start = np.full(n, desk.world.start, np.int32)
    person_row: dict[str, Column] = {"birth_month": born, "sex": same("unknown", n), "language": nothing, "ethnicity": nothing}  # fmt: skip
    registration: dict[str, Column] = {
        "event_date": start - 3000, "end_date": np.full(n, NO_DAY, np.int32),
                          "practice": Words(practices, desk.world.practices.codes), "practice_scheme": same("ods", n),
                          "kind": same("dummy", n), "end_reason": nothing,
    }  # fmt: skip
    for table, columns in (("person", person_row), ("registration", registration)):
        feed, known = desk.deliveries.from_practice(table, practices, start - 1)
        yield arrived(Rows(table, person, feed, known, columns, key=desk.keys(n)))
