"""The hospital-at-home list as the terminal shows it: by pseudonym, with the audit written first."""

from __future__ import annotations

from typing import Any

from risk import keys, operator
from risk import store as stores
from risk.hospital_at_home import SAYS
from risk.pseudonyms import Pseudonyms
from risk.run.heading import heading
from risk.run.reading import READER, of_practice, short
from risk.run.saying import LOW, in_a_hundred
from risk.settings import Settings


def practice_at_home(settings: Settings, practice: str) -> dict[str, Any]:
    """Who of ``practice`` is in hospital at home by the published run's record, in the order of admission; and up to which day each feed speaks.

    :class:`WrongUsage` where the practice is not there, :class:`Refused` where nothing is published.
    """
    store = stores.open(settings)
    run, held = of_practice(store, practice, None)
    people = store.hospital_at_home(run["number"], practice, held["scheme"])
    operator.record(settings, store, "hospital_at_home", outcome="answered", organisation=practice, run=run["number"],
                    people=[row["person_id"] for row in people])  # fmt: skip
    pseudonyms = Pseudonyms(keys.held(settings).person, READER)
    return {
        **heading(settings, run, held),
        "feeds": (held["details"] or {}).get("hospital_at_home", {}),
        "people": [
            {"person": short(pseudonyms.of(row["person_id"])), "since": str(row["since"]), "told_by": row["told_by"], "age_band": row["age_band"],
             "sex": row["sex"], "band": row["band"], "risk": in_a_hundred(row["probability"])}
            for row in people
        ],
        "says": f"{SAYS} {LOW}",
    }  # fmt: skip
