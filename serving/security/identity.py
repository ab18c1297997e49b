"""Who may be told by NHS number who somebody is, and how it is asked for: the one place of it, for a person's page and for a whole list.

It takes the scope at the practice itself (never through a team, and not by a grant of every practice), a reason of some letters, one of the few calls a
minute, and an audit row a person, with the reason, before anybody is told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from features.linkage.revealing import only_nhs_number
from risk.clients import Access
from risk.members import IDENTIFY
from serving.problems import Problem
from serving.security.caller import Caller

#: The action of the audit's rows of whom somebody was told by NHS number; and letters of a reason for it.
IDENTIFIED, SHORTEST, LONGEST = "person.identify", 8, 300


def may_identify(access: Access, practice: Mapping[str, Any]) -> bool:
    """Whether the people of a practice are told to whoever has ``access``."""
    own = (practice["scheme"], practice["practice"])
    return any(IDENTIFY in scopes and (scheme, of) == own for scheme, of, scopes in access.grants)


def fit_reason(caller: Caller, reason: str, where: str = "reason") -> str:
    """The reason, trimmed, once one of the few calls was taken; :class:`Problem` where none is left or it is no reason."""
    caller.reveals(IDENTIFIED)
    said = reason.strip()
    if not SHORTEST <= len(said) <= LONGEST:
        raise Problem("unfit-parameter", errors=[{"where": where, "why": f"a reason of {SHORTEST} to {LONGEST} letters"}])  # fmt: skip
    return said


def numbers(caller: Caller) -> Callable[[int], str | None]:
    """What finds somebody's one NHS number; errors as of :func:`features.linkage.revealing.only_nhs_number`."""
    settings = caller.installation.settings
    return lambda person: only_nhs_number(settings.identity_folder, settings.identity_key_file, person)
