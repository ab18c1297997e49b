"""What changed on a practice's frailty register since the published run before: who joined, who left and why, whose proposed category moved. By what clinicians
answered up to now: an answer is of the person, not of a run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from features.governance.leaving import told
from risk.frailty_register.register import OnRegister, register
from risk.register import leavers, previous
from risk.store import Store

#: Why somebody left who is still of the practice.
NO_LONGER = "nothing is proposed any more"


def changes(store: Store, runs: Path, run: Mapping[str, Any], practice: str, scheme: str, *, to_the_practice: bool) -> dict[str, Any]:  # fmt: skip
    """``run``'s register of the practice against that of the run published before it, people by ``person_id``; ``previous`` is None, and nothing is said, where
    there is none. Whoever is not shown any more is on neither, and is counted."""
    before = previous(store, runs, run)
    if before is None:
        return {"previous": None, "joined": [], "left": [], "moved": [], "not_shown": 0}
    now, was = (
        {one.row["person_id"]: one for one in register(store, of, practice, scheme).people} for of in (run, before)
    )
    here = {row["person_id"] for row in store.aged_people(run["number"], practice, scheme)}
    why = leavers(runs, run["number"], practice, scheme)
    return {
        "previous": before["number"],
        "joined": [_told(one) for person, one in now.items() if person not in was],
        "left": [
            {**_told(one), "why": NO_LONGER if person in here else told(why.get(person, "removed"), to_the_practice=to_the_practice)}
            for person, one in was.items()
            if person not in now
        ],
        "moved": [
            {**_told(one), "proposed_before": was[person].proposed}
            for person, one in now.items()
            if person in was and one.proposed != was[person].proposed
        ],
        "not_shown": store.withheld_proposals(before["number"], practice, scheme),
    }  # fmt: skip


def _told(one: OnRegister) -> dict[str, Any]:
    return {"person_id": one.row["person_id"], "proposed": one.proposed, "category": one.stands.category}
