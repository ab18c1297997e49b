"""What hospitals send: stays (known the day after admission, complete after discharge), diagnoses, outpatients, and
scores taken on admission."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from features.population.causes import CAUSES, NAMES
from features.population.happening.history import Events
from features.population.happening.state import CARE_HOME, NEVER, NURSING_HOME
from features.population.identifiers import HOSPITALS
from features.population.recording import diagnoses
from features.population.recording.desk import Desk, pick, seconds
from features.population.recording.rows import NO_DAY, Array, Column, Rows, Words, revise, same

#: Method of admission of emergencies: through A&E, by a GP, a bed bureau, a clinic, a crisis team, another's A&E, other.
METHODS = {"21": 0.74, "22": 0.08, "23": 0.02, "24": 0.03, "25": 0.01, "2A": 0.05, "2D": 0.07}
#: Sources of admission and destinations on discharge that are drawn: the usual home, care homes, died, another hospital, another
#: care home, a temporary home, a hospice.
PLACES = ("19", "54", "65", "79", "51", "85", "29", "88")
#: Main specialty by cause.
SPECIALTY = ("340", "320", "300", "110", "100", "400", "710", "300", "800", "300")
MOVED_ON = 0.035
#: One in so many planned stays overnight is a course at home.
AT_HOME_ONE_IN = 20
#: Days after a stay within which a move into a care home is where the stay led to.
INTO_CARE = 21


def methods(desk: Desk, e: Events) -> Words:
    """Method of admission of each of the period's emergency stays."""
    return pick(desk.rng, len(e["stay"]["person"]) if "stay" in e else 0, METHODS)


def stays(desk: Desk, e: Events, method: Words) -> Iterator[Rows]:
    """``spell`` and ``diagnosis`` rows of the period's emergency stays."""
    if "stay" not in e:
        return
    stay, rng = e["stay"], desk.rng
    person, day, end, ready, died, cause, soft = (
        stay[c] for c in ("person", "day", "end", "ready", "died", "cause", "soft")
    )
    n = len(person)
    # Some are moved to the other hospital: a second spell, admitted by transfer, in one continuous stay.
    nights = end - day
    moved = np.flatnonzero(desk.chance(n, MOVED_ON) & (nights >= 4))
    middle = day[moved] + nights[moved] // 2
    leaves = end.copy()
    leaves[moved] = middle
    ready = np.where(ready > leaves, NO_DAY, ready).astype(np.int32)
    home = _homes(stay["living"], person)
    to = _destinations(desk, e, home)
    destination = Words(np.where(died, PLACES.index("79"), to).astype(np.int8), PLACES)
    destination.number[moved] = PLACES.index("51")
    alive = ~died
    alive[moved] = True
    columns: dict[str, Column] = {
        "event_date": day, "end_date": leaves, "admission_method": method, "admission_source": Words(home, PLACES),
        "patient_class": same("ordinary", n), "specialty": Words(cause, SPECIALTY),
        "provider": Words(desk.hospital[person], HOSPITALS), "ready_date": ready,
        "discharge_method": Words(np.where(~alive, 1, np.where(desk.chance(n, _walks_out(nights)), 2, 0)).astype(np.int8), ("1", "4", "2")),
        "discharge_destination": destination,
    }  # fmt: skip
    key = desk.keys(n)
    yield from _two_versions(desk, person, key, columns)
    yield from diagnoses.rows(desk, {**stay, "end": leaves}, key)
    if len(moved):
        onward = {name: c.at(moved) if isinstance(c, Words) else c[moved] for name, c in columns.items()}
        onward |= {"event_date": middle, "end_date": end[moved], "admission_source": same("51", len(moved)),
                   "admission_method": pick(rng, len(moved), {"81": 0.6, "2B": 0.4}),
                   "ready_date": stay["ready"][moved].clip(middle),
                   "provider": Words(1 - desk.hospital[person[moved]], HOSPITALS),
                   "discharge_method": Words(np.where(died[moved], 1, 0).astype(np.int8), ("1", "4")),
                   "discharge_destination": Words(np.where(died[moved], PLACES.index("79"), to[moved]).astype(np.int8), PLACES)}  # fmt: skip
        key = desk.keys(len(moved))
        yield from _two_versions(desk, person[moved], key, onward, other=True)
        onward_stay = {name: column[moved] for name, column in stay.items()}
        yield from diagnoses.rows(desk, {**onward_stay, "day": middle}, key, other=True)
    yield from _scores(desk, person, day, end, soft, died)


def _homes(living: Array, person: Array) -> Array:
    """Where people live, as a hospital words it: a residential home is the council's or somebody else's."""
    council = person % 5 < 2
    return np.where(living == CARE_HOME, np.where(council, 2, 5), np.where(living == NURSING_HOME, np.where(council, 1, 5), 0)).astype(np.int8)  # fmt: skip


def _walks_out(nights: Array) -> Array:
    """Chance of leaving against advice: of short stays more."""
    return np.where(nights <= 2, 0.020, 0.006)


def _destinations(desk: Desk, e: Events, home: Array) -> Array:
    """Where each of the period's stays leads to, were the person to live: home, a care home entered within weeks of it, now and
    then a temporary place or a hospice."""
    stay, rng, n = e["stay"], desk.rng, len(e["stay"]["person"])
    to = home.copy()
    draw = rng.random(n)
    to[(draw < 0.006) & (home == 0)] = PLACES.index("29")
    to[(draw > 1 - 0.012 * np.clip(stay["soft"] - 1, 0, 3)) & (stay["cause"] == NAMES.index("cancer"))] = PLACES.index(
        "88"
    )
    if "care_home" in e:
        entered = np.full(desk.world.people, NEVER, np.int32)
        entered[e["care_home"]["person"]] = e["care_home"]["day"]
        wait = entered[stay["person"]] - stay["end"]
        to[(wait >= 0) & (wait < INTO_CARE) & (home == 0)] = PLACES.index("85")
    return to


def planned(desk: Desk, e: Events) -> Iterator[Rows]:
    """``spell`` and ``diagnosis`` rows of planned admissions and births."""
    if "planned" not in e:
        return
    person, day, end, ward = (e["planned"][c] for c in ("person", "day", "end", "ward"))
    n = len(person)
    # 11 waiting list, 12 booked, 13 planned; 31 maternity.
    elective = pick(desk.rng, n, {"11": 0.55, "12": 0.30, "13": 0.15})
    method = Words(np.where(ward == 2, 3, elective.number).astype(np.int8), (*elective.words, "31"))
    columns: dict[str, Column] = {
        "event_date": day, "end_date": end, "admission_method": method, "admission_source": same("19", n),
        "specialty": Words(ward, ("130", "110", "501")), "provider": Words(desk.hospital[person], HOSPITALS),
        "ready_date": np.full(n, NO_DAY, np.int32), "discharge_method": same("1", n), "discharge_destination": same("19", n),
    }  # fmt: skip
    # Some courses that would have been a bed are given at home, under the hospital's name.
    at_home = (ward == 1) & ((person + day) % AT_HOME_ONE_IN == 0)
    columns["patient_class"] = Words(
        np.where(at_home, 3, ward).astype(np.int8), ("day_case", "ordinary", "maternity", "hospital_at_home")
    )
    key = desk.keys(n)
    yield from _two_versions(desk, person, key, columns)
    yield from diagnoses.planned(desk, e["planned"], key)


def _two_versions(
    desk: Desk, person: Array, key: Array, columns: dict[str, Column], other: bool = False
) -> Iterator[Rows]:
    """The stay as known on admission, and as completed some days after discharge."""
    n = len(person)
    blank: dict[str, Column] = dict(columns)
    for name in ("end_date", "ready_date"):
        blank[name] = np.full(n, NO_DAY, np.int32)
    for name in ("discharge_method", "discharge_destination"):
        blank[name] = Words(np.full(n, -1, np.int8), ("",))
    sender = 1 - desk.hospital[person] if other else desk.hospital[person]
    day, end = columns["event_date"], columns["end_date"]
    assert isinstance(day, np.ndarray)
    assert isinstance(end, np.ndarray)
    first = desk.sent("spell", "apc", person, day, blank, sender, key)
    second = desk.sent("spell", "apc", person, end + 1 + desk.delay(n, 4), columns, sender, key)
    yield from revise(first, second)


def _scores(desk: Desk, person: Array, day: Array, end: Array, soft: Array, died: Array) -> Iterator[Rows]:
    rng = desk.rng
    old = day - desk.world.state.birth[person] > 65 * 365.25
    frail, stayed = old & (soft > 1.0) & ~died, end > day + 2
    for tool, kept, score in (
        ("cga", frail & stayed & desk.chance(len(person), 0.25), np.full(len(person), np.nan)),
        ("barthel", frail & stayed & desk.chance(len(person), 0.25),
         np.clip(np.round(22.5 - 3.4 * soft + rng.normal(0, 2.0, len(person))), 0, 20)),
        ("cfs", old & desk.chance(len(person), 0.45), np.clip(np.round(2.2 + 1.7 * soft + rng.normal(0, 0.7, len(person))), 1, 9)),
        ("news2", desk.chance(len(person), 0.80), np.clip(rng.poisson(1.6 + 0.5 * soft + 2.5 * died), 0, 17).astype(float)),
    ):  # fmt: skip
        which = np.flatnonzero(kept)
        columns: dict[str, Column] = {"event_date": day[which], "event_time": seconds(rng, len(which), 0, 24),
                                      "tool": same(tool, len(which)), "score": score[which]}  # fmt: skip
        yield desk.sent("assessment", "apc", person[which], day[which] + 1 + desk.delay(len(which), 5), columns,
                        desk.hospital[person[which]])  # fmt: skip


def outpatients(desk: Desk, e: Events) -> Iterator[Rows]:
    """``outpatient`` rows."""
    if "outpatient" not in e:
        return
    person, day = e["outpatient"]["person"], e["outpatient"]["day"]
    n = len(person)
    miss = 0.06 + 0.04 * desk.world.state.deprivation[person]
    draw = desk.rng.random(n)
    status = np.where(draw < miss, 1, np.where(draw < miss + 0.07, 2, np.where(draw < miss + 0.14, 3, 0))).astype(
        np.int8
    )
    columns: dict[str, Column] = {
        "event_date": day, "event_time": seconds(desk.rng, n, 9, 17),
        "specialty": pick(desk.rng, n, {"110": 0.14, "130": 0.14, "320": 0.10, "340": 0.08, "300": 0.12, "330": 0.10,
                                        "410": 0.07, "430": 0.05, "502": 0.08, "800": 0.06, "120": 0.06}),
        "status": Words(status, ("attended", "did_not_attend", "cancelled_by_patient", "cancelled_by_provider")),
        "first": desk.chance(n, 0.30),
    }  # fmt: skip
    yield desk.sent("outpatient", "op", person, day, columns, desk.hospital[person])


assert len(SPECIALTY) == len(CAUSES)
