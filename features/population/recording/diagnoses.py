"""What hospitals code of a stay: why it was, and some of what the person has and how frail they are, as it was at the time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from features.population import codes
from features.population.causes import INJURY, NAMES
from features.population.conditions import CONDITIONS, INDEX
from features.population.happening.spans import Columns
from features.population.lesser import LESSER, follows, onset
from features.population.recording.desk import Desk, seconds
from features.population.recording.rows import NO_DAY, Array, Column, Rows, Words, same

#: Chance that a condition that a practice would code is coded of a stay; of lesser ones; most codes of a stay.
CODED, LESSER_CODED, MOST = 0.62, 0.45, 20
#: Signs of frailty and of illness: code, chance for each unit of (softened) frailty, and what is taken off.
SIGNS = (
    (codes.FRAIL, 0.10, 0.08), (codes.DELIRIOUS, 0.06, 0.06), (codes.IMMOBILE, 0.05, 0.0),
    *((code, 0.030, 0.02) for code in codes.SIGNS),
)  # fmt: skip
#: Parts that one stay's diagnoses are put together from: codes (or one for all), and whether each stay has it.
Part = tuple[Words | str, Array]


def rows(desk: Desk, stay: Columns, key: Array, other: bool = False) -> Iterator[Rows]:
    """``diagnosis`` rows of emergency stays; ``other`` where the other hospital coded them."""
    rng, cause, soft, n = desk.rng, stay["cause"], stay["soft"], len(stay["person"])
    parts: list[Part] = [_choice(rng, cause, [codes.PRIMARY[name] for name in NAMES])]
    parts.append((codes.FELL, (cause == INJURY) & (rng.random(n) < 0.92)))
    for i, c in enumerate(CONDITIONS):
        has = (stay["has"] >> np.uint32(i)) & 1 == 1
        parts.append((codes.SECONDARY[c.name][0], has & (rng.random(n) < CODED * c.recorded)))
    for code, slope, less in SIGNS:
        parts.append((code, rng.random(n) < np.clip(slope * soft - less, 0, 0.5)))
    parts.append((codes.ALONE, stay["alone"] & (rng.random(n) < 0.15)))
    person = stay["person"].astype(np.int64)
    for lesser in LESSER:
        if not lesser.icd10:
            continue
        if lesser.after:
            has = ((stay["has"] >> np.uint32(INDEX[lesser.after])) & 1 == 1) & follows(desk.world, lesser, person)
        else:
            has = onset(desk.world, lesser, person) <= stay["day"]
        parts.append((lesser.icd10, has & (rng.random(n) < LESSER_CODED)))
    yield _positions(desk, stay, key, parts, other)


def planned(desk: Desk, stay: Columns, key: Array) -> Iterator[Rows]:
    """``diagnosis`` rows of planned admissions and births."""
    lists = [codes.PLANNED[ward] for ward in ("day_case", "ordinary", "maternity")]
    yield _positions(desk, stay, key, [_choice(desk.rng, stay["ward"], lists)], False)


def _choice(rng: np.random.Generator, kind: Array, lists: list[tuple[str, ...]]) -> Part:
    """A code for each ``kind`` out of its own list, the first about twice as often as the last."""
    longest = max(map(len, lists))
    table = [code for codes_ in lists for code in (*codes_, *[codes_[0]] * (longest - len(codes_)))]
    size = np.array([len(c) for c in lists])[kind]
    place = (size * (1 - np.sqrt(1 - 0.75 * rng.random(len(kind)))) * 2).astype(np.int64)
    return Words(kind.astype(np.int64) * longest + np.minimum(place, size - 1), table), np.ones(len(kind), bool)


def _positions(desk: Desk, stay: Columns, key: Array, parts: list[Part], other: bool) -> Rows:
    """``diagnosis`` rows, numbered within each stay; known when the stay has been coded, weeks after discharge."""
    person, n = stay["person"], len(stay["person"])
    written = stay["end"] + 5 + desk.delay(n, 12)
    sender = 1 - desk.hospital[person] if other else desk.hospital[person]
    time = seconds(desk.rng, n, 0, 24)
    words: list[str] = []
    position = np.zeros(n, np.int32)
    stays, numbers, positions = [], [], []
    for code, has in parts:
        position = position + has
        which = np.flatnonzero(has & (position <= MOST))
        stays.append(which)
        positions.append(position[which])
        if isinstance(code, Words):
            numbers.append(len(words) + code.number[which])
            words += list(code.words)
        else:
            numbers.append(np.full(len(which), len(words)))
            words.append(code)
    which, number = np.concatenate(stays), np.concatenate(numbers).astype(np.int32)
    row: dict[str, Column] = {
        "event_date": stay["day"][which], "event_time": time[which], "system": same("icd10", len(which)),
        "code": Words(number, words), "position": np.concatenate(positions).astype(np.int32),
    }  # fmt: skip
    found = Rows("diagnosis", person[which], *desk.deliveries.from_sender("diagnosis", sender[which], "apc", written[which]),
                 row, spell=key[which])  # fmt: skip
    return found.at(np.flatnonzero(found.known_at != NO_DAY))
