"""What practices code: diagnoses, findings, what was done at reviews, frailty. Each practice has its own thoroughness."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from features.population.causes import INJURY
from features.population.codes import CONDITION, DONE, FINDING, FRAILTY, SMOKING
from features.population.conditions import CONDITIONS, INDEX
from features.population.happening.activity import COMPLAINTS
from features.population.happening.history import Events
from features.population.recording.desk import Desk, seconds
from features.population.recording.rows import Array, Column, Rows, Words, same

#: Chance that a practice codes what it was told of.
CODED = {
    "infection": 0.75,
    "fall_hurt": 0.60,
    "fall": 0.25,
    "complaint": 0.70,
    "smoking": 0.60,
    "frailty": 0.55,
    "widowed": 0.45,
}
#: Latent frailty from which a clinician would call it mild, moderate, severe; what they see is off by this much (sd).
DEGREES, EYE = (0.7, 1.5, 2.3), 0.5


def events(desk: Desk, e: Events) -> Iterator[Rows]:
    """``gp_event`` rows of a period."""
    yield from _diagnoses(desk, e)
    yield from _findings(desk, e)
    yield from _reviews(desk, e)


def coded(desk: Desk, person: Array, day: Array, written: Array, code: Words, unit: Words | None = None, *,
          value: Array | None = None, key: Array | None = None) -> Rows:  # fmt: skip
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
    if "widowed" in e:
        person, day = e["widowed"]["person"], e["widowed"]["day"]
        kept = np.flatnonzero(desk.chance(len(person), CODED["widowed"] * desk.habit(person)))
        yield _found(desk, person[kept], day[kept], "bereaved", wait=20)


def _found(desk: Desk, person: Array, day: Array, name: str, wait: float = 0.3) -> Rows:
    day = day + desk.delay(len(person), wait)
    intime = np.flatnonzero(day < desk.gone()[person])
    person, day = person[intime], day[intime]
    return coded(desk, person, day, day + desk.delay(len(person), 0.5), same(FINDING[name], len(person)))


#: What is done at a review: code, share of those whom it is for.
DONE_AT_REVIEW = {"medication_review": 0.45, "flu_vaccine": 0.70, "pneumococcal_vaccine": 0.09, "shingles_vaccine": 0.10,
                  "covid_vaccine": 0.45, "asthma_copd_review": 0.60, "diabetes_review": 0.65, "dementia_review": 0.50}  # fmt: skip
#: What is noted there of a frail person, and the share of reviews for each unit of (softened) frailty above the first number.
NOTED = {"appetite": (0.8, 0.012), "swallowing": (1.0, 0.010), "recurrent_falls": (1.0, 0.02), "disability": (0.9, 0.04),
         "home_help": (1.4, 0.03), "lonely": (0.2, 0.012), "no_carer": (0.8, 0.02), "housing": (-2.0, 0.002),
         "social_services": (0.9, 0.02), "vulnerable": (1.0, 0.012)}  # fmt: skip
#: Of them, what is noted of those alone only.
OF_THE_ALONE = ("lonely", "no_carer")


def _reviews(desk: Desk, e: Events) -> Iterator[Rows]:
    if "review" not in e:
        return
    world, rng, review = desk.world, desk.rng, e["review"]
    person, day, frailty = (review[c] for c in ("person", "day", "frailty"))
    s = world.state
    age = (day - s.birth[person]) / 365.25

    def has(name: str) -> Array:
        return (review["has"] >> np.uint32(INDEX[name])) & 1 == 1

    def chosen(share: Array | float) -> Array:
        found: Array = desk.chance(len(person), share * desk.habit(person))
        return found

    whom = {"medication_review": age > 50, "flu_vaccine": age > 64, "pneumococcal_vaccine": age > 64,
            "shingles_vaccine": (age > 69) & (age < 81), "covid_vaccine": age > 64, "asthma_copd_review": has("asthma") | has("copd"),
            "diabetes_review": has("diabetes"), "dementia_review": has("dementia")}  # fmt: skip
    kept = np.flatnonzero(chosen(CODED["smoking"]))
    yield coded(desk, person[kept], day[kept], day[kept], Words(s.smoking[person[kept]], SMOKING))
    soft = np.log1p(np.exp(frailty))
    codes = {
        **{DONE[name]: chosen(share) & whom[name] for name, share in DONE_AT_REVIEW.items()},
        **{FINDING[name]: chosen(np.clip(share * (soft - above), 0, 0.3)) & (review["alone"] | (name not in OF_THE_ALONE))
           for name, (above, share) in NOTED.items()},
        FINDING["heavy_drinker"]: chosen(0.25) & s.drinker[person],
    }  # fmt: skip
    where = [np.flatnonzero(which) for which in codes.values()]
    every = np.concatenate(where)
    number = np.repeat(np.arange(len(codes), dtype=np.int8), [len(w) for w in where])
    yield coded(desk, person[every], day[every], day[every], Words(number, list(codes)))
    seen = frailty + rng.normal(0, EYE, len(person))
    degree = np.digitize(seen, DEGREES) - 1
    willing = CODED["frailty"] * world.practices.frailty[world.lives.practice[person]]
    kept = np.flatnonzero((degree >= 0) & (age >= 65) & desk.chance(len(person), willing))
    yield coded(
        desk, person[kept], day[kept], day[kept] + 1, Words(degree[kept].astype(np.int8), list(FRAILTY.values()))
    )
