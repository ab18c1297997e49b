"""PARR-30, a published model of emergency readmission within 30 days of leaving hospital in England, for comparison.

Billings and others 2012, 10.1136/bmjopen-2012-001667: a logistic model of 576,868 admissions of 2008-09, AUROC 0.70 where it was
made. What goes into it is confirmed from Nuffield Trust, How to implement the PARR-30 model (2012). The coefficients are those of a public
implementation of that guide (github.com/robert-waggott/Parr-30-Implementation), and not yet checked against the paper's own
table; the term of each hospital is left out, since it names hospitals of 2008. In that source metastatic cancer adds less than other
cancer; the two may have been exchanged, and they stand here as they stand there.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from models import logistic

Array = npt.NDArray[np.float64]

CONSTANT, AGE_SQUARED, EMERGENCIES, LAST_MONTH, EMERGENCY = -2.91821, 0.000060581, 0.1215, 0.5258, 0.5565
#: By category of the Charlson index, coded in hospital before the stay.
CONDITIONS = {
    "heart_failure": 0.0950, "peripheral_vascular_disease": 0.1043, "chronic_lung_disease": 0.2243,
    "diabetes_complicated": 0.1457, "kidney_disease": 0.1977, "metastatic_cancer": 0.2762, "cancer": 0.5069,
    "severe_liver_disease": 0.2673, "mild_liver_disease": 0.2133, "hemiplegia": 0.1061, "dementia": 0.0467,
}  # fmt: skip
#: By score of the Index of Multiple Deprivation: from this score on.
DEPRIVATION = ((0, 0.0), (10, 0.0209), (15, 0.0239), (25, 0.0661), (40, 0.1017), (50, 0.0982))
#: The model wants the score of an area and a record holds its decile (1 the most deprived). Scores in the middle of each decile, about;
#: from memory of the index of 2010 and not yet checked: the term spans 0.10 of log-odds in all.
SCORE_OF_DECILE = {1: 53.0, 2: 39.0, 3: 30.0, 4: 24.0, 5: 19.0, 6: 15.5, 7: 12.3, 8: 9.7, 9: 7.2, 10: 4.2}


def log_odds(discharges: pd.DataFrame) -> Array:
    """Log-odds (n,) of readmission. Columns of ``discharges`` (n rows): ``age`` (years), ``imd_decile`` (missing counts as the
    middle), ``emergencies`` (emergency admissions in the year before the stay), ``last_month`` (bool: any in the 30 days before it),
    ``emergency`` (bool: the stay itself was one), and each key of :data:`CONDITIONS` (bool)."""
    score = discharges["imd_decile"].round().map(SCORE_OF_DECILE).fillna(SCORE_OF_DECILE[5]).to_numpy(np.float64)
    edges, terms = (np.array(column) for column in zip(*DEPRIVATION, strict=True))
    total = CONSTANT + AGE_SQUARED * discharges["age"].to_numpy(np.float64) ** 2
    total = total + terms[np.searchsorted(edges, score, side="right") - 1]
    total = total + EMERGENCIES * discharges["emergencies"].to_numpy(np.float64)
    total = total + LAST_MONTH * discharges["last_month"].to_numpy(np.float64)
    total = total + EMERGENCY * discharges["emergency"].to_numpy(np.float64)
    for condition, coefficient in CONDITIONS.items():
        total = total + coefficient * discharges[condition].to_numpy(np.float64)
    return np.asarray(total, np.float64)


def probability(discharges: pd.DataFrame) -> Array:
    """Probability (n,) of readmission within 30 days, as published."""
    return logistic.sigmoid(log_odds(discharges))
