"""The list of a team, a network or a place as it was published, ready to show."""

from __future__ import annotations

from typing import Any

from features.errors import WrongUsage
from risk import keys, operator, sections
from risk import store as stores
from risk.pseudonyms import Pseudonyms
from risk.run.reading import READER, listed_person, of_run, readable
from risk.run.saying import LOW, NOT_FOR
from risk.settings import Settings
from risk.store import Store


def _outcome(store: Store, number: int, kind: str) -> dict[str, Any]:
    """Of a list by an outcome beside: what it ranks by, in place of the run's own."""
    for row in store.outcomes(number):
        if row["outcome"] == kind:
            model = {"name": row["model_name"], "version": row["model_version"]}
            return {**{name: row[name] for name in ("outcome", "title", "horizon", "minimum_age")}, "model": model}
    return {}


def wider_list(settings: Settings, kind: str, code: str, number: int | None = None) -> dict[str, Any]:
    """The list of the team (``kind`` team), network or place ``code``, or of the practice by an outcome beside (``kind`` deterioration), in the published run, or in run ``number``, with what must be said beside it.

    :class:`WrongUsage` where the run or the list is not there, :class:`Refused` where nothing is published.
    """
    store = stores.open(settings)
    run = readable(store, number)
    found = store.wider_lists(run["number"], kind, code)
    if len(found) != 1:
        there = ", ".join(row["code"] for row in store.wider_lists(run["number"], kind)[:8]) or "none"
        raise WrongUsage(f"expected whose {kind} list there is in run {run['number']} (there: {there}), found {len(found)} of that code; "
                         "the organisation directory says whom a team covers (`frailty org import`), the setting run_outcomes which outcomes are scored")  # fmt: skip
    (held,) = found
    people = store.wider_people(run["number"], held["list"])
    operator.record(settings, store, "list", outcome="answered", organisation=code, run=run["number"],
                    people=[row["person_id"] for row in people], detail={"kind": kind})  # fmt: skip
    pseudonyms = Pseudonyms(keys.held(settings).person, READER)
    counted: dict[str, int] = {}
    for row in people:
        counted[row["section"] or ""] = counted.get(row["section"] or "", 0) + 1
    return {
        **of_run(settings, store, run),
        **_outcome(store, run["number"], kind),
        **{name: held[name] for name in ("kind", "code", "name", "registered", "scored", "k", "capacity", "listed", "cut")},
        "practices": [code for _, code in held["practices"]],
        "withheld": store.wider_withheld(run["number"], held["list"]),
        "sections": sections.described(counted, (run["counts"] or {}).get("sections_inside", ())),
        "people": [{"practice": row["practice"], **listed_person(row, pseudonyms)} for row in people],
        "says": NOT_FOR,
        "caution": LOW,
    }  # fmt: skip
