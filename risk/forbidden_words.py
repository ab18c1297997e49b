"""Words that no reason, phrase or page about a person may hold: that blame, that judge, or that claim to know the cause.

A score goes with what is on record; it does not show that one made the other (NHS England's and Health Education England's guidance on
language, and "Language Matters" for diabetes care of 2018, for words that blame). An alternative is beside each.
"""

from __future__ import annotations

import re

FORBIDDEN: dict[str, str] = {
    r"refus\w*": "declined, or did not attend",
    r"frequent (flyer|attender|caller)s?": "so many attendances",
    r"non-?\s?complian\w*|non-?\s?adheren\w*|poorly compliant|uncooperative": "not taking, or not able to attend",
    r"bed.?blocker\w*": "waiting to leave hospital",
    r"fail(s|ed|ure)? to (attend|engage|cope|comply)|did not bother": "missed",
    r"acopia|social admission": "what the person needs",
    r"suffer\w*|victims?|wheelchair.?bound|bed.?ridden": "has, or uses",
    r"addicts?|alcoholics?|drunks?|abusers?": "dependence on",
    r"(a )diabetic(?! \w)|diabetics|epileptics|schizophrenics?|the (elderly|disabled|demented)|dement(ed|s)": "a person with",
    r"because( of)?|caus(e|es|ed|ing)|due to|leads? to|led to|results? in|as a result": "goes with",
    r"(will|going to) (die|be admitted|deteriorate)": "more likely to",
    r"hopeless|(?<!anticholinergic )burden\w*|difficult patient|challenging patient|demanding|manipulat\w*|attention.?seeking": "say what happened",
}  # fmt: skip
_ANY = re.compile("|".join(rf"(?P<w{place}>\b(?:{word})\b)" for place, word in enumerate(FORBIDDEN)), re.IGNORECASE)


def found_in(said: str) -> list[str]:
    """The forbidden words of a text, each with what may be said in place of it."""
    instead = list(FORBIDDEN.values())
    return [f"{hit.group()!r}: say {instead[int(str(hit.lastgroup)[1:])]!r}" for hit in _ANY.finditer(said)]
