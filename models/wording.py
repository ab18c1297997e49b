"""How figures and kinds of people are said, on the page, on the card and in the terminal."""

from __future__ import annotations

from collections.abc import Mapping

#: What each way of scoring is called.
WAYS = {"ours": "This model", "past_admissions": "Past admissions, age", "age": "Age", "efi": "Electronic frailty index",
        "hfrs": "Hospital Frailty Risk Score", "charlson": "Charlson index", "logistic": "Logistic model",
        "truth": "True risk (the best possible)"}  # fmt: skip
#: What people are shown by.
SLICED = {"age_band": "Age", "sex": "Sex", "imd_fifth": "Deprivation, fifths", "ethnicity": "Ethnic group",
          "practice": "Practice", "care_home": "Lives in a care home"}  # fmt: skip
#: What each figure is called.
FIGURES = {"auroc": "AUROC", "auprc": "AUPRC", "brier": "Brier", "slope": "Calibration slope", "ici": "ICI",
           "observed_expected": "Observed for each expected", "listed_share": "Share listed", "ppv": "PPV",
           "sensitivity": "Sensitivity", "ppv_2": "PPV, top 2%"}  # fmt: skip


def figure(held: Mapping[str, float | None] | None, places: int = 3) -> str:
    """``0.781 (0.771 to 0.791)``; a dash where there is no figure."""
    if held is None or held["value"] is None:
        return "–"
    if held["low"] is None or held["high"] is None:
        return f"{held['value']:.{places}f}"
    return f"{held['value']:.{places}f} ({held['low']:.{places}f} to {held['high']:.{places}f})"


def count(held: int | None) -> str:
    """A count with its thousands apart; a count that may not be told as such."""
    return "not shown" if held is None else f"{held:,}"


def chance(probability: float) -> str:
    """A probability as people say it: ``23 in 100``."""
    hundredths = 100 * probability
    return f"{hundredths:.0f} in 100" if hundredths >= 1 else f"{1000 * probability:.1f} in 1,000"
