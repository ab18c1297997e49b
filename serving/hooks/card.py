"""A card: who comes first is the plan, then the risk in words and its strongest reasons; and what it is not for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from risk import plans
from risk.run.saying import in_a_hundred
from serving.fhir import wording

#: Reasons of a kind on a card; and letters that a summary must stay below (CDS Hooks 2.0, Card Attributes).
REASONS, SUMMARY = 3, 140
SYSTEM = "urn:frailty:override"
#: Why a card was not followed, as a client may offer it.
OVERRIDES = {
    "known-already": "It is known and acted on already",
    "plan-followed": "There is a plan, and it is followed",
    "not-appropriate": "It does not fit this person",
    "not-now": "Not at this contact",
}
#: What Markdown would read as more than a letter.
_MARKS = re.compile(r"([\\`*_{}\[\]<>#|])")


def card(told: Mapping[str, Any], uuid: str, address: str) -> dict[str, Any]:
    """Of the API's answer about somebody on a list. It links to the list and names nobody."""
    outcome = told["outcome"]
    risk = f"{outcome['title']} within {outcome['horizon_days']} days: {in_a_hundred(told['probability'])}"
    plan = wording.plan(told)
    words = [
        plan,
        f"On the practice's priority list. {outcome['title']} within {outcome['horizon_days']} days: {wording.risk(told)}.",
        *wording.why(told["reasons"], REASONS),
        *wording.beside(told),
    ]
    return {
        "uuid": uuid,
        "summary": (f"{plans.FOLLOW.partition('.')[0]}. {risk}" if plan else risk)[: SUMMARY - 1],
        "indicator": "info",
        "detail": "\n\n".join(_MARKS.sub(r"\\\1", said) for said in words if said),
        "source": {"label": "frailty-risk"},
        "overrideReasons": [{"code": code, "system": SYSTEM, "display": says} for code, says in OVERRIDES.items()],
        "links": [{"label": "The practice's list", "type": "absolute",
                   "url": f"{address}/pages/practices/{quote(told['practice'], safe='')}/list"}],
    }  # fmt: skip
