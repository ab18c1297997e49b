"""Why somebody left a list or a register, as far as the reader may know it.

Outside the person's practice a reason other than death or a move says something that they chose or are: an objection, a record
made restricted, a prison. There it reads "no longer in scope", whatever it was.
"""

from __future__ import annotations

#: What anybody who had the person on a list may be told.
TOLD_TO_ALL = {"died": "died", "moved": "moved away", "left_area": "moved away", "moved_away": "moved away"}
#: What the practice is told beside; of an objection, that there is one and not which.
TOLD_TO_THE_PRACTICE = {
    "risk_fell": "risk fell below the list's",
    "setting_changed": "the area changed how long its lists are, or who takes their places",
    "removed": "no longer registered",
    "other": "no longer registered",
    "not_registered": "no longer registered",
    "temporary": "registered as a temporary resident",
    "in_care_home": "lives in a care home",
    "barred": "objects to being on a list",
    "objects": "objects to being on a list",
    "opted_out": "objects to being on a list",
    "forgotten": "objects to being on a list",
}
OUT_OF_SCOPE = "no longer in scope"


def told(reason: str, *, to_the_practice: bool) -> str:
    """The words for a reason, one of those above or of :data:`features.cohort.REASONS`; what has no words is out of scope."""
    if reason in TOLD_TO_ALL:
        return TOLD_TO_ALL[reason]
    if not to_the_practice:
        return OUT_OF_SCOPE
    return TOLD_TO_THE_PRACTICE.get("objects" if reason.startswith("objection_") else reason, OUT_OF_SCOPE)
