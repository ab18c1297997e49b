"""Everyday use of services: what people do and are given between crises. None of it changes anybody's health here, so
replays of the future leave it out."""

from __future__ import annotations

import numpy as np

from features.population.conditions import INDEX
from features.population.happening import bloods
from features.population.happening.admissions import choose
from features.population.happening.health import burden
from features.population.happening.prescribing import Prescribing
from features.population.happening.state import NO_CARE, Floats, Index, Log, State
from features.population.happening.step import Chances

#: What a consultation is coded with, beside the infections and falls that happened: rate a year for a robust person,
#: log rate ratio a unit of frailty, and conditions that multiply it.
COMPLAINTS: tuple[tuple[str, float, float, dict[str, float]], ...] = (
    ("dyspnoea", 0.03, 0.45, {"copd": 4.0, "heart_failure": 4.0, "asthma": 2.0}),
    ("dizziness", 0.03, 0.45, {}), ("memory", 0.004, 0.80, {"dementia": 6.0}),
    ("weight_loss", 0.008, 0.70, {"cancer": 3.0, "dementia": 2.0}), ("fatigue", 0.07, 0.30, {"anaemia": 2.5, "depression": 2.0}),
    ("sleep", 0.05, 0.10, {"depression": 3.0}), ("mobility", 0.004, 1.05, {"arthritis": 2.0, "parkinsons": 3.0, "stroke": 2.0}),
    ("syncope", 0.01, 0.45, {"af": 2.0, "valve": 2.0}), ("constipation", 0.03, 0.50, {"parkinsons": 3.0}),
    ("chest_pain", 0.04, 0.20, {"ihd": 4.0}), ("cough", 0.14, 0.10, {"copd": 2.5}), ("back_pain", 0.14, 0.10, {}),
    ("abdominal_pain", 0.07, 0.10, {}), ("low_mood", 0.08, 0.05, {"depression": 4.0, "smi": 2.0}),
    ("housebound", 0.0009, 1.55, {}),
)  # fmt: skip
FOLLOW_UP = [INDEX[n] for n in ("diabetes", "ihd", "heart_failure", "af", "copd", "ckd", "cancer", "epilepsy", "vision",
                                "arthritis", "parkinsons", "stroke", "pvd", "skin_ulcer")]  # fmt: skip
#: Days before they come of which newcomers bring blood tests.
BROUGHT = 1100
WARDS = {"day_case": 0, "ordinary": 1, "maternity": 2}


class Activity:
    """Draws a step's everyday activity into the log. Holds what each person is prescribed."""

    def __init__(self, s: State, rng: np.random.Generator) -> None:
        self.s, self.rng = s, rng
        self.prescribing = Prescribing(s, rng)
        self.phase = rng.integers(0, 24, len(s)).astype(np.int8)
        #: How readily each person goes to the doctor, whatever ails them.
        self.readiness = rng.lognormal(-0.08, 0.4, len(s)).astype(np.float32)

    def step(self, chances: Chances, start: int, end: int, number: int, log: Log) -> None:
        s, days = self.s, end - start
        year = np.float32(days / 365.25)
        soft, ill, age = s.softened(), burden(s.has), s.age(start)
        prone = np.exp(0.8 * s.lasting + 0.9 * s.swing + s.flare)
        # Ill people in hospital or dead have no appointments.
        free = (s.present & (s.out <= start)).astype(np.float32)
        self._contacts(soft, ill, prone, free, start, days, log)
        self._complaints(soft, prone, free * year, start, days, log)
        self._reviews(ill, age, free > 0, number, start, days, log)
        self._attendances(chances, prone, soft, free * year, start, days, log)
        self._hospital(soft, ill, age, free * year, start, days, log)
        self._community(free, start, days, log)
        self._inquiries(soft, free * year, start, days, log)
        self.prescribing.step(soft, age, free > 0, number, start, days, log)

    def brought(self, people: Index, came: np.ndarray, start: int, log: Log) -> None:
        """Blood tests of the years before ``people`` came: the record of their practice comes with them."""
        often = self.rng.poisson(0.8 + 0.5 * burden(self.s.has[:, people]))
        who = np.repeat(np.arange(len(people)), often)
        if len(who):
            day = came[who] - self.rng.integers(10, BROUGHT, len(who))
            log.add("blood", people[who], day=day.astype(np.int32), **bloods.draw(self.s, people[who], start, self.rng))

    def _days(self, count: int, start: int, days: int) -> np.ndarray:
        return (start + self.rng.integers(0, days, count)).astype(np.int32)

    def _often(self, rate: Floats, start: int, days: int) -> tuple[np.ndarray, np.ndarray]:
        """People and days of events at ``rate`` in this step, possibly several each."""
        times = self.rng.poisson(rate)
        people = np.repeat(np.arange(len(rate)), times)
        return people, self._days(len(people), start, days)

    def _contacts(
        self, soft: Floats, ill: Floats, prone: Floats, free: Floats, start: int, days: int, log: Log
    ) -> None:
        rate = (3.2 + 1.1 * ill + 1.3 * soft) * self.readiness * np.power(prone, 0.6) * free * np.float32(days / 365.25)
        rate *= np.where(self.s.female, np.float32(1.12), np.float32(0.85))
        people, day = self._often(rate, start, days)
        log.add("contact", people, day=day, soft=soft[people], alone=self.s.alone[people])

    def _complaints(self, soft: Floats, prone: Floats, free: Floats, start: int, days: int, log: Log) -> None:
        for name, rate, frailty, loads in COMPLAINTS:
            yearly = np.float32(rate * 1.5) * np.exp(np.float32(frailty) * soft) * free * prone
            for condition, ratio in loads.items():
                yearly *= np.where(self.s.has[INDEX[condition]], np.float32(ratio), np.float32(1))
            people = np.flatnonzero(self.rng.random(len(soft), dtype=np.float32) < yearly)
            log.add(f"finding_{name}", people, day=self._days(len(people), start, days))

    def _reviews(
        self, ill: Floats, age: Floats, free: np.ndarray, number: int, start: int, days: int, log: Log
    ) -> None:
        due = free & (self.phase == number % 24) & ((ill >= 1) | (age >= 65) | (self.rng.random(len(ill)) < 0.2))
        people = np.flatnonzero(due)
        people = people[self.rng.random(len(people)) < 0.85]
        tested = people[self.rng.random(len(people)) < np.where(ill[people] + (age[people] > 70) >= 1, 0.85, 0.4)]
        log.add("review", people, day=self._days(len(people), start, days), frailty=self.s.frailty[people],
                alone=self.s.alone[people], has=self.s.bits(people))  # fmt: skip
        # Blood is also taken when something is wrong.
        unwell = np.flatnonzero(
            free & (self.rng.random(len(ill)) < np.clip(0.010 * ill * np.exp(self.s.flare), 0, 0.3))
        )
        self._bloods(np.concatenate([tested, unwell]), start, days, log)

    def _bloods(self, people: np.ndarray, start: int, days: int, log: Log) -> None:
        day = self._days(len(people), start, days)
        log.add("blood", people, day=day, **bloods.draw(self.s, people, start, self.rng))

    def _attendances(
        self, chances: Chances, prone: Floats, soft: Floats, free: Floats, start: int, days: int, log: Log
    ) -> None:
        rate = (0.085 + 0.062 * soft) * prone * free * np.exp(0.6 * self.s.deprivation)
        rate += 0.25 * chances.admission
        people = np.flatnonzero(self.rng.random(len(soft), dtype=np.float32) < rate)
        log.add("attendance", people, day=self._days(len(people), start, days), soft=soft[people],
                cause=choose(chances.by_cause[:, people], self.rng))  # fmt: skip
        people = np.flatnonzero(self.rng.random(len(soft), dtype=np.float32) < (0.09 + 0.04 * soft) * prone * free)
        log.add("call", people, day=self._days(len(people), start, days), soft=soft[people],
                cause=choose(chances.by_cause[:, people], self.rng))  # fmt: skip

    def _hospital(self, soft: Floats, ill: Floats, age: Floats, free: Floats, start: int, days: int, log: Log) -> None:
        s, rng = self.s, self.rng
        follow = s.has[FOLLOW_UP].sum(axis=0)
        people, day = self._often(
            (1.05 + 0.65 * follow + 0.25 * ill + 2.0 * s.has[INDEX["cancer"]]) * free, start, days
        )
        log.add("outpatient", people, day=day, soft=soft[people])
        planned = (
            (0.035 + 0.0022 * np.clip(age - 30, 0, 50) + 0.28 * s.has[INDEX["cancer"]] + 0.02 * ill, "day_case", 0),
            (0.010 + 0.0006 * np.clip(age - 30, 0, 45) + 0.03 * s.has[INDEX["arthritis"]], "ordinary", 3),
            (np.where(s.female & (age > 19) & (age < 42), 0.07, 0.0), "maternity", 2),
        )
        for rate, ward, nights in planned:
            people = np.flatnonzero(rng.random(len(soft), dtype=np.float32) < rate * free)
            day = self._days(len(people), start, days)
            # Home again by the step's end, so that no planned stay runs into an emergency.
            stay = (
                np.minimum(rng.poisson(nights, len(people)), start + days - day)
                if nights
                else np.zeros(len(people), int)
            )
            log.add("planned", people, day=day, end=(day + stay).astype(np.int32), ward=np.int8(WARDS[ward]))

    def _community(self, free: Floats, start: int, days: int, log: Log) -> None:
        s = self.s
        people, day = self._often(np.where(s.nursed, 1.2, 0) * free, start, days)
        log.add("nursing_visit", people, day=day)
        people, day = self._often(np.where(s.reablement > start, 1.5, 0) * free, start, days)
        log.add("rehabilitation_visit", people, day=day)

    def _inquiries(self, soft: Floats, free: Floats, start: int, days: int, log: Log) -> None:
        """Those who ask the council for help and have too little need, or too much money, to be given any."""
        asks = self.rng.random(len(soft), dtype=np.float32) < np.float32(0.016) * np.clip(soft - 0.5, 0, 3) * free
        people = np.flatnonzero(asks & ((self.s.stage == NO_CARE) | self.s.self_funder))
        log.add("inquiry", people, day=self._days(len(people), start, days))
