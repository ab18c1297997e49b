"""What a person may see, by the role that they hold in the directory at the organisation that they selected, on the day.

One table says it for every role. A role without a row, an organisation of another kind, a relationship that ended: nothing. Nobody's role
is read from what the log-in says of it; the log-in says who they are and which organisation they selected.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from risk.break_glass import OPEN, REVIEW
from risk.clients import Access
from risk.store import Store
from risk.store.directory import EVERY

READS = ("runs:read", "lists:read", "persons:read", "decisions:read")
#: Beside what clients may be allowed (:data:`risk.clients.SCOPES`): counts of the whole area, and who asked what.
FIGURES, AUDIT = "figures:read", "audit:read"
#: To be told by NHS number who somebody is: at one's own practice alone, never through a team.
IDENTIFY = "persons:identify"
#: To take a list away as a file: whoever works through it with people, and reads all of its reasons.
EXPORT = "lists:export"
#: To read a practice's frailty register, and to answer what it proposes: at one's own practice alone.
REGISTER, ANSWERS = "register:read", "register:write"
#: To approve a letter to the person and to print it: at one's own practice alone.
LETTERS = "letters:approve"
#: Scopes that reach no person, and so the whole area.
OF_NOBODY = frozenset({"runs:read", FIGURES, AUDIT, OPEN, REVIEW})
#: Beside them: the open actions that were given to one's own team or organisation, and the look-up by NHS number.
ACTIONS, LOOKUP = "actions:read", "persons:lookup"
#: What is read at most, by level of detail: the scopes that each is made of. A level has none of another's.
DETAIL: dict[str, tuple[str, ...]] = {
    "lists, risks and reasons": READS,
    "the actions given to them, without reasons": (ACTIONS,),
    "the look-up: band, plan and coordinator": (LOOKUP,),
    "counts of the area, and nobody": ("runs:read", FIGURES),
    "who asked what, and nobody": ("runs:read", AUDIT),
}
REASONS, GIVEN, LOOKED_UP, COUNTS, ASKED = DETAIL


@dataclass(frozen=True)
class Duty:
    """A role: its name; the level of ``detail`` that it reads; the ``domains`` of whose reasons it reads the words (None: of all; of the others it reads that
    there is something); whether it reads the ``dates`` of what the record says; and what it may do ``beside``."""

    title: str
    detail: str
    domains: frozenset[str] | None = frozenset()
    dates: bool = False
    beside: tuple[str, ...] = ()

    @property
    def scopes(self) -> tuple[str, ...]:
        return (*DETAIL[self.detail], *self.beside)


DECIDES = "decisions:write"
SOCIAL = frozenset({"social care", "home and carers", "function", "community care", "age, sex and place"})
#: The one table of who sees what. A role of the directory without a row sees nothing.
DUTIES: dict[str, Duty] = {
    "gp": Duty("GP", REASONS, None, True, (DECIDES, IDENTIFY, LETTERS, OPEN, EXPORT, REGISTER, ANSWERS)),
    "nurse": Duty("Nurse", REASONS, None, True, (DECIDES, IDENTIFY, LETTERS, OPEN, EXPORT, REGISTER, ANSWERS)),
    "matron": Duty("Community matron", REASONS, None, True, (DECIDES, OPEN, EXPORT)),
    "coordinator": Duty("Care coordinator", REASONS, None, True, (DECIDES, EXPORT, REGISTER)),
    "social_worker": Duty("Social worker", REASONS, SOCIAL, False, (DECIDES,)),
    "voluntary_sector": Duty("Voluntary sector", GIVEN),
    "call_handler": Duty("Call handler", LOOKED_UP),
    "analyst": Duty("Analyst", COUNTS),
    "information_governance": Duty("Information governance", ASKED, beside=(REVIEW,)),
}


def access(store: Store, user_id: str, scheme: str, organisation: str, day: date) -> Access | None:
    """What the directory says that somebody may see on ``day`` by the roles that they hold at an organisation or in its teams; None where
    they hold none there. People are reached at a practice of one's own, or through a team that covers the practice, and in no other way."""
    rows = store.reach(user_id, scheme, organisation, day)
    if not rows:
        return None
    grants = tuple(grant for row in rows for grant in _grants(row))
    roles = sorted({row["role"] for row in rows})
    held = [DUTIES[role] for role in roles if role in DUTIES]
    seen = [duty.domains for duty in held]
    domains = None if None in seen else frozenset().union(*(own for own in seen if own is not None))
    return Access(
        user_id,
        grants,
        kind="user",
        role=",".join(roles),
        selected=f"{scheme} {organisation}",
        domains=domains,
        dates=any(duty.dates for duty in held),
    )


def _grants(row: Mapping[str, Any]) -> list[tuple[str, str, frozenset[str]]]:
    scopes = frozenset(DUTIES[row["role"]].scopes) if row["role"] in DUTIES else frozenset()
    if row["through"] != "practice":
        scopes -= {IDENTIFY, LETTERS, REGISTER, ANSWERS}
    of_nobody = (EVERY, EVERY, scopes & OF_NOBODY)
    if row["practice"] is None:
        return [of_nobody]
    return [(row["practice_scheme"], row["practice"], scopes - OF_NOBODY), of_nobody]


def told(reasons: Mapping[str, Any], access: Access) -> dict[str, Any]:
    """``reasons`` as somebody of the role reads them: of a domain that is not theirs, that there is something and no more."""
    if access.domains is None:
        return dict(reasons)
    return {
        name: [_narrowed(one, access.domains) for one in held] if name in ("raises", "lowers") else held
        for name, held in reasons.items()
    }


def _narrowed(reason: Mapping[str, Any], domains: frozenset[str]) -> dict[str, Any]:
    if reason["domain"] in domains:
        return dict(reason)
    return {"domain": reason["domain"], "says": f"Something recorded under {reason['domain']}",
            "contribution": reason["contribution"], "actionable": False}  # fmt: skip
