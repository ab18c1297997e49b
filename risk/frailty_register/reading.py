"""A practice's frailty register as the terminal shows it: by pseudonym, with the audit written first."""

from __future__ import annotations

from typing import Any

from features.errors import WrongUsage
from risk import keys, operator
from risk import store as stores
from risk.frailty_register import missing
from risk.frailty_register.register import OnRegister, register
from risk.frailty_register.standing import STATES
from risk.pseudonyms import Pseudonyms
from risk.run.heading import heading
from risk.run.reading import READER, of_practice, short
from risk.settings import Settings

#: Said wherever the register is.
SAYS = (
    "A proposal is for a clinician to confirm, change or reject, one person at a time; only confirmed people count, and no code is made of it. "
    "It has no part in the list by risk. Not for placement, funding, resuscitation or discharge decisions."
)


def practice_register(settings: Settings, practice: str, state: str = "all") -> dict[str, Any]:
    """The register of ``practice`` by the published run. :class:`Refused` where nothing is published, :class:`WrongUsage` where the practice or
    the state is not there."""
    if state not in ("all", *STATES):
        raise WrongUsage(f"expected --state among all, {', '.join(STATES)}, found {state!r}")
    store = stores.open(settings)
    run, held = of_practice(store, practice, None)
    whole = register(store, run, practice, held["scheme"])
    people = whole.among(STATES if state == "all" else (state,))
    operator.record(settings, store, "register", outcome="answered", organisation=practice, run=run["number"],
                    people=[one.row["person_id"] for one in people])  # fmt: skip
    pseudonyms = Pseudonyms(keys.held(settings).person, READER)
    return {
        **heading(settings, run, held),
        "counts": whole.counts,
        "missing": missing.told(held),
        "people": [{"person": short(pseudonyms.of(one.row["person_id"])), **told(one)} for one in people],
        "says": SAYS,
    }


def told(one: OnRegister) -> dict[str, Any]:
    """Somebody of the register without who it is: what is proposed and on what it rests, and what a clinician said."""
    answer = one.stands.answer
    body = {} if answer is None else answer["body"]
    return {
        "age_band": one.row["age_band"],
        "sex": one.row["sex"],
        "proposed": one.proposed,
        "rests_on": one.rests_on,
        "state": one.stands.state,
        "category": one.stands.category,
        "how": body.get("how"),
        "on": body.get("on"),
        "by": None if answer is None else answer["by"],
        "version": one.stands.version,
    }
