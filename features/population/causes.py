"""Why people are admitted as emergencies: one declaration a cause.

The base rate is that of a person with no condition and no frailty; frailty, conditions, season, deprivation and the
person's own unseen proneness multiply it. Rates and effects are set so that the area as a whole comes near the published
figures of ``rates``; no single one of them is a published estimate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from features.population.conditions import CONDITIONS, INDEX


@dataclass(frozen=True)
class Cause:
    """``rate`` a year for a robust person; ``young`` the further rate at ages under 45 that fades with age;
    ``frailty`` log rate ratio a unit of (softened) frailty; ``loads`` log rate ratios of conditions; ``winter`` the
    share by which mid-winter is above the year's mean; ``stay`` log days beyond the usual stay; ``death`` log odds of
    dying in the stay beyond the usual."""

    name: str
    rate: float
    frailty: float
    young: float = 0.0
    female: float = 0.0
    deprived: float = 0.6
    winter: float = 0.05
    stay: float = 0.0
    death: float = 0.0
    loads: Mapping[str, float] = field(default_factory=dict)


CAUSES: tuple[Cause, ...] = (
    Cause("chest", 0.0026, 0.88, 0.00045, deprived=0.9, winter=0.45, stay=0.15, death=0.45,
          loads={"copd": 1.7, "asthma": 0.7, "heart_failure": 0.6, "dementia": 0.4, "parkinsons": 0.5, "smi": 0.4}),
    Cause("heart", 0.00248, 0.69, 0.0, female=-0.4, deprived=0.5, winter=0.12, death=0.35,
          loads={"heart_failure": 1.7, "ihd": 1.2, "af": 0.8, "valve": 0.7, "ckd": 0.4, "diabetes": 0.3, "hypertension": 0.3}),
    Cause("infection", 0.0026, 0.94, 0.0009, female=0.2, winter=0.05, stay=0.2, death=0.5,
          loads={"diabetes": 0.5, "incontinence": 0.6, "skin_ulcer": 0.9, "ckd": 0.5, "dementia": 0.5, "parkinsons": 0.4,
                 "stroke": 0.3, "cancer": 0.4, "liver": 0.5}),
    Cause("injury", 0.0036, 1.0, 0.0018, female=0.1, winter=0.10, stay=0.35, death=-0.1,
          loads={"osteoporosis": 0.5, "dementia": 0.6, "parkinsons": 0.9, "stroke": 0.4, "epilepsy": 0.6, "vision": 0.3,
                 "arthritis": 0.2, "liver": 0.6}),
    Cause("gut", 0.00496, 0.5, 0.00225, female=0.1, stay=-0.1, loads={"liver": 1.0, "cancer": 0.5, "anaemia": 0.5}),
    Cause("brain", 0.00186, 0.75, 0.00045, stay=0.35, death=0.3,
          loads={"stroke": 1.0, "epilepsy": 2.0, "af": 0.5, "parkinsons": 0.9, "dementia": 0.5, "hypertension": 0.3}),
    Cause("mind", 0.00136, 0.19, 0.00405, female=0.1, deprived=1.3, winter=0.0, stay=-0.1, death=-2.0,
          loads={"smi": 1.9, "depression": 1.2, "liver": 1.3, "epilepsy": 0.4}),
    Cause("metabolic", 0.00112, 0.94, 0.00045, stay=0.1, death=0.1,
          loads={"diabetes": 1.3, "ckd": 1.1, "heart_failure": 0.5, "anaemia": 0.7, "liver": 0.7}),
    Cause("cancer", 0.00056, 0.5, 0.0, deprived=0.2, stay=0.3, death=1.4, loads={"cancer": 2.6}),
    Cause("symptoms", 0.00682, 0.56, 0.0036, female=0.1, deprived=0.7, stay=-0.3, death=-0.6,
          loads={"depression": 0.4, "ihd": 0.5, "epilepsy": 0.4, "dementia": 0.3}),
)  # fmt: skip

NAMES: tuple[str, ...] = tuple(c.name for c in CAUSES)
INJURY = NAMES.index("injury")

#: Log rate ratios of dying outside hospital.
DEATH_LOADS: Mapping[str, float] = {"cancer": 0.9, "heart_failure": 0.7, "copd": 0.5, "dementia": 0.7, "liver": 0.9,
                                    "ckd": 0.3, "stroke": 0.3, "parkinsons": 0.4, "diabetes": 0.2, "smi": 0.5}  # fmt: skip


#: How far one condition's load on a cause is felt: the loads above are of the usual relative size.
LOAD = 1.25


def _loads() -> np.ndarray:
    table = np.zeros((len(CAUSES) + 1, len(CONDITIONS)), np.float32)
    for row, loads in enumerate([*(c.loads for c in CAUSES), DEATH_LOADS]):
        for name, value in loads.items():
            table[row, INDEX[name]] = value * (LOAD if row < len(CAUSES) else 1.0)
    return np.exp(table)


#: Rate ratio of each cause (and, in the last row, of death) for each condition, (causes + 1, conditions).
RATIOS = _loads()
