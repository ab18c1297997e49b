"""A practice's decisions as the terminal shows them: by pseudonym, with the audit written first."""

from __future__ import annotations

from typing import Any

from features.errors import WrongUsage
from risk import keys, operator
from risk import store as stores
from risk.decisions.folding import DUE, VIEWS
from risk.decisions.meeting import meeting
from risk.decisions.metrics import metrics
from risk.pseudonyms import Pseudonyms
from risk.run.heading import heading
from risk.run.reading import READER, of_practice, short
from risk.run.saying import LOW, NOT_FOR
from risk.settings import Settings
from risk.today import today


def practice_decisions(settings: Settings, practice: str, view: str = "due") -> dict[str, Any]:
    """Counts and people of the current run's list. :class:`Refused` where nothing is published, :class:`WrongUsage` where the practice or
    the view is not there."""
    views: dict[str, tuple[str, ...]] = {"due": DUE, "all": VIEWS, **{name: (name,) for name in VIEWS}}
    if view not in views:
        raise WrongUsage(f"expected --view among {', '.join(views)}, found {view!r}")
    store = stores.open(settings)
    run, held = of_practice(store, practice, None)
    day = today(settings)
    found = meeting(store, run, practice, held["scheme"], day)
    people = [one for name in views[view] for one in found.listed if one.placed.view == name]
    operator.record(settings, store, "decisions", outcome="answered", organisation=practice, run=run["number"],
                    people=[one.row["person_id"] for one in people])  # fmt: skip
    pseudonyms = Pseudonyms(keys.held(settings).person, READER)
    return {
        **heading(settings, run, held),
        "metrics": metrics(found, day),
        "people": [
            {"person": short(pseudonyms.of(one.row["person_id"])), "rank": one.row["rank"], "band": one.row["band"],
             "view": one.placed.view, "why": list(one.placed.why), "decision": one.stands.what, "actions": len(one.stands.open)}
            for one in people
        ],
        "says": f"{NOT_FOR} {LOW}",
    }  # fmt: skip
