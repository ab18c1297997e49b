"""What emergency departments, the ambulance service and 111 send."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from features.population import codes
from features.population.causes import INJURY, NAMES
from features.population.happening.history import Events
from features.population.recording.desk import Desk, pick, seconds
from features.population.recording.rows import Array, Column, Rows, Words, same

#: Reason for a call by cause of illness.
REASONS = ("breathing", "chest_pain", "sick_person", "fall", "other", "stroke", "mental_health", "sick_person",
           "sick_person", "other")  # fmt: skip


def rows(desk: Desk, e: Events, method: Words) -> Iterator[Rows]:
    """``ed_attendance`` and ``ambulance`` rows of a period; ``method`` is how each emergency stay began."""
    if "stay" in e:
        # Admitted through a department.
        came = np.flatnonzero(np.isin(method.number, [0, 5]))
        stay = {name: column[came] for name, column in e["stay"].items()}
        yield from _attended(desk, stay, "admitted")
        # Some of the others were brought straight to a ward.
        direct = np.flatnonzero(~np.isin(method.number, [0, 5]) & desk.chance(len(method.number), 0.35))
        yield from _called(desk, {name: column[direct] for name, column in e["stay"].items()}, conveyed=True)
    if "attendance" in e:
        yield from _attended(desk, e["attendance"], "discharged")
    if "fall" in e:
        fall = e["fall"]
        n = len(fall["person"])
        soft = fall["soft"]
        as_injury = {"person": fall["person"], "day": fall["day"], "soft": soft, "cause": np.full(n, INJURY, np.int8)}
        treated = np.flatnonzero(fall["hurt"] & desk.chance(n, 0.40))
        yield from _attended(desk, {k: v[treated] for k, v in as_injury.items()}, "discharged")
        lifted = np.flatnonzero(~fall["hurt"] & desk.chance(n, np.clip(0.08 * soft, 0, 0.3)))
        yield from _called(desk, {k: v[lifted] for k, v in as_injury.items()}, conveyed=False)
    if "call" in e:
        yield from _helpline(desk, e["call"])


def _attended(desk: Desk, e: dict[str, Array], how: str) -> Iterator[Rows]:
    rng, n = desk.rng, len(e["person"])
    ambulance = desk.chance(n, np.clip((0.30 if how == "admitted" else 0.10) + 0.14 * e["soft"], 0, 0.85))
    severe = rng.normal(2.4 if how == "admitted" else 3.4, 0.7, n) - 0.3 * ambulance
    ended = pick(rng, n, {"discharged": 0.88, "left": 0.07, "transferred": 0.02, "other": 0.03})
    columns: dict[str, Column] = {
        "event_date": e["day"], "event_time": seconds(rng, n, 0, 24),
        "department": Words(np.where(ambulance | (severe < 2.5) | (rng.random(n) < 0.7), 0, 1).astype(np.int8), ("01", "03")),
        "arrival_mode": Words(np.where(ambulance, 0, np.where(rng.random(n) < 0.97, 1, 2)).astype(np.int8),
                              ("ambulance", "walk_in", "other")),
        "acuity": np.clip(np.round(severe), 1, 5).astype(np.int32),
        "chief_complaint": Words(np.where(desk.chance(n, 0.92), e["cause"], -1).astype(np.int8),
                                 [codes.COMPLAINT[name] for name in NAMES]),
        "disposal": same("admitted", n) if how == "admitted" else ended,
    }  # fmt: skip
    written = e["day"] + 1 + desk.delay(n, 1.5)
    yield desk.sent("ed_attendance", "ecds", e["person"], written, columns, desk.hospital[e["person"]])
    brought = np.flatnonzero(ambulance)
    yield from _called(desk, {name: column[brought] for name, column in e.items()}, conveyed=True)


def _called(desk: Desk, e: dict[str, Array], conveyed: bool) -> Iterator[Rows]:
    n = len(e["person"])
    columns: dict[str, Column] = {"event_date": e["day"], "event_time": seconds(desk.rng, n, 0, 24), "service": same("999", n),
               "conveyed": np.full(n, conveyed), "complaint": Words(e["cause"], REASONS)}  # fmt: skip
    yield desk.sent("ambulance", "ambulance", e["person"], e["day"] + desk.delay(n, 2), columns)


def _helpline(desk: Desk, e: dict[str, Array]) -> Iterator[Rows]:
    n = len(e["person"])
    emergency = desk.chance(n, np.clip(0.15 + 0.10 * e["soft"], 0, 0.6))
    columns: dict[str, Column] = {"event_date": e["day"], "event_time": seconds(desk.rng, n, 0, 24),
               "service": Words(emergency.astype(np.int8), ("111", "999")), "conveyed": np.zeros(n, bool),
               "complaint": Words(e["cause"], REASONS)}  # fmt: skip
    yield desk.sent("ambulance", "ambulance", e["person"], e["day"] + desk.delay(n, 2), columns)
