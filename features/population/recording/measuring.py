"""What practices measure: bloods, blood pressure, weight and the like. What was measured is noted, sometimes wrongly at first."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from features.population.codes import MEASURE, UNIT
from features.population.conditions import INDEX
from features.population.happening.history import Events, stream
from features.population.recording.coding import coded
from features.population.recording.desk import Desk
from features.population.recording.rows import Array, Rows, Words, revise

#: Shares of bloods with each measurement, and its decimals; the share of them that comes at all; a result put right later.
MEASURED = {"egfr": (0.95, 0), "haemoglobin": (0.85, 0), "sodium": (0.92, 0), "albumin": (0.70, 0), "hba1c": (0.45, 0),
            "creatinine": (0.18, 0), "potassium": (0.22, 1), "crp": (0.09, 0), "tsh": (0.13, 2), "platelets": (0.13, 0),
            "white_cells": (0.13, 1), "alt": (0.13, 0), "alkaline_phosphatase": (0.09, 0), "calcium": (0.09, 2), "vitamin_d": (0.04, 0),
            "cholesterol": (0.18, 1), "urine_albumin_creatinine": (0.08, 1)}  # fmt: skip
RECEIVED, CORRECTED = 0.95, 0.004
#: Shares of reviews, and of other contacts, at which each is measured.
AT_REVIEW = {
    "pressure": 0.80,
    "build": 0.55,
    "pulse": 0.15,
    "average": 0.02,
    "malnutrition_score": 0.08,
    "falls_last_year": 0.15,
}
#: Of the contacts at which pressure is taken: those with oxygen saturation, and with a weight.
AT_CONTACT, OXYGEN_AT_CONTACT, WEIGHT_AT_CONTACT = 0.05, 0.25, 0.30
NAMES = tuple(MEASURE)
_NUMBER = {name: i for i, name in enumerate(NAMES)}
Part = tuple[str, Array, Array, Array]


def rows(desk: Desk, e: Events) -> Iterator[Rows]:
    """``gp_event`` rows of a period's measurements."""
    if "blood" in e:
        yield from _bloods(desk, e["blood"])
    parts: list[Part] = []
    if "review" in e:
        parts += _at_review(desk, e["review"])
    if "contact" in e:
        parts += _at_contact(desk, e["contact"])
    if parts:
        measured, person, day, value = _together(parts)
        yield coded(desk, person, day, day, *_said(measured), value=value)


def _said(measured: Array) -> tuple[Words, Words]:
    return Words(measured, [MEASURE[name] for name in NAMES]), Words(measured, [UNIT[name] for name in NAMES])


def _together(parts: list[Part]) -> tuple[Array, Array, Array, Array]:
    measured = np.repeat(np.array([_NUMBER[name] for name, *_ in parts], np.int8), [len(p[1]) for p in parts])
    person, day, value = (np.concatenate([p[i] for p in parts]) for i in (1, 2, 3))
    return measured, person, day.astype(np.int32), value.astype(np.float64)


def _bloods(desk: Desk, blood: dict[str, Array]) -> Iterator[Rows]:
    came = len(blood["person"])
    parts: list[Part] = []
    for name, (share, decimals) in MEASURED.items():
        kept = np.flatnonzero(desk.chance(came, share * RECEIVED))
        value = np.round(blood[name][kept].astype(np.float64), decimals)
        parts.append((name, blood["person"][kept], blood["day"][kept], value))
    measured, person, day, value = _together(parts)
    n = len(person)
    wrong = np.flatnonzero(desk.chance(n, CORRECTED))
    key = np.full(n, -1, np.int64)
    key[wrong] = desk.keys(len(wrong))
    said = value.copy()
    said[wrong] = np.round(said[wrong] * 1.6, 2)
    written = day + desk.delay(n, 2)
    code, unit = _said(measured)
    first = coded(desk, person, day, written, code, unit, value=said, key=key)
    if not len(wrong):
        yield first
        return
    right = coded(desk, person[wrong], day[wrong], written[wrong] + 14, code.at(wrong), unit.at(wrong), value=value[wrong],
                  key=key[wrong])  # fmt: skip
    yield from revise(first, right)


def pressure(desk: Desk, person: Array, day: Array, frailty: Array) -> tuple[Array, Array]:
    """Systolic and diastolic pressure: a person's own level, their age and frailty, and the moment."""
    level = stream(desk.world.seed, "pressure").normal(0, 11, desk.world.people)[person]
    age = (day - desk.world.state.birth[person]) / 365.25
    systolic = 119 + 0.32 * (age - 30) + level - 3 * np.maximum(frailty - 1, 0) + desk.rng.normal(0, 10, len(person))
    diastolic = 0.42 * systolic + 24 - 0.12 * (age - 60) + desk.rng.normal(0, 6, len(person))
    return np.round(np.clip(systolic, 75, 225)), np.round(np.clip(diastolic, 38, 125))


def size(desk: Desk, person: Array, frailty: Array) -> tuple[Array, Array]:
    """Body mass index and weight (kg): a person's own build and height, from hashes of who they are, thinned by frailty."""
    s, number = desk.world.state, person.astype(np.int64)
    build, tall = (number * 2654435761 % 1000) / 1000, (number * 40503 % 1000) / 1000
    bmi = 20.3 + 12.5 * build + 1.5 * s.deprivation[person] - 1.5 * np.maximum(frailty, 0)
    bmi = np.clip(bmi + desk.rng.normal(0, 0.6, len(person)), 14, 55)
    height = np.where(s.female[person], 1.61, 1.74) + 0.12 * (tall - 0.5)
    return np.round(bmi, 1), np.round(bmi * height**2, 1)


def _at_review(desk: Desk, review: dict[str, Array]) -> list[Part]:
    person, day, frailty = (review[c] for c in ("person", "day", "frailty"))
    rng = desk.rng
    hypertensive = (review["has"] >> np.uint32(INDEX["hypertension"])) & 1

    def did(name: str, among: Array | bool = True) -> Array:
        return np.flatnonzero(desk.chance(len(person), AT_REVIEW[name] * desk.habit(person)) & among)

    systolic, diastolic = pressure(desk, person, day, frailty)
    systolic = systolic + 5 * hypertensive
    bmi, weight = size(desk, person, frailty)
    old = frailty > 0.3
    scores = {"malnutrition_score": rng.poisson(0.25 * np.maximum(frailty, 0)), "falls_last_year": rng.poisson(0.35 * np.maximum(frailty, 0))}  # fmt: skip
    taken, sized, felt, averaged = did("pressure"), did("build"), did("pulse"), did("average")
    parts = [
        ("systolic", taken, systolic), ("diastolic", taken, diastolic), ("bmi", sized, bmi),
        ("weight", sized, weight), ("pulse", felt, np.round(74 + 2 * frailty + rng.normal(0, 10, len(person)))),
        ("average_systolic", averaged, systolic - 6), ("average_diastolic", averaged, diastolic - 4),
        *((name, did(name, old), score) for name, score in scores.items()),
    ]  # fmt: skip
    return [(name, person[kept], day[kept], value[kept]) for name, kept, value in parts]


def _at_contact(desk: Desk, contact: dict[str, Array]) -> list[Part]:
    kept = np.flatnonzero(desk.chance(len(contact["person"]), AT_CONTACT))
    # An appointment may be missed or still to come when its period is written; nobody is measured after they have gone.
    kept = kept[contact["day"][kept] < desk.gone()[contact["person"][kept]]]
    person, day, soft = (contact[c][kept] for c in ("person", "day", "soft"))
    systolic, diastolic = pressure(desk, person, day, soft)
    breath = np.flatnonzero(desk.chance(len(kept), OXYGEN_AT_CONTACT))
    spread = desk.rng.normal(0, 1, len(breath)) * (1.2 + 0.6 * soft[breath])
    oxygen = np.clip(np.round(97.2 - soft[breath] + spread), 80, 100)
    heavy = np.flatnonzero(desk.chance(len(kept), WEIGHT_AT_CONTACT))
    # Contacts know frailty softened: at its lower end all are alike.
    weight = size(desk, person[heavy], np.log(np.expm1(np.maximum(soft[heavy], 0.05))))[1]
    return [("systolic", person, day, systolic), ("diastolic", person, day, diastolic), ("weight", person[heavy], day[heavy], weight),
            ("oxygen_saturation", person[breath], day[breath], oxygen)]  # fmt: skip
