"""Lesser conditions: diagnosed and coded, but of no effect of their own on what happens here.

Some come with age, sex and deprivation alone: prevalence is logistic in age, and each person's own threshold says at which age
theirs begins. The others follow a condition of :mod:`features.population.conditions` in a share of those who have it. Prevalences
are of the order of England's registers and surveys and are not fitted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.coding import ICD10, SNOMED
from features.population.conditions import INDEX
from features.population.happening.history import World, stream
from features.population.happening.state import NEVER


@dataclass(frozen=True)
class Lesser:
    """``snomed`` as practices code it, ``icd10`` as hospitals do ("" where they do not). ``at65``, ``slope``, ``female`` and
    ``deprived`` as of a condition; or ``after`` (a condition) in a ``share`` of those with it."""

    name: str
    snomed: str
    icd10: str = ""
    at65: float = 0.0
    slope: float = 0.3
    female: float = 0.0
    deprived: float = 0.0
    frail: float = 0.2
    after: str = ""
    share: float = 0.0

    def __post_init__(self) -> None:
        SNOMED.check(self.snomed)
        if self.icd10:
            ICD10.check(self.icd10)
        if self.after not in ("", *INDEX):
            raise ValueError(f"{self.name}: expected a condition, found {self.after!r}")


LESSER: tuple[Lesser, ...] = (
    Lesser("anxiety", "197480006", "F419", 0.10, 0.0, 0.5, 0.6),
    Lesser("obesity", "414916001", "E669", 0.12, 0.0, 0.1, 0.7),
    Lesser("gout", "90560007", "M109", 0.045, 0.5, -1.2),
    Lesser("migraine", "37796009", "G439", 0.06, 0.0, 1.0),
    Lesser("psoriasis", "9014002", "L409", 0.03, 0.05),
    Lesser("sleep_apnoea", "73430006", "G473", 0.025, 0.1, -0.9, 0.3),
    Lesser("fibromyalgia", "203082005", "M797", 0.012, 0.05, 1.4, 0.6),
    Lesser("polymyalgia", "65323003", "M353", 0.008, 1.0, 0.7),
    Lesser("inflammatory_arthritis", "69896004", "M069", 0.015, 0.4, 0.8, 0.2),
    Lesser("connective_tissue_disease", "55464009", "M329", 0.004, 0.1, 1.8),
    Lesser("inflammatory_bowel_disease", "24526004", "K509", 0.010, 0.05),
    Lesser("diverticular_disease", "397881000", "K573", 0.06, 0.7, 0.1),
    Lesser("peptic_ulcer", "13200003", "K279", 0.035, 0.5, -0.4, 0.7),
    Lesser("prostate_enlargement", "266569009", "N40X", 0.10, 0.9, -12.0),
    Lesser("bronchiectasis", "12295008", "J47X", 0.008, 0.6, 0.2),
    Lesser("interstitial_lung_disease", "233703007", "J849", 0.006, 0.8, -0.3),
    Lesser("sarcoidosis", "31541009", "D869", 0.002, 0.0),
    Lesser("venous_thromboembolism", "128053003", "I802", 0.020, 0.6, 0.1, 0.2),
    Lesser("multiple_sclerosis", "24700007", "G35X", 0.004, 0.0, 1.0),
    Lesser("motor_neurone_disease", "37340000", "G122", 0.0008, 0.5),
    Lesser("learning_disability", "110359009", "F799", 0.005, 0.0, -0.3, 0.5),
    Lesser("drug_dependence", "191816009", "", 0.006, 0.0, -0.8, 1.6),
    Lesser("osteopenia", "312894000", "", 0.03, 0.6, 1.3),
    Lesser("essential_tremor", "609558009", "", 0.012, 0.7),
    Lesser("corns", "201037000", "", 0.04, 0.6, 0.6, frail=0.5),
    Lesser("transient_ischaemic_attack", "266257000", "G459", 0.018, 0.9),
    Lesser("mild_cognitive_impairment", "386805003", "F067", 0.006, 1.2, frail=0.6),
    Lesser("hemiplegia", "50582007", "G819", after="stroke", share=0.18),
    Lesser("diabetic_neuropathy", "230572002", "E114", after="diabetes", share=0.10),
    Lesser("diabetic_retinopathy", "4855003", "E113", after="diabetes", share=0.18),
    Lesser("end_stage_renal_disease", "433146000", "N185", after="ckd", share=0.05),
    Lesser("metastatic_cancer", "128462008", "C798", after="cancer", share=0.12),
    Lesser("alcohol_dependence", "66590003", "", after="liver", share=0.30),
    Lesser("cirrhosis", "19943007", "K746", after="liver", share=0.22),
    Lesser("oesophageal_varices", "28670008", "I859", after="liver", share=0.16),
    Lesser("chronic_pancreatitis", "235494005", "K861", after="liver", share=0.10),
    Lesser("left_ventricular_failure", "134401001", "", after="heart_failure", share=0.25),
    Lesser("wrist_fracture", "12676007", "", after="osteoporosis", share=0.20),
    Lesser("vertebral_fracture", "240198002", "M485", after="osteoporosis", share=0.12),
)  # fmt: skip
#: Of those whose lesser condition follows another, the mean days between the two.
FOLLOWS_BY = 900.0


def thresholds(world: World, lesser: Lesser) -> np.ndarray:
    """Two draws of each person (float32, 2 by people): whether, and how early. The same whenever they are asked for."""
    return stream(world.seed, f"lesser {lesser.name}").random((2, world.people), dtype=np.float32)


def onset(world: World, lesser: Lesser, people: np.ndarray) -> np.ndarray:
    """The day (int32) on which a condition that comes with age begins in each of ``people``; NEVER in those whom it spares."""
    s = world.state
    drawn, early = thresholds(world, lesser)[:, people]
    drawn = np.clip(drawn, 1e-6, 1 - 1e-6)
    odds = np.log(lesser.at65 / (1 - lesser.at65)) + lesser.female * (s.female[people] - 0.5)
    odds += lesser.deprived * s.deprivation[people] + lesser.frail * s.robust[people]
    # The age at which the curve of prevalence reaches the person's draw; where it never does within a life, or always did,
    # the condition is never or began at some time of youth.
    short = np.log(drawn / (1 - drawn)) - odds
    years = 65 + 10 * short / lesser.slope if lesser.slope else np.where(short < 0, 0.0, np.inf)
    years = np.where(years < 12, 8 + 45 * early, years)
    return np.where(years < 110, s.birth[people] + np.minimum(years, 110) * 365.25, NEVER).astype(np.int32)


def follows(world: World, lesser: Lesser, people: np.ndarray) -> np.ndarray:
    """Which of ``people``, who have the condition it follows, come to have it too."""
    found: np.ndarray = thresholds(world, lesser)[0, people] < lesser.share
    return found
