"""A person's reasons in plain words for the person themselves: no number, no code, nothing that is withheld from a reader."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from risk.drivers import DRIVERS

#: Reasons of each kind that are told.
HIGHER, LOWER = 3, 2
#: What every letter begins and ends with.
WHY = "We look at health records to see who may need more help to stay well at home."
NOT_SURE = "This is a guess about the year to come, and it can be wrong. It does not change the care you can have."
ASK = "Talk to us if this is not right, or if you want to know more."
GOES_WITH_MORE = "People like this have more hospital stays:"
GOES_WITH_LESS = "People like this have fewer hospital stays:"
HELPED = "You have some help in place now: {}."


def letter(reasons: Mapping[str, Any]) -> list[str]:
    """Paragraphs, from a person's reasons (:meth:`risk.reasons.Explainer.explain`)."""
    of = {driver.name: driver for driver in DRIVERS}
    higher = [of[told["driver"]].higher for told in reasons["raises"] if told.get("driver") in of][:HIGHER]
    lower = [of[told["driver"]].lower for told in reasons["lowers"] if told.get("driver") in of][:LOWER]
    said = [WHY]
    said += [f"{GOES_WITH_MORE} {' '.join(higher)}"] if higher else []
    said += [f"{GOES_WITH_LESS} {' '.join(lower)}"] if lower else []
    said += [HELPED.format(", ".join(told["title"] for told in reasons["support"]))] if reasons.get("support") else []
    return [*said, NOT_SURE, ASK]
