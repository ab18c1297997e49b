"""What the council sends, quarterly: requests and assessments once completed, services with a start and an end, reviews.
Those who pay for their own care it never hears of, and some of its people it cannot match to an NHS number."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from features.population.happening.spans import Columns
from features.population.recording import packages
from features.population.recording.desk import Desk, pick, seconds
from features.population.recording.rows import NO_DAY, Array, Column, Rows, Words, revise, same

#: Shares of the yearly reviews that are held; breaks for carers a year, of people with a package and of people with a carer.
REVIEWED, REVIEWED_IN_HOMES, RESPITE, CARER_SUPPORT = 0.72, 0.60, 0.12, 0.03
#: Share of packages with telecare beside them.
TELECARE = 0.30
YEAR = 365
_OUTCOMES = ("services", "reablement", "hospital", "nfa", "deceased", "other")


def rows(desk: Desk, care: dict[str, Columns], went: Array) -> Iterator[Rows]:
    """``social_care`` rows of the whole history, ``assessment`` rows of falls forms, and the council's ``person`` rows
    for those whom it cannot match. ``care`` holds the events of each kind, gathered."""
    seen: list[Array] = []
    for part in _all(desk, care, went):
        seen.append(part.person)
        yield part
    known = np.unique(np.concatenate(seen)) if seen else np.empty(0, np.int64)
    unmatched = known[~desk.matched[known]]
    yield _unmatched(desk, unmatched)
    # Tracing finds one in twenty, and always somebody.
    yield _traced(desk, unmatched[desk.rng.permutation(len(unmatched))[: max(1, len(unmatched) // 20)]])


def _all(desk: Desk, care: dict[str, Columns], went: Array) -> Iterator[Rows]:
    rng = desk.rng
    asked, assessed = care.get("request"), care.get("assessment")
    if asked and assessed:
        yield _requests(desk, asked, assessed, went)
        n = len(assessed["person"])
        done = assessed["day"] + rng.exponential(12, n).astype(np.int32)
        outcome = Words(np.where(assessed["eligible"], 0, 3).astype(np.int8), _OUTCOMES)
        yield _event(desk, "assessment", assessed["person"], assessed["day"], done, outcome)
        yield _falls_forms(desk, assessed["person"], done, assessed["soft"])
        minor = np.flatnonzero(~assessed["eligible"] & (rng.random(n) < 0.5))
        yield from _services(desk, assessed["person"][minor], done[minor], (done[minor] + 400).clip(max=went[assessed["person"][minor]]),
                             "short_term_other", pick(rng, len(minor), {"equipment": 0.5, "telecare": 0.35, "meals": 0.15}), None)  # fmt: skip
    if "inquiry" in care:
        # Advice is all that comes of it.
        person, day = care["inquiry"]["person"], care["inquiry"]["day"]
        done = np.minimum(day + 1 + desk.delay(len(day), 12), went[person])
        yield _event(desk, "request", person, day, done, same("nfa", len(day)))
    held = packages.spans(desk, care, went)
    if len(held["person"]):
        component = Words(held["direct"].astype(np.int8), ("home_care", "direct_payment"))
        yield from _services(desk, held["person"], held["day"], held["end"], "long_term_community", component,
                             held["hours"].astype(np.float64))  # fmt: skip
        yield _reviews(desk, held["person"], held["day"], held["end"], REVIEWED)
        # An alarm or sensors beside the care, some weeks after it began.
        watched = np.flatnonzero(rng.random(len(held["day"])) < TELECARE)
        person, day = held["person"][watched], held["day"][watched] + rng.integers(7, 40, len(watched)).astype(np.int32)
        end = np.maximum(held["end"][watched], day)
        yield from _services(desk, person, day, end, "long_term_community", same("telecare", len(watched)), None)
        yield from _respite(desk, held["person"], held["day"], held["end"], "short_term_other", RESPITE)
    if "carer" in care:
        found = np.flatnonzero(care["carer"]["has"])
        person, day = care["carer"]["person"][found], care["carer"]["day"][found]
        day = np.maximum(day, desk.world.start)
        yield from _respite(desk, person, day, went[person].clip(max=desk.world.end), "carer_support", CARER_SUPPORT)
    if "reablement" in care:
        person, day = care["reablement"]["person"], care["reablement"]["day"]
        end = np.minimum(day + 42, went[person]).astype(np.int32)
        yield from _services(desk, person, day, end, "short_term_max", same("reablement", len(person)), None)
    if "care_home" in care:
        paid = np.flatnonzero(~care["care_home"]["pays"])
        person, day, nursing = (care["care_home"][c][paid] for c in ("person", "day", "nursing"))
        yield _reviews(desk, person, day, went[person], REVIEWED_IN_HOMES)
        for which, service, place in (
            (~nursing, "long_term_residential", "residential"),
            (nursing, "long_term_nursing", "nursing"),
        ):
            some = np.flatnonzero(which)
            yield from _services(
                desk, person[some], day[some], went[person[some]], service, same(place, len(some)), None
            )


def _requests(desk: Desk, asked: Columns, assessed: Columns, went: Array) -> Rows:
    """Requests for support, completed when an assessment follows or when nothing comes of them."""
    n, wide = len(asked["person"]), np.int64(1) << 20
    later = assessed["person"].astype(np.int64) * wide + assessed["day"]
    place = np.searchsorted(later, asked["person"].astype(np.int64) * wide + asked["day"])
    place = np.minimum(place, len(later) - 1)
    followed = (assessed["person"][place] == asked["person"]) & (assessed["day"][place] >= asked["day"])
    outcome = np.where(followed, np.where(assessed["eligible"][place], 0, 3), 5)
    waits = np.minimum(asked["day"] + 14 + desk.rng.exponential(25, n).astype(np.int32), went[asked["person"]])
    outcome = np.where(waits == went[asked["person"]], 4, outcome)
    return _event(desk, "request", asked["person"], asked["day"], waits, Words(outcome.astype(np.int8), _OUTCOMES))


def _reviews(desk: Desk, person: Array, day: Array, end: Array, share: float) -> Rows:
    """The yearly reviews of what goes on from ``day`` to ``end``: a ``share`` of those that are due, about when they are."""
    stops = np.minimum(end, desk.world.end)
    due = np.maximum(0, (stops - day) // YEAR).astype(np.int64)
    of = np.repeat(np.arange(len(person)), due)
    year = 1 + np.arange(due.sum()) - np.repeat(np.cumsum(due) - due, due)
    when = (day[of] + YEAR * year + desk.rng.integers(-65, 20, len(of))).astype(np.int32)
    kept = np.flatnonzero(desk.chance(len(of), share) & (when < stops[of]) & (when >= desk.world.start))
    return _event(desk, "review", person[of][kept], when[kept], when[kept] + 1, same("services", len(kept)))


def _respite(desk: Desk, person: Array, day: Array, end: Array, service: str, yearly: float) -> Iterator[Rows]:
    """A fortnight's break for the carer, now and then while ``day`` to ``end`` goes on."""
    first = np.maximum(day, desk.world.start)
    lasts = np.maximum(0, np.minimum(end, desk.world.end) - first)
    some = np.flatnonzero(desk.chance(len(person), 1 - np.exp(-yearly * lasts / YEAR)))
    begins = (first[some] + desk.rng.random(len(some)) * lasts[some]).astype(np.int32)
    ends = np.minimum(begins + 14, end[some])
    yield from _services(desk, person[some], begins, ends, service, same("respite", len(some)), None)


def _columns(event: str, day: Array, end: Array, service: Words, component: Words, hours: Array | None,
             outcome: Words) -> dict[str, Column]:  # fmt: skip
    n = len(day)
    return {"event_date": day, "end_date": end, "event": same(event, n), "service_type": service, "component": component,
            "units_a_week": np.full(n, np.nan) if hours is None else hours, "outcome": outcome}  # fmt: skip


def _event(desk: Desk, event: str, person: Array, day: Array, done: Array, outcome: Words) -> Rows:
    """A request, assessment or review: sent when completed, so in one version."""
    n = len(person)
    nothing = Words(np.full(n, -1, np.int8), ("",))
    columns = _columns(event, day, np.maximum(done, day).astype(np.int32), nothing, nothing, None, outcome)
    return desk.sent("social_care", "council", person, done, columns, key=desk.keys(n), council=True)


def _services(desk: Desk, person: Array, day: Array, end: Array, service: str, component: Words,
              hours: Array | None) -> Iterator[Rows]:  # fmt: skip
    n = len(person)
    end = np.maximum(end, day).astype(np.int32)
    key = desk.keys(n)
    kind, ended = same(service, n), np.where(end < desk.world.end, end, NO_DAY).astype(np.int32)
    columns = _columns("service", day, np.full(n, NO_DAY, np.int32), kind, component, hours,
                       Words(np.full(n, -1, np.int8), _OUTCOMES))  # fmt: skip
    first = desk.sent("social_care", "council", person, day, columns, key=key, council=True)
    over = np.flatnonzero(ended != NO_DAY)
    whole = {
        **columns,
        "end_date": ended,
        "outcome": pick(desk.rng, n, {"services": 0.6, "other": 0.3, "hospital": 0.1}),
    }
    second = desk.sent("social_care", "council", person[over], ended[over],
                       {name: c.at(over) if isinstance(c, Words) else c[over] for name, c in whole.items()},
                       key=key[over], council=True)  # fmt: skip
    yield from revise(first, second)


def _falls_forms(desk: Desk, person: Array, day: Array, soft: Array) -> Rows:
    """Falls forms filled in at assessments, by how frail the person was then."""
    n = len(person)
    score = np.clip(np.round(1.5 + 1.6 * soft + desk.rng.normal(0, 1.0, n)), 0, 10)
    columns: dict[str, Column] = {
        "event_date": day,
        "event_time": seconds(desk.rng, n),
        "tool": same("falls_form", n),
        "score": score,
    }
    return desk.sent("assessment", "council", person, day, columns, council=True)


def _unmatched(desk: Desk, person: Array) -> Rows:
    s = desk.world.state
    n = len(person)
    columns: dict[str, Column] = {
        "birth_month": s.birth[person], "sex": Words(s.female[person].astype(np.int8), ("male", "female")),
        "language": Words(np.full(n, -1, np.int8), ("",)), "ethnicity": Words(np.full(n, -1, np.int8), ("",)),
    }  # fmt: skip
    return desk.sent("person", "council", person, np.full(n, desk.world.start), columns, key=desk.keys(n), council=True)


def _traced(desk: Desk, person: Array) -> Rows:
    """``person_link`` rows: a council's record found by tracing to be that of somebody with an NHS number."""
    n = len(person)
    found = desk.rng.integers(desk.world.start + 100, desk.world.end - 60, n)
    columns: dict[str, Column] = {"same": np.ones(n, np.int8), "reason": same("demographic trace", n)}
    return desk.sent("person_link", "tracing", person, found, columns, key=desk.keys(n), council=True)
