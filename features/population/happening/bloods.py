"""What a blood test would find: values of each analyte from what is true of a person at the time."""

from __future__ import annotations

import numpy as np

from features.population.conditions import INDEX
from features.population.happening.state import Floats, Index, State

#: Analytes, in the order in which their noise is drawn.
ANALYTES = ("egfr", "haemoglobin", "albumin", "sodium", "hba1c", "creatinine", "potassium", "crp", "tsh", "platelets", "white_cells",
            "alt", "alkaline_phosphatase", "calcium", "vitamin_d", "cholesterol", "urine_albumin_creatinine")  # fmt: skip


def draw(s: State, people: Index, start: int, rng: np.random.Generator) -> dict[str, Floats]:
    """Values (float32) of each of :data:`ANALYTES` for ``people``, in the units of ``codes.UNIT``."""
    soft, age, flare = s.softened(people), s.age(start)[people], np.maximum(s.flare[people], 0)
    female, setback = s.female[people], s.setback[people]
    noise = dict(zip(ANALYTES, rng.standard_normal((len(ANALYTES), len(people)), dtype=np.float32), strict=True))

    def has(name: str) -> np.ndarray:
        return s.has[INDEX[name], people]

    egfr = np.clip(
        100 - 0.62 * (age - 35) - 24 * has("ckd") - 5 * has("heart_failure") + 9 * noise["egfr"] - 5 * setback, 6, 125
    )
    ill = has("ihd") | has("diabetes")
    values = {
        "egfr": egfr,
        "haemoglobin": np.clip(147 - 10 * female - 20 * has("anaemia") - 3.0 * soft + 9 * noise["haemoglobin"], 60, 190),
        "albumin": np.clip(43 - 1.6 * soft - 3 * setback - 1.2 * s.flare[people] + 2.6 * noise["albumin"], 18, 52),
        "sodium": np.clip(140 - 0.5 * soft - 1.2 * has("heart_failure") + 2.4 * noise["sodium"], 115, 152),
        "hba1c": np.where(has("diabetes"), np.clip(58 + 13 * noise["hba1c"], 35, 140), np.clip(37 + 3.2 * noise["hba1c"], 26, 47)),
        "creatinine": np.clip(np.where(female, 66, 84) * (90 / egfr) ** 0.9 * np.exp(0.06 * noise["creatinine"]), 30, 900),
        "potassium": np.clip(4.3 + 0.25 * has("ckd") + 0.42 * noise["potassium"], 2.4, 6.9),
        "crp": np.clip(np.exp(0.8 + 0.25 * soft + 0.8 * flare + 0.9 * noise["crp"]), 1, 300),
        "tsh": np.clip(np.exp(0.6 + 0.3 * has("hypothyroid") + 0.55 * noise["tsh"]), 0.02, 60),
        "platelets": np.clip(np.exp(5.5 + 0.10 * has("cancer") + 0.25 * noise["platelets"]), 15, 900),
        "white_cells": np.clip(np.exp(1.92 + 0.12 * flare + 0.26 * noise["white_cells"]), 1.5, 40),
        "alt": np.clip(np.exp(3.1 + 0.6 * has("liver") + 0.42 * noise["alt"]), 5, 800),
        "alkaline_phosphatase": np.clip(np.exp(4.35 + 0.25 * has("cancer") + 0.3 * noise["alkaline_phosphatase"]), 20, 1200),
        "calcium": np.clip(2.35 + 0.04 * has("cancer") + 0.10 * noise["calcium"], 1.7, 3.6),
        "vitamin_d": np.clip(56 - 6 * soft + 21 * noise["vitamin_d"], 10, 160),
        "cholesterol": np.clip(5.3 - 0.9 * ill - 0.2 * soft + 0.95 * noise["cholesterol"], 2.0, 10.0),
        "urine_albumin_creatinine": np.clip(
            np.exp(0.3 + 0.6 * has("diabetes") + 1.1 * has("ckd") + 0.85 * noise["urine_albumin_creatinine"]), 0.3, 300),
    }  # fmt: skip
    return {name: value.astype(np.float32) for name, value in values.items()}
