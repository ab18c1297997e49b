"""Who may be written to, and a clinician's approval of one letter, which is a row of the person's history: the text, its digest, by whom and when.

The rules are the house's own; each errs towards not writing, for a letter cannot be taken back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from risk import plans
from risk.decisions.standing import Standing
from risk.letters.wording import Letter, digest, of_text
from risk.store.meeting import DECIDES, LETTER, LETTER_WITHDRAWN

#: Days for which an approval holds: the person was read then, and may be otherwise now.
HOLDS = 14
#: Why the person was not told, where that means that no letter goes.
NOT_TOLD = {
    "would_harm": "the meeting wrote that to be told would harm the person",
    "lacks_capacity": "the meeting wrote that the person was not told for want of capacity: speak with whoever decides with them",
    "asked_not_to_be": "the person asked not to be told",
}
NO_CAPACITY = {
    "no": "capacity was assessed as lacking for a decision: speak with whoever decides with them",
    "not_assessed": "whether the person has capacity for a decision is in question and not assessed",
}
HAS_PLAN = "there is a plan or a directive: follow it, and speak with the person; no letter goes"
NOT_ON_LIST = "the person is not on the list"
TAKEN_OFF = "the person was taken off the list"


@dataclass(frozen=True)
class Approved:
    """An approved letter that stands: the row's number, the letter, whether it is what was approved (``whole``), by whom, on which day."""

    seq: int
    letter: Letter
    whole: bool
    by: str
    on: date

    def holds(self, today: date) -> bool:
        return self.whole and self.on <= today < self.on + timedelta(days=HOLDS)


def blocks(listed: bool, flags: Mapping[str, Any], stands: Standing, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Why no letter may go to somebody; empty where one may. ``rows`` is their history at the practice, oldest first. Whoever is hidden or has a
    restricted address is not asked about: nobody is shown them (:mod:`risk.grounds`)."""
    found = []
    if plans.followed(flags):
        found.append(HAS_PLAN)
    if stands.what == "removed":
        found.append(TAKEN_OFF)
    elif not listed and stands.what != "added":
        found.append(NOT_ON_LIST)
    decided = [row["body"] for row in rows if row["kind"] in DECIDES]
    said = [has for body in decided if (has := (body.get("capacity") or {}).get("has"))]
    told = [informed for body in decided if (informed := body.get("informed"))]
    found += [NO_CAPACITY[has] for has in said[-1:] if has in NO_CAPACITY]
    found += [NOT_TOLD[why] for one in told[-1:] if (why := one.get("why_not")) in NOT_TOLD]
    return found


def approved(rows: Sequence[Mapping[str, Any]]) -> Approved | None:
    """The letter that was approved last, unless that was taken back or its text was forgotten."""
    back = {row["of"] for row in rows if row["kind"] == LETTER_WITHDRAWN}
    row = next((row for row in reversed(rows) if row["kind"] == LETTER), None)
    if row is None or row["seq"] in back or not (text := row["texts"].get("letter")):
        return None
    return Approved(row["seq"], of_text(text), digest(text) == row["body"]["sha256"], row["by"], row["day"])
