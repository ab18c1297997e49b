"""What hospitals send: stays (known the day after admission, complete after discharge), diagnoses, outpatients, and
scores taken on admission."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from features.population import codes
from features.population.causes import CAUSES, INJURY, NAMES
from features.population.conditions import CONDITIONS
from features.population.happening.history import Events
from features.population.identifiers import HOSPITALS
from features.population.recording.desk import Desk, pick, seconds
from features.population.recording.rows import NO_DAY, Array, Column, Rows, Words, revise, same

#: Method of admission of emergencies: through A&E, by a GP, a bed bureau, a clinic, a crisis team, another's A&E, other.
METHODS = {"21": 0.74, "22": 0.08, "23": 0.02, "24": 0.03, "25": 0.01, "2A": 0.05, "2D": 0.07}
#: Main specialty by cause.
SPECIALTY = ("340", "320", "300", "110", "100", "400", "710", "300", "800", "300")
MOVED_ON = 0.035


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
    living = desk.world.state.living[person]
    # Some are moved to the other hospital: a second spell, admitted by transfer, in one continuous stay.
    nights = end - day
    moved = np.flatnonzero(desk.chance(n, MOVED_ON) & (nights >= 4))
    middle = day[moved] + nights[moved] // 2
    leaves = end.copy()
    leaves[moved] = middle
    ready = np.where(ready > leaves, NO_DAY, ready).astype(np.int32)
    home = np.where(living == 4, 2, np.where(living == 5, 1, 0)).astype(np.int8)
    destination = Words(np.where(died, 3, home).astype(np.int8), ("19", "54", "65", "79", "51", "85"))
    destination.number[moved] = 4
    alive = ~died
    alive[moved] = True
    columns: dict[str, Column] = {
        "event_date": day, "end_date": leaves, "admission_method": method, "admission_source": Words(home, ("19", "54", "65")),
        "patient_class": same("ordinary", n), "specialty": Words(cause, SPECIALTY),
        "provider": Words(desk.hospital[person], HOSPITALS), "ready_date": ready,
        "discharge_method": Words(np.where(alive, 0, 1).astype(np.int8), ("1", "4")), "discharge_destination": destination,
    }  # fmt: skip
    key = desk.keys(n)
    yield from _two_versions(desk, person, key, columns)
    yield from _diagnoses(desk, person, day, leaves, cause, soft, key)
    if len(moved):
        onward = {name: c.at(moved) if isinstance(c, Words) else c[moved] for name, c in columns.items()}
        onward |= {"event_date": middle, "end_date": end[moved], "admission_source": same("51", len(moved)),
                   "admission_method": pick(rng, len(moved), {"81": 0.6, "2B": 0.4}),
                   "ready_date": stay["ready"][moved].clip(middle),
                   "provider": Words(1 - desk.hospital[person[moved]], HOSPITALS),
                   "discharge_method": Words(np.where(died[moved], 1, 0).astype(np.int8), ("1", "4")),
                   "discharge_destination": Words(np.where(died[moved], 3, home[moved]).astype(np.int8), destination.words)}  # fmt: skip
        key = desk.keys(len(moved))
        yield from _two_versions(desk, person[moved], key, onward, other=True)
        yield from _diagnoses(desk, person[moved], middle, end[moved], cause[moved], soft[moved], key, other=True)
    yield from _scores(desk, person, day, soft, died)


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
        "patient_class": Words(ward, ("day_case", "ordinary", "maternity")),
        "specialty": Words(ward, ("130", "110", "501")), "provider": Words(desk.hospital[person], HOSPITALS),
        "ready_date": np.full(n, NO_DAY, np.int32), "discharge_method": same("1", n), "discharge_destination": same("19", n),
    }  # fmt: skip
    key = desk.keys(n)
    yield from _two_versions(desk, person, key, columns)
    lists = [codes.PLANNED[w] for w in ("day_case", "ordinary", "maternity")]
    yield from _positions(desk, person, day, end, key, [_choice(desk.rng, ward, lists)])


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


def _diagnoses(desk: Desk, person: Array, day: Array, end: Array, cause: Array, soft: Array, key: Array,
               other: bool = False) -> Iterator[Rows]:  # fmt: skip
    """Primary and secondary diagnoses. Hospitals code some of what the person has, and some of how frail they are."""
    rng, n = desk.rng, len(person)
    columns: list[tuple[Words | str, Array]] = [_choice(rng, cause, [codes.PRIMARY[name] for name in NAMES])]
    fell = (cause == INJURY) & (rng.random(n) < 0.92)
    columns.append((codes.FELL, fell))
    for i, c in enumerate(CONDITIONS):
        columns.append(
            (codes.SECONDARY[c.name][0], desk.world.state.has[i, person] & (rng.random(n) < 0.62 * c.recorded))
        )
    for code, chance in (
        (codes.FRAIL, 0.10 * soft - 0.08),
        (codes.DELIRIOUS, 0.06 * soft - 0.06),
        (codes.IMMOBILE, 0.05 * soft),
    ):
        columns.append((code, rng.random(n) < np.clip(chance, 0, 0.5)))
    columns.append((codes.ALONE, desk.world.state.alone[person] & (rng.random(n) < 0.15)))
    yield from _positions(desk, person, day, end, key, columns, other)


def _choice(rng: np.random.Generator, kind: Array, lists: list[tuple[str, ...]]) -> tuple[Words, Array]:
    """A code for each ``kind`` out of its own list, the first about twice as often as the last."""
    longest = max(map(len, lists))
    table = [code for codes_ in lists for code in (*codes_, *[codes_[0]] * (longest - len(codes_)))]
    size = np.array([len(c) for c in lists])[kind]
    place = (size * (1 - np.sqrt(1 - 0.75 * rng.random(len(kind)))) * 2).astype(np.int64)
    return Words(kind.astype(np.int64) * longest + np.minimum(place, size - 1), table), np.ones(len(kind), bool)


def _positions(desk: Desk, person: Array, day: Array, end: Array, key: Array, columns: Sequence[tuple[Words | str, Array]],
               other: bool = False) -> Iterator[Rows]:  # fmt: skip
    """``diagnosis`` rows, numbered within each stay; known when the stay has been coded, weeks after discharge."""
    written = end + 5 + desk.delay(len(person), 12)
    position = np.zeros(len(person), np.int32)
    sender = 1 - desk.hospital[person] if other else desk.hospital[person]
    time = seconds(desk.rng, len(person), 0, 24)
    for code, has in columns:
        position = position + has
        which = np.flatnonzero(has & (position <= 20))
        n = len(which)
        if not n:
            continue
        row: dict[str, Column] = {
            "event_date": day[which], "event_time": time[which], "system": same("icd10", n),
            "code": code.at(which) if isinstance(code, Words) else same(code, n), "position": position[which],
        }  # fmt: skip
        rows = Rows("diagnosis", person[which], *desk.deliveries.from_sender("diagnosis", sender[which], "apc", written[which]),
                    row, spell=key[which])  # fmt: skip
        yield rows.at(np.flatnonzero(rows.known_at != NO_DAY))


def _scores(desk: Desk, person: Array, day: Array, soft: Array, died: Array) -> Iterator[Rows]:
    rng = desk.rng
    old = day - desk.world.state.birth[person] > 65 * 365.25
    for tool, kept, score in (
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
