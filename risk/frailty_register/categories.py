"""Fit, mild, moderate and severe, and which of them each kind of evidence proposes.

- Electronic frailty index, as a fraction of its 36 deficits: up to 0.12 fit, to 0.24 mild, to 0.36 moderate, above it severe (Clegg and others 2016,
  10.1093/ageing/afw039). It was made and tested for 65 to 95 years.
- Clinical Frailty Scale: 1 to 4 fit (4 is "vulnerable": not dependent), 5 mild, 6 moderate, 7 and 8 severe; 9 is somebody in the last months of life
  who need not be frail, and proposes nothing (Rockwood and others 2005, 10.1503/cmaj.050051; its nine-point form of 2007).
- A recorded diagnosis of mild, moderate or severe frailty (GP contract 2017/18, frailty identification).

The GP contract asks that a tool find people and that a clinician then judge; NHS England told practices not to code frailty in batches from the index
alone. So what is here is proposed, and counts nowhere until somebody has answered it.
"""

from __future__ import annotations

CATEGORIES = FIT, MILD, MODERATE, SEVERE = ("fit", "mild", "moderate", "severe")
#: Categories that are frailty.
FRAIL = (MILD, MODERATE, SEVERE)
#: Youngest age of the register (GP contract 2017/18), and the five-year bands from it on.
FROM_AGE = 65
AGE_BANDS = (*(f"{year}-{year + 4}" for year in range(FROM_AGE, 90, 5)), "90 and over")
DEFICITS = 36
#: Days for which an assessment with a number speaks: two years, as its predictors read it.
SPEAKS = 730
_INDEX = ((0.12, FIT), (0.24, MILD), (0.36, MODERATE))
_SCALE = {1: FIT, 2: FIT, 3: FIT, 4: FIT, 5: MILD, 6: MODERATE, 7: SEVERE, 8: SEVERE}
#: How a clinician may have assessed somebody: clinical judgement, or a tool for it (NICE NG56, recommendation 1.4; British Geriatrics Society, Fit
#: for Frailty). The electronic frailty index is none: it finds, and does not assess.
ASSESSED = ("clinical_frailty_scale", "gait_speed", "timed_up_and_go", "prisma_7", "edmonton_frail_scale", "comprehensive_geriatric_assessment",
            "clinical_judgement", "other")  # fmt: skip


def of_index(fraction: float) -> str | None:
    """The category of an electronic frailty index, a fraction 0-1; None of a number that is none."""
    if not 0 <= fraction <= 1:
        return None
    return next((category for highest, category in _INDEX if fraction <= highest), SEVERE)


def of_scale(level: float) -> str | None:
    """The category of a Clinical Frailty Scale, 1-9; None of 9, and of a number that is none."""
    return _SCALE.get(int(level)) if level == int(level) else None
