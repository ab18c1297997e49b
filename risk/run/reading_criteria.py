"""Lists by criteria as the terminal shows them: by pseudonym, with the audit written first."""

from __future__ import annotations

from typing import Any

from features.errors import WrongUsage
from risk import keys, operator
from risk import store as stores
from risk.criteria import CRITERIA, NAMES
from risk.pseudonyms import Pseudonyms
from risk.run.heading import heading
from risk.run.reading import READER, of_practice, short
from risk.run.saying import LOW, NOT_FOR
from risk.settings import Settings

#: Said beside every list by a criterion.
KNOWN = "Whoever is counted as not known may meet the criterion: a feed that it rests on does not reach them."


def practice_criteria(settings: Settings, practice: str, name: str | None = None) -> dict[str, Any]:
    """How many of ``practice`` meet each criterion in the published run; with ``name``, of that one alone and with its people.

    :class:`WrongUsage` where the practice or the list is not there, :class:`Refused` where nothing is published.
    """
    if name is not None and name not in NAMES:
        raise WrongUsage(f"expected --name among {', '.join(NAMES)}, found {name!r}")
    store = stores.open(settings)
    run, held = of_practice(store, practice, None)
    counted = store.criteria_counts(run["number"], practice, held["scheme"])
    people = None if name is None else store.criterion_people(run["number"], name, practice, held["scheme"])
    operator.record(settings, store, "criteria", outcome="answered", organisation=practice, run=run["number"],
                    people=[row["person_id"] for row in people or ()], detail={"name": name})  # fmt: skip
    pseudonyms = Pseudonyms(keys.held(settings).person, READER)
    names = ("age_band", "sex", "because", "rank", "band", "probability", "listed")
    return {
        **heading(settings, run, held),
        "criteria": [
            {"name": one.name, "title": one.title, "says": one.says, "source": one.source, **counted[one.name]}
            for one in CRITERIA
            if one.name in counted and name in (None, one.name)
        ],
        "people": None if people is None else [
            {"person": short(pseudonyms.of(row["person_id"])), **{name: row[name] for name in names}} for row in people
        ],
        "says": f"{KNOWN} {LOW} {NOT_FOR}",
    }  # fmt: skip
