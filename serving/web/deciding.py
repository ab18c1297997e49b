"""The form by which somebody is decided about, and what it posts as the API has it: one form for the list, the person and the meeting."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Any, TypeVar, get_args

from fastapi import Request
from pydantic import ValidationError

from risk.clients import Access
from risk.decisions.catalogue import catalogue
from serving.installation import Installation
from serving.preconditions import Precondition
from serving.problems import Problem, unfit
from serving.shapes.meeting_bodies import Body, DecisionBody, Informed, Reason
from serving.web import beside_decision

#: What is said beside each decision, and the key that picks it.
DECISIONS = (
    ("accept", "Accept", "a"),
    ("decline", "Decline", "d"),
    ("defer", "Defer", "f"),
    ("already_known", "Known already", "k"),
)
#: Where a form may go back to, within the pages.
_BACK = re.compile(r"/(practices|persons)/[A-Za-z0-9_%./?=&-]{1,300}(#[a-z0-9-]{1,60})?")
_Body = TypeVar("_Body", bound=Body)


def form(request: Request, person: Mapping[str, Any], back: str, attendees: str = "") -> dict[str, Any]:
    """What the form needs: of whom, on which version of their history, and where it goes back to; who is at the meeting, where that is known. The key is
    this form's own: sent twice it writes once. What was posted already and did not fit is in it again, with what is wrong (:func:`again`)."""
    installation: Installation = request.app.state.installation
    access: Access = request.state.access
    user = installation.store.user(installation.today, user_id=access.client_id) or {"name": ""}
    held = catalogue(installation.settings.actions)
    drivers = {reason.get("driver") for reason in person["reasons"]["raises"] if reason.get("actionable")}
    actions = sorted(held.actions.values(), key=lambda one: not drivers & set(one.drivers))
    return {
        "person": person["person"],
        "version": person["version"],
        "key": secrets.token_urlsafe(24),
        "back": back,
        "decisions": DECISIONS,
        "reasons": get_args(Reason),
        "how": choices(Informed, "how"),
        "why_not": choices(Informed, "why_not"),
        "rag": beside_decision.RAG,
        "has": beside_decision.HAS,
        "questions": beside_decision.QUESTIONS,
        "said": {
            "owner": user["name"],
            "told_on": str(installation.today),
            "capacity_on": str(installation.today),
            "attendees": attendees,
            **getattr(request.state, "again", {}),
        },
        "faults": getattr(request.state, "faults", {}),
        "more_open": hasattr(request.state, "faults"),
        "today": str(installation.today),
        "actions": [(one.code, one.title, one.service, bool(drivers & set(one.drivers))) for one in actions],
    }


def again(request: Request, said: Mapping[str, str], problem: Problem, first: str = "decision") -> bool:
    """Whether a form that did not fit is to be shown again: with what was typed into it, and what is wrong by field; of no one field, beside the ``first``."""
    since = "somebody wrote of this person since: read what stands now, and decide again"
    whole = {"unfit-parameter": since, "changed-since": since, "conflict": problem.detail}.get(problem.kind)
    if whole is None:
        return False
    wrong = {beside_decision.field(one["where"]): str(one["why"]) for one in problem.more.get("errors", [])}
    request.state.again = dict(said)
    request.state.faults = wrong or {first: whole}
    return True


def precondition(said: dict[str, str]) -> Precondition:
    """The version that was read and the form's key, taken out of what was posted."""
    version = said.pop("version", "")
    return Precondition(f'"v{version}"' if version.isdecimal() else None, said.pop("key", None))


def back(said: dict[str, str]) -> str:
    """Where to go once it is written, taken out of what was posted: a page of ours, whatever was asked for."""
    asked = said.pop("back", "")
    return asked if _BACK.fullmatch(asked) else ""


def decision(said: Mapping[str, str]) -> DecisionBody:
    """A decision as the API has it. What belongs to the other answer of "was the person told?" is left out."""
    told = said.get("told") == "yes"
    informed = {"told": told, "words": said.get("informed_words")}
    informed |= {"how": said.get("how"), "on": said.get("told_on")} if told else {"why_not": said.get("why_not")}
    plain = {
        name: said.get(name)
        for name in (
            "decision",
            "reason",
            "words",
            "owner",
            "coordinator",
            "review_on",
            "persons_view",
            "familys_view",
            "rag",
            "care_plan",
        )
    }
    return body(DecisionBody, {**plain, **beside_decision.given(said), "informed": _given(informed)})


def body(kind: type[_Body], said: Mapping[str, Any]) -> _Body:
    """What was posted as ``kind``; :class:`Problem` names every field that does not fit, and nothing of what was in it."""
    try:
        return kind.model_validate(_given(said))
    except ValidationError as error:
        faults = [unfit(one) for one in error.errors()]
        raise Problem("unfit-parameter", errors=faults) from error


def _given(said: Mapping[str, Any]) -> dict[str, Any]:
    """An empty field says nothing."""
    return {name: value for name, value in said.items() if value not in (None, "")}


def choices(shape: type[Body], field: str) -> tuple[str, ...]:
    """The words that a field may hold."""
    (choices, *_) = get_args(shape.model_fields[field].annotation)
    return get_args(choices)
