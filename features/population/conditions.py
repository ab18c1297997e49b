"""Long-term conditions: how common each is by age, who has more of it, and what it does to frailty.

One declaration gives both prevalence and incidence: prevalence at age *a* is logistic in *a*, and incidence is what keeps
that curve standing while people age (the curve's slope), raised a little because the ill die sooner. Prevalences at 65
and slopes are rounded to the order of NHS England's Quality and Outcomes Framework registers and of the Health Survey for
England; they are not fitted. Effects of sex, deprivation and smoking are log odds ratios of the usual direction and size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Condition:
    """``at65`` prevalence at age 65 (average person); ``slope`` log odds a decade of age; the rest log odds ratios:
    ``female``, ``deprived`` (most against least deprived decile), ``smoker`` (current against never), ``drinker``.
    ``frailty`` is what it adds to latent frailty; ``recorded`` the chance that a practice ever codes it."""

    name: str
    at65: float
    slope: float
    female: float = 0.0
    deprived: float = 0.0
    smoker: float = 0.0
    drinker: float = 0.0
    frailty: float = 0.1
    recorded: float = 0.93


CONDITIONS: tuple[Condition, ...] = (
    Condition("hypertension", 0.38, 0.75, deprived=0.3, frailty=0.03, recorded=0.94),
    Condition("diabetes", 0.13, 0.40, female=-0.35, deprived=0.7, frailty=0.12, recorded=0.96),
    Condition("ihd", 0.09, 0.70, female=-0.8, deprived=0.5, smoker=0.5, frailty=0.14),
    Condition("heart_failure", 0.022, 0.95, female=-0.3, deprived=0.4, smoker=0.3, frailty=0.35, recorded=0.80),
    Condition("af", 0.035, 0.95, female=-0.4, frailty=0.15, recorded=0.88),
    Condition("stroke", 0.032, 0.75, female=-0.2, deprived=0.5, smoker=0.4, frailty=0.40),
    Condition("copd", 0.045, 0.45, female=-0.1, deprived=1.0, smoker=2.0, frailty=0.28, recorded=0.82),
    Condition("asthma", 0.08, 0.03, female=0.3, deprived=0.2, frailty=0.04),
    Condition("ckd", 0.07, 0.95, female=0.2, deprived=0.3, frailty=0.14, recorded=0.75),
    Condition("cancer", 0.075, 0.55, smoker=0.4, frailty=0.15, recorded=0.95),
    Condition("dementia", 0.0075, 1.45, female=0.2, deprived=0.3, frailty=0.60, recorded=0.65),
    Condition("parkinsons", 0.004, 0.75, female=-0.4, frailty=0.50),
    Condition("epilepsy", 0.012, 0.05, deprived=0.6, frailty=0.15),
    Condition(
        "depression", 0.15, -0.05, female=0.5, deprived=0.7, smoker=0.4, drinker=0.5, frailty=0.08, recorded=0.85
    ),
    Condition("smi", 0.011, 0.02, deprived=1.0, smoker=0.9, frailty=0.15),
    Condition("osteoporosis", 0.04, 0.80, female=1.6, smoker=0.3, frailty=0.12, recorded=0.60),
    Condition("arthritis", 0.24, 0.55, female=0.4, deprived=0.3, frailty=0.12, recorded=0.75),
    Condition("hypothyroid", 0.06, 0.30, female=1.5, frailty=0.03),
    Condition("pvd", 0.02, 0.60, female=-0.5, deprived=0.7, smoker=1.1, frailty=0.18, recorded=0.80),
    Condition("anaemia", 0.045, 0.55, female=0.4, deprived=0.2, frailty=0.12, recorded=0.60),
    Condition("liver", 0.012, 0.0, female=-0.5, deprived=0.9, drinker=1.8, frailty=0.20),
    Condition("incontinence", 0.07, 0.70, female=0.8, frailty=0.18, recorded=0.45),
    Condition("hearing", 0.12, 0.85, female=-0.3, frailty=0.06, recorded=0.55),
    Condition("vision", 0.04, 0.90, deprived=0.2, frailty=0.12, recorded=0.50),
    Condition("skin_ulcer", 0.008, 0.85, deprived=0.4, frailty=0.20, recorded=0.75),
    Condition("valve", 0.015, 0.85, frailty=0.15, recorded=0.80),
)

INDEX: dict[str, int] = {c.name: i for i, c in enumerate(CONDITIONS)}
#: Raised incidence, since people with a condition die sooner than the curve of prevalence allows for.
REPLACEMENT = 1.35


def log_odds(c: Condition, age: Floats, female: Floats, deprivation: Floats, smoker: Floats, drinker: Floats,
             robust: Floats) -> Floats:  # fmt: skip
    """Log odds of having ``c`` (float32 per person). ``deprivation`` runs from -0.5 (least) to 0.5 (most deprived);
    ``robust`` is the person's own latent departure from the frailty usual at that age."""
    at65 = np.log(c.at65 / (1 - c.at65))
    odds = at65 + 0.1 * c.slope * (age - 65.0) + c.female * (female - 0.5) + c.deprived * deprivation
    odds += c.smoker * (smoker - 0.25) + c.drinker * drinker + 0.60 * robust
    return odds.astype(np.float32)


def incidence(c: Condition, odds: Floats) -> Floats:
    """Yearly incidence among those without ``c``: the slope of the logistic prevalence curve over those at risk."""
    prevalence = 1.0 / (1.0 + np.exp(-odds))
    return (REPLACEMENT * 0.1 * max(c.slope, 0.12) * prevalence).astype(np.float32)
