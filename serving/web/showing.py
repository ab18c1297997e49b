"""People as a page shows them: the API's own answers, with the words that a page says of flags, changes and decisions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from risk.clients import Access
from risk.members import told
from risk.run.saying import FLAGS, NEVER_SILENT

#: Reasons in a row of a table.
STRONGEST = 2
#: How folding begins to tell of a reason that was not there when it was decided (:func:`risk.decisions.folding.changes`).
NEW_REASON = "a new reason: "
#: Flags that stand out, for what they ask to be done first.
FIRST = frozenset({"respect", "advance_decision", "end_of_life_plan", "palliative_register", "in_hospital"})
#: How decisions are said of somebody.
DECIDED = {"accept": "Accepted", "decline": "Declined", "defer": "Deferred", "already_known": "Known already",
           "added": "Added", "removed": "Taken off"}  # fmt: skip


def people(answered: Iterable[Mapping[str, Any]], access: Access) -> list[dict[str, Any]]:
    """People of a list or meeting, ready for a template."""
    return [person(one, access) for one in answered]


def person(answered: Mapping[str, Any], access: Access) -> dict[str, Any]:
    """One of them: what the API answers, as JSON has it, with the reasons that their reader's role may read."""
    one: dict[str, Any] = orjson.loads(orjson.dumps(answered))
    reasons = told(one["reasons"], access) if one.get("reasons") else {"raises": [], "lowers": []}
    return {
        **one,
        "why": why(one.get("why", []), access),
        "disputed": one.get("disputed", []) if access.domains is None else [],
        "reasons": reasons,
        "why_listed": [reason["says"] for reason in reasons["raises"][:STRONGEST]],
        "flag_words": flags(one.get("flags") or {}, access.dates),
        "plan": dated(one.get("plan"), access.dates),
        "decided": decided(one.get("decision")),
    }


def why(placed: Iterable[str], access: Access) -> list[str]:
    """Why somebody is to be looked at, as their reader's role may know it: a new reason is told by name to whoever reads every domain."""
    if access.domains is None:
        return list(placed)
    return ["a new reason" if words.startswith(NEW_REASON) else words for words in placed]


def dated(held: Mapping[str, Any] | None, dates: bool) -> dict[str, Any] | None:
    """A plan as somebody reads it who reads ``dates`` or not."""
    if held is None or dates:
        return None if held is None else dict(held)
    return {**held, "plans": [{**one, "on": None} for one in held["plans"]]}


def flags(held: Mapping[str, Any], dates: bool = True) -> list[dict[str, Any]]:
    """What flags say, those first that come first: ``says``, ``since`` (a day, or None; never a day for whoever reads no ``dates``) and whether it is ``first``. What nobody knows of being
    in hospital or a care home is said too: silence would be read as a no."""
    found = []
    for name, words in FLAGS.items():
        flag = held.get(name)
        value, on = (flag["value"], flag["on"]) if isinstance(flag, Mapping) else ("yes" if flag else "", None)
        if value == "yes":
            since = on if dates and name != "identity_probable" else None
            found.append({"name": name, "says": words, "since": since, "first": name in FIRST})
        elif name in NEVER_SILENT and value in ("not recorded", "no feed"):
            found.append({"name": name, "says": f"{NEVER_SILENT[name]}: {value}", "since": None, "first": False})
    return found


def decided(decision: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The decision that stands, in words; None where nothing was decided."""
    if decision is None:
        return None
    said = decision["said"]
    what = said.get("decision") or {"addition": "added", "removal": "removed"}.get(decision["kind"], decision["kind"])
    return {"what": what, "says": DECIDED.get(what, what), "on": decision["day"], "by": decision["by"], **said}
