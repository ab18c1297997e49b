"""What practices write beside coded events: items prescribed, contacts, and the frailty index where they run it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from features.population.conditions import INDEX
from features.population.happening.history import Events
from features.population.happening.prescribing import CODES, NUMBER
from features.population.recording.desk import Desk, pick, seconds
from features.population.recording.rows import Array, Column, Rows, Words, revise, same

#: Share of courses of antibiotics that are followed by another.
AGAIN = 1 / 6


def prescriptions(desk: Desk, e: Events) -> Iterator[Rows]:
    """``prescription`` rows of a period: repeats, and courses for infections."""
    if "item" in e:
        item = e["item"]
        yield _items(desk, item["person"], item["day"], item["drug"], item["days"].astype(np.float64))
    if "infection" in e:
        person, day, kind = (e["infection"][c] for c in ("person", "day", "infection"))
        draw = desk.rng.random(len(person))
        choice = np.array([[NUMBER["amoxicillin"], NUMBER["doxycycline"]], [NUMBER["nitrofurantoin"], NUMBER["trimethoprim"]],
                           [NUMBER["flucloxacillin"], NUMBER["doxycycline"]]])  # fmt: skip
        given = np.flatnonzero(draw < 0.7)
        drug = choice[kind[given], (draw[given] > 0.45).astype(int)].astype(np.int8)
        yield _items(desk, person[given], day[given], drug, np.full(len(given), 7.0))
        # One course in six is followed by another before the month is out.
        again = np.flatnonzero(desk.rng.random(len(given)) < AGAIN)
        later = day[given[again]] + desk.rng.integers(6, 25, len(again)).astype(np.int32)
        living = later < desk.gone()[person[given[again]]]
        again, later = again[living], later[living]
        yield _items(desk, person[given[again]], later, drug[again], np.full(len(again), 7.0))
        wheezy = desk.world.state.has[INDEX["copd"], person] | desk.world.state.has[INDEX["asthma"], person]
        given = np.flatnonzero((kind == 0) & wheezy & (draw > 0.3))
        yield _items(
            desk,
            person[given],
            day[given],
            np.full(len(given), NUMBER["prednisolone"], np.int8),
            np.full(len(given), 5.0),
        )


def _items(desk: Desk, person: Array, day: Array, drug: Array, days: Array) -> Rows:
    n = len(person)
    columns: dict[str, Column] = {"event_date": day, "event_time": seconds(desk.rng, n), "system": same("bnf", n), "code": Words(drug, CODES),
               "quantity": days, "days": days}  # fmt: skip
    return desk.gp("prescription", person, day, columns)


def contacts(desk: Desk, e: Events) -> Iterator[Rows]:
    """``gp_contact`` rows of a period. Some appointments are known before their day, as booked."""
    if "contact" not in e:
        return
    person, day, soft = (e["contact"][c] for c in ("person", "day", "soft"))
    n = len(person)
    mode = pick(desk.rng, n, {"face_to_face": 0.66, "telephone": 0.27, "video": 0.01, "other": 0.06})
    visit = desk.chance(n, np.clip(0.16 * (soft - 0.9), 0, 0.6))
    words = (*mode.words, "home_visit")
    mode = Words(np.where(visit, 4, mode.number).astype(np.int8), words)
    missed = desk.chance(n, 0.045 + 0.03 * desk.world.state.deprivation[person])
    status = Words(np.where(missed, 1, desk.rng.random(n) < 0.03).astype(np.int8) + (~missed & desk.chance(n, 0.03)) * 2,
                   ("attended", "did_not_attend", "cancelled", "unknown"))  # fmt: skip
    key = np.full(n, -1, np.int64)
    booked = np.flatnonzero(desk.chance(n, 0.06))
    key[booked] = desk.keys(len(booked))
    time = seconds(desk.rng, n)

    def rows(which: Array, written: Array, what: Words) -> Rows:
        return desk.gp("gp_contact", person[which], written,
                       {"event_date": day[which], "event_time": time[which], "mode": mode.at(which), "status": what},
                       key[which])  # fmt: skip

    first = rows(booked, day[booked] - desk.rng.integers(5, 40, len(booked)), same("booked", len(booked)))
    later = rows(booked, day[booked], status.at(booked))
    both = np.isin(later.keys, first.keys)
    yield later.at(np.flatnonzero(~both))
    yield from revise(first, later.at(np.flatnonzero(both)))
    plain = np.flatnonzero(key < 0)
    yield rows(plain, day[plain], status.at(plain))


def assessments(desk: Desk, e: Events) -> Iterator[Rows]:
    """``assessment`` rows from practices: the electronic frailty index where the practice runs it."""
    if "review" not in e:
        return
    person, day, frailty = (e["review"][c] for c in ("person", "day", "frailty"))
    world = desk.world
    runs = world.practices.efi[world.lives.practice[person]] & (day - world.state.birth[person] > 65 * 365.25)
    kept = np.flatnonzero(runs)
    # The index counts coded deficits: latent frailty seen through what the practice has coded.
    ill = world.state.has[:, person[kept]].sum(axis=0)
    score = np.clip(np.round(0.75 * ill * desk.habit(person[kept]) + 1.3 * np.maximum(frailty[kept] + 1, 0)
                             + desk.rng.normal(0, 1.3, len(kept))), 0, 36) / 36  # fmt: skip
    columns: dict[str, Column] = {"event_date": day[kept], "event_time": seconds(desk.rng, len(kept)), "tool": same("efi", len(kept)),
               "score": np.round(score, 3)}  # fmt: skip
    yield desk.gp("assessment", person[kept], day[kept], columns)
