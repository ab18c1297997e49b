"""Medicines: repeats that follow conditions, issued monthly or two-monthly, and courses now and then."""

from __future__ import annotations

import numpy as np

from features.population.codes import DRUG
from features.population.conditions import INDEX
from features.population.happening.state import Floats, Log, State

#: Drug, condition, chance that someone with the condition is given it as a repeat.
REPEATS: tuple[tuple[str, str, float], ...] = (
    ("amlodipine", "hypertension", 0.45), ("ramipril", "hypertension", 0.45), ("losartan", "hypertension", 0.20),
    ("atorvastatin", "diabetes", 0.65), ("metformin", "diabetes", 0.65), ("gliclazide", "diabetes", 0.20),
    ("insulin", "diabetes", 0.15), ("aspirin", "ihd", 0.70), ("bisoprolol", "ihd", 0.55), ("glyceryl", "ihd", 0.40),
    ("atorvastatin", "ihd", 0.80), ("furosemide", "heart_failure", 0.75), ("spironolactone", "heart_failure", 0.35),
    ("ramipril", "heart_failure", 0.55), ("bisoprolol", "heart_failure", 0.60), ("apixaban", "af", 0.65),
    ("warfarin", "af", 0.12), ("bisoprolol", "af", 0.55), ("digoxin", "af", 0.15), ("clopidogrel", "stroke", 0.65),
    ("atorvastatin", "stroke", 0.70), ("salbutamol", "copd", 0.80), ("tiotropium", "copd", 0.60),
    ("beclometasone", "copd", 0.45), ("salbutamol", "asthma", 0.75), ("beclometasone", "asthma", 0.65),
    ("iron", "anaemia", 0.45), ("folate", "anaemia", 0.20), ("donepezil", "dementia", 0.35),
    ("co_careldopa", "parkinsons", 0.85), ("levetiracetam", "epilepsy", 0.60), ("sertraline", "depression", 0.40),
    ("mirtazapine", "depression", 0.18), ("amitriptyline", "depression", 0.12), ("olanzapine", "smi", 0.40),
    ("quetiapine", "smi", 0.30), ("alendronate", "osteoporosis", 0.50), ("colecalciferol", "osteoporosis", 0.60),
    ("naproxen", "arthritis", 0.12), ("codeine", "arthritis", 0.22), ("paracetamol", "arthritis", 0.40),
    ("gabapentin", "arthritis", 0.08), ("lansoprazole", "arthritis", 0.30), ("omeprazole", "ihd", 0.30),
    ("levothyroxine", "hypothyroid", 0.95), ("mirabegron", "incontinence", 0.30), ("tamsulosin", "incontinence", 0.15),
    ("atorvastatin", "pvd", 0.65), ("clopidogrel", "pvd", 0.50), ("colecalciferol", "ckd", 0.20),
    ("lithium", "smi", 0.10), ("methotrexate", "arthritis", 0.02), ("azathioprine", "arthritis", 0.01), ("tamoxifen", "cancer", 0.10),
    ("latanoprost", "vision", 0.25), ("oxygen", "copd", 0.12), ("morphine", "cancer", 0.06),
)  # fmt: skip
#: Drugs given to the frail whatever they have: yearly rate of starting for a robust person, log ratio a unit of frailty.
STARTS: tuple[tuple[str, float, float], ...] = (
    ("omeprazole", 0.012, 0.40), ("senna", 0.003, 1.00), ("macrogol", 0.003, 1.00), ("paracetamol", 0.006, 0.75),
    ("codeine", 0.005, 0.60), ("morphine", 0.001, 0.80), ("zopiclone", 0.003, 0.30), ("sip_feed", 0.0008, 1.25),
    ("colecalciferol", 0.006, 0.65), ("amitriptyline", 0.006, 0.15), ("sertraline", 0.012, 0.10),
    ("nasal_budesonide", 0.010, 0.0), ("metoclopramide", 0.002, 0.55), ("hydrocortisone_cream", 0.010, 0.15),
)  # fmt: skip
NAMES: tuple[str, ...] = tuple(DRUG)
CODES: tuple[str, ...] = tuple(DRUG.values())
NUMBER = {name: i for i, name in enumerate(NAMES)}
#: A year: the share of repeats of the frail's own drugs that is stopped.
STOPPED = 0.25


class Prescribing:
    """Who is on what, and the items issued in each step."""

    def __init__(self, s: State, rng: np.random.Generator) -> None:
        self.s, self.rng = s, rng
        self.on = np.zeros((len(NAMES), len(s)), bool)
        self.had = np.zeros_like(s.has)
        self.phase = rng.integers(0, 4, len(s)).astype(np.int8)
        self.bimonthly = rng.random(len(s)) < 0.3
        self._follow_conditions()
        soft = s.softened()
        for name, rate, frailty in STARTS:
            self.on[NUMBER[name]] |= rng.random(len(s)) < rate * np.exp(frailty * soft) / (STOPPED + rate)

    def _follow_conditions(self) -> None:
        fresh = self.s.has & ~self.had
        for drug, condition, chance in REPEATS:
            people = np.flatnonzero(fresh[INDEX[condition]])
            if len(people):
                given = people[self.rng.random(len(people)) < chance]
                self.on[NUMBER[drug], given] = True
        np.copyto(self.had, self.s.has)

    def step(self, soft: Floats, age: Floats, free: np.ndarray, number: int, start: int, days: int, log: Log) -> None:
        """Items of ``[start, start + days)``: repeats of those whose turn it is; drugs begun and stopped monthly."""
        if number % 2 == 0:
            self._follow_conditions()
            for name, rate, frailty in STARTS:
                draw = self.rng.random(len(soft), dtype=np.float32)
                row = self.on[NUMBER[name]]
                row &= draw < 1 - STOPPED / 12
                row |= draw < np.float32(rate / 12) * np.exp(np.float32(frailty) * soft)
        due = free & np.where(self.bimonthly, self.phase == number % 4, self.phase % 2 == number % 2)
        people = np.flatnonzero(due)
        drug, column = np.nonzero(self.on[:, people])
        who = people[column]
        # A visit to the pharmacy is one day for all of a person's items; the odd item is not ordered.
        visit = start + self.rng.integers(0, days, len(people))
        ordered = self.rng.random(len(who)) < 0.93
        who, drug, column = who[ordered], drug[ordered], column[ordered]
        log.add("item", who, day=visit[column].astype(np.int32), drug=drug.astype(np.int8),
                days=np.where(self.bimonthly[who], 56, 28).astype(np.int8))  # fmt: skip
