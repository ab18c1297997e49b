"""Emergency access: a clinician opens one person with whom their organisation has no relationship, for a reason, for an hour, and somebody else looks at
each afterwards.

It reaches whoever a run scored and may be shown: an opt-out, a restricted address or a death is never overridden. Each opening is an alert that stands until
information governance signs it off, and each read through it names it in the audit. Source of the rule: National Data Guardian, Caldicott principles 2 and 4 (use
when necessary; access on a need-to-know basis, with audit); the NHS England privacy officer's alerts of access without a legitimate relationship.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from features.errors import Refused, WrongUsage
from risk.clients import Access
from risk.store import Store

#: To open somebody outside a relationship, and to review such openings.
OPEN, REVIEW = "persons:break-glass", "break-glass:review"
#: What may be read of somebody opened so: what is read of one's own, and nothing is written.
READS = frozenset({"persons:read", "decisions:read"})
LASTS = timedelta(hours=1)
#: Letters of a reason.
SHORTEST, LONGEST = 20, 500
Verdict = Literal["justified", "not_justified"]
VERDICTS: tuple[Verdict, ...] = ("justified", "not_justified")


@dataclass(frozen=True)
class Opening:
    """One: its ``number`` and until when (UTC) it opens."""

    number: int
    until: datetime


def open_(store: Store, access: Access, row: Mapping[str, Any], seq: int, now: datetime | None = None) -> Opening:
    """Open the person of ``row`` (of a run's scores) for whoever has ``access``, whose reason lies beside the audit's row ``seq``."""
    at = now or datetime.now(UTC)
    until = at + LASTS
    number = store.add_opening({"seq": seq, "person_id": row["person_id"], "scheme": row["scheme"], "practice": row["practice"], "run": row["run"],
                                "user_id": access.client_id, "role": access.role or "", "selected": access.selected or "", "opened_at": at, "until": until})  # fmt: skip
    return Opening(number, until)


def held(store: Store, access: Access, scope: str, person_id: int, now: datetime | None = None) -> Opening | None:
    """By which opening of their own somebody may read a person with ``scope`` now; None where there is none, its time is over, or their role has ended."""
    if access.kind != "user" or scope not in READS or OPEN not in access.scopes:
        return None
    row = store.opening(access.client_id, access.selected or "", person_id, now or datetime.now(UTC))
    return None if row is None else Opening(row["number"], row["until"])


def review(store: Store, number: int, verdict: str, by: str) -> dict[str, Any]:
    """Sign an opening off; what stands of it then. :class:`WrongUsage` for another verdict, :class:`Refused` where there is none to be signed off, or whoever signs
    opened it."""
    if verdict not in VERDICTS:
        raise WrongUsage(f"expected a verdict among {', '.join(VERDICTS)}")
    found = next((row for row in store.openings(reviewed=False) if row["number"] == number), None)
    if found is not None and found["user_id"] == by:
        raise Refused("nobody signs off what they opened themselves")
    if found is None or not store.review_opening(number, verdict, by, datetime.now(UTC)):
        raise Refused("there is no such opening that waits for review; `frailty break-glass list` shows those that do")
    return {"number": number, "verdict": verdict, "reviewed_by": by}


def told(store: Store, *, reviewed: bool | None = False) -> list[dict[str, Any]]:
    """Openings as those who review them see them, ready for JSON: who, in which role, of where, at whose practice, why, and nobody by number or name."""
    users = {row["user_id"]: row["name"] for row in store.directory()["app_user"]}
    names = ("number", "seq", "practice", "scheme", "run", "user_id", "role", "selected", "opened_at", "until", "reason", "reviewed_at", "reviewed_by", "verdict")  # fmt: skip
    return [{**{name: row[name] for name in names}, "who": users.get(row["user_id"], row["user_id"])} for row in store.openings(reviewed=reviewed)]  # fmt: skip
