"""What practices code: diagnoses, findings, measurements, frailty. Each practice has its own thoroughness."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from features.population.causes import INJURY
from features.population.codes import CONDITION, DONE, FINDING, FRAILTY, MEASURE, SMOKING, UNIT
from features.population.conditions import CONDITIONS, INDEX
from features.population.happening.activity import COMPLAINTS
from features.population.happening.history import Events
from features.population.recording.desk import Desk, seconds
from features.population.recording.rows import Array, Column, Rows, Words, revise, same

#: Chance that a practice codes what it was told of.
CODED = {"infection": 0.75, "fall_hurt": 0.60, "fall": 0.25, "complaint": 0.70, "systolic": 0.80, "bmi": 0.55,
         "smoking": 0.60, "medication_review": 0.45, "flu_vaccine": 0.70, "frailty": 0.55, "blood": 0.95}  # fmt: skip
#: Shares of bloods with each measurement; a result put right later.
MEASURED = {"egfr": 0.95, "haemoglobin": 0.85, "sodium": 0.92, "albumin": 0.70, "hba1c": 0.45}
CORRECTED = 0.004
#: Latent frailty from which a clinician would call it mild, moderate, severe; what they see is off by this much (sd).
DEGREES, EYE = (0.7, 1.5, 2.3), 0.5


def events(desk: Desk, e: Events) -> Iterator[Rows]:
    """``gp_event`` rows of a period."""
    yield from _diagnoses(desk, e)
    yield from _findings(desk, e)
    yield from _reviews(desk, e)
    yield from _bloods(desk, e)


def coded(desk: Desk, person: Array, day: Array, written: Array, code: Words, value: Array | None = None,
          unit: Words | None = None, key: Array | None = None) -> Rows:  # fmt: skip
    """``gp_event`` rows."""
    n = len(person)
    columns: dict[str, Column] = {"event_date": day, "event_time": seconds(desk.rng, n), "system": same("snomed", n), "code": code,
               "value": np.full(n, np.nan) if value is None else value,
               "unit": Words(np.full(n, -1, np.int8), ("",)) if unit is None else unit}  # fmt: skip
    return desk.gp("gp_event", person, written, columns, key)


def _diagnoses(desk: Desk, e: Events) -> Iterator[Rows]:
    if "onset" not in e:
        return
    person, day, condition = (e["onset"][c] for c in ("person", "day", "condition"))
    ever = np.array([c.recorded for c in CONDITIONS])[condition]
    # What began long ago has had more time to be noticed.
    noticed = np.flatnonzero(desk.chance(len(person), np.minimum(ever * desk.habit(person), 0.99)))
    person, day, condition = person[noticed], day[noticed], condition[noticed]
    slow = np.array([25.0 if c.recorded > 0.9 else 120.0 if c.recorded > 0.7 else 400.0 for c in CONDITIONS])[condition]
    seen = day + desk.rng.exponential(slow).astype(np.int32)
    went = desk.gone()[person]
    intime = np.flatnonzero((seen < went) & (went > desk.world.start))
    person, seen, condition = person[intime], seen[intime], condition[intime]
    codes = Words(condition, [CONDITION[c.name] for c in CONDITIONS])
    entry = desk.world.practices.entry[desk.world.lives.practice[person]]
    yield coded(desk, person, seen, seen + desk.rng.exponential(entry).astype(np.int32), codes)


def _findings(desk: Desk, e: Events) -> Iterator[Rows]:
    for name in (c[0] for c in COMPLAINTS):
        if f"finding_{name}" in e:
            person, day = e[f"finding_{name}"]["person"], e[f"finding_{name}"]["day"]
            kept = np.flatnonzero(desk.chance(len(person), CODED["complaint"] * desk.habit(person)))
            yield _found(desk, person[kept], day[kept], name)
    if "fall" in e:
        person, day, hurt = (e["fall"][c] for c in ("person", "day", "hurt"))
        told = np.where(hurt, CODED["fall_hurt"], CODED["fall"])
        kept = np.flatnonzero(desk.chance(len(person), told * desk.habit(person)))
        yield _found(desk, person[kept], day[kept], "fall", wait=4)
    if "stay" in e:
        person, day, end, cause = (e["stay"][c] for c in ("person", "day", "end", "cause"))
        old = day - desk.world.state.birth[person] > 60 * 365.25
        kept = np.flatnonzero((cause == INJURY) & old & ~e["stay"]["died"] & desk.chance(len(person), 0.25))
        letter = end[kept] + desk.delay(len(kept), 10)
        fracture = same(FINDING["fragility_fracture"], len(kept))
        yield coded(desk, person[kept], day[kept], letter, fracture)
    if "infection" in e:
        person, day, kind = (e["infection"][c] for c in ("person", "day", "infection"))
        for i, name in enumerate(("chest_infection", "urine_infection", "cellulitis")):
            kept = np.flatnonzero((kind == i) & desk.chance(len(person), CODED["infection"]))
            yield _found(desk, person[kept], day[kept], name)
    if "residence" in e:
        person, day, alone = (e["residence"][c] for c in ("person", "day", "alone"))
        kept = np.flatnonzero(alone & desk.chance(len(person), 0.25))
        yield _found(desk, person[kept], np.maximum(day[kept], desk.world.start - 900), "lives_alone", wait=60)


def _found(desk: Desk, person: Array, day: Array, name: str, wait: float = 0.3) -> Rows:
    day = day + desk.delay(len(person), wait)
    intime = np.flatnonzero(day < desk.gone()[person])
    person, day = person[intime], day[intime]
    return coded(desk, person, day, day + desk.delay(len(person), 0.5), same(FINDING[name], len(person)))


def _reviews(desk: Desk, e: Events) -> Iterator[Rows]:
    if "review" not in e:
        return
    world, rng = desk.world, desk.rng
    person, day, frailty = (e["review"][c] for c in ("person", "day", "frailty"))
    s = world.state
    age = (day - s.birth[person]) / 365.25

    def did(name: str) -> Array:
        return np.flatnonzero(desk.chance(len(person), CODED[name] * desk.habit(person)))

    def measured(name: str, value: Array, kept: Array) -> Rows:
        n = len(kept)
        return coded(desk, person[kept], day[kept], day[kept], same(MEASURE[name], n), value[kept], same(UNIT[name], n))

    pressure = np.clip(
        118 + 0.32 * (age - 30) + 5 * s.has[INDEX["hypertension"], person] + 13 * rng.standard_normal(len(person)),
        80,
        220,
    )
    yield measured("systolic", np.round(pressure), did("systolic"))
    # A person's own build, from a hash of who they are, thinned by frailty.
    build = (person.astype(np.int64) * 2654435761 % 1000) / 1000
    bmi = 22 + 11 * build + 1.5 * s.deprivation[person] - 1.2 * np.maximum(frailty, 0) + rng.normal(0, 0.6, len(person))
    yield measured("bmi", np.round(np.clip(bmi, 14, 55), 1), did("bmi"))
    kept = did("smoking")
    yield coded(desk, person[kept], day[kept], day[kept], Words(s.smoking[person[kept]], SMOKING))
    kept = did("medication_review")
    kept = kept[age[kept] > 50]
    yield coded(desk, person[kept], day[kept], day[kept], same(DONE["medication_review"], len(kept)))
    kept = did("flu_vaccine")
    kept = kept[(age[kept] > 64)]
    yield coded(desk, person[kept], day[kept], day[kept], same(DONE["flu_vaccine"], len(kept)))
    seen = frailty + rng.normal(0, EYE, len(person))
    degree = np.digitize(seen, DEGREES) - 1
    willing = CODED["frailty"] * world.practices.frailty[world.lives.practice[person]]
    kept = np.flatnonzero((degree >= 0) & (age >= 65) & desk.chance(len(person), willing))
    yield coded(
        desk, person[kept], day[kept], day[kept] + 1, Words(degree[kept].astype(np.int8), list(FRAILTY.values()))
    )


def _bloods(desk: Desk, e: Events) -> Iterator[Rows]:
    if "blood" not in e:
        return
    blood = e["blood"]
    for name, share in MEASURED.items():
        kept = np.flatnonzero(desk.chance(len(blood["person"]), share * CODED["blood"]))
        value = np.round(blood[name][kept])
        person, day, n = blood["person"][kept], blood["day"][kept], len(kept)
        key = np.full(n, -1, np.int64)
        wrong = np.flatnonzero(desk.chance(n, CORRECTED))
        key[wrong] = desk.keys(len(wrong))
        said = value.copy()
        said[wrong] = np.round(said[wrong] * 1.6)
        written = day + desk.delay(n, 2)
        code, unit = same(MEASURE[name], n), same(UNIT[name], n)
        if not len(wrong):
            yield coded(desk, person, day, written, code, said, unit, key)
            continue
        right = coded(desk, person[wrong], day[wrong], written[wrong] + 14, code.at(wrong), value[wrong],
                      unit.at(wrong), key[wrong])  # fmt: skip
        rows = coded(desk, person, day, written, code, said, unit, key)
        yield from revise(rows, right)
