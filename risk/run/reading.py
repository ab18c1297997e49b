"""A practice's list as it was published, ready to show; and the reasons of anybody whom a run scored."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import orjson

from features.errors import BadInput, Refused, WrongUsage
from features.predictors import CATALOGUE
from models.calibrate import Calibrator
from risk import keys, operator, plans, register, sections, staleness
from risk import store as stores
from risk.changed import Reasons
from risk.permissions import sees_detail
from risk.pseudonyms import Pseudonyms
from risk.reasons import Explainer
from risk.run import folder
from risk.run.heading import heading
from risk.run.saying import LOW, NOT_FOR, in_a_hundred, said
from risk.settings import Settings
from risk.store import Store

#: Whom the terminal's pseudonyms are for: they are comparable with no client's.
READER = "terminal"


def practice_list(settings: Settings, practice: str, number: int | None = None) -> dict[str, Any]:
    """The list of ``practice`` in the published run, or in run ``number``, with what must be said beside it.

    :class:`WrongUsage` where the run or the practice is not there, :class:`Refused` where nothing is published.
    """
    store = stores.open(settings)
    run, held = of_practice(store, practice, number)
    entries = store.practice_list(run["number"], practice, held["scheme"])
    operator.record(settings, store, "list", outcome="answered", organisation=practice, run=run["number"],
                    people=[entry["person_id"] for entry in entries])  # fmt: skip
    pseudonyms = Pseudonyms(keys.held(settings).person, READER)
    return {
        **of_run(settings, store, run),
        **{
            name: held[name]
            for name in (
                "practice",
                "scheme",
                "registered",
                "scored",
                "k",
                "listed",
                "threshold",
                "cut",
                "above_area_cut",
            )
        },
        "capacity": (run["counts"] or {}).get("capacity", {}).get(practice),
        "not_scored": (held["details"] or {}).get("not_scored"),
        "left_out": (run["counts"] or {}).get("left_out", {}),
        "withheld": store.withheld(run["number"], practice, held["scheme"]),
        "sections": sections.described(
            store.sections(run["number"], practice, held["scheme"]),
            (run["counts"] or {}).get("sections_inside", ()),
            held["details"],
        ),
        "people": [listed_person(entry, pseudonyms) for entry in entries],
        "says": NOT_FOR,
        "caution": LOW,
    }


def of_run(settings: Settings, store: Store, run: dict[str, Any]) -> dict[str, Any]:
    """What every list of a run says of the run."""
    current = store.current_run()
    return {
        **{name: run[name] for name in ("number", "status", "outcome", "title", "horizon", "minimum_age", "about")},
        "current": current is not None and current["number"] == run["number"],
        "withdrawn": _withdrawn(store, run["number"]),
        "at": str(run["index_date"]),
        "data": said(run["about"]),
        "data_as_at": str(run["data_as_at"]),
        "model": {"name": run["model_name"], "version": run["model_version"]},
        "valid_until": str(run["valid_until"]),
        **staleness.told(settings, run),
        "waived": run["waived"] or {},
    }


def practice_changes(
    settings: Settings, practice: str, number: int | None = None, *, to_the_practice: bool = False
) -> dict[str, Any]:
    """What changed in the list of ``practice`` since the run published before (:func:`risk.register.changes`); errors as of
    :func:`practice_list`."""
    store = stores.open(settings)
    run, held = of_practice(store, practice, number)
    found = register.changes(
        store,
        settings.runs,
        run,
        practice,
        held["scheme"],
        to_the_practice=to_the_practice,
        reasons=reasons_told(settings),
    )
    kinds = ("joined", "left", "moved")
    people = [row["person_id"] for kind in kinds for row in found[kind]]
    operator.record(
        settings, store, "list.changes", outcome="answered", organisation=practice, run=run["number"], people=people
    )
    pseudonyms = Pseudonyms(keys.held(settings).person, READER)
    for kind in kinds:
        found[kind] = [
            {
                "person": short(pseudonyms.of(row["person_id"])),
                **{name: value for name, value in row.items() if name != "person_id"},
            }
            for row in found[kind]
        ]
    return {
        **heading(settings, run, held),
        **found,
        "says": NOT_FOR,
        "caution": LOW,
    }


def of_practice(store: Store, practice: str, number: int | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """A run that may be read, and its row of the practice; :class:`WrongUsage` where there is none, :class:`Refused` where nothing is published."""
    run = readable(store, number)
    held = store.practices(run["number"], practice)
    if len(held) != 1:
        found = "no such practice" if not held else f"its code in {len(held)} schemes"
        there = ", ".join(row["practice"] for row in store.practices(run["number"])[:8])
        raise WrongUsage(f"expected a practice of run {run['number']} (such as {there}), found {found}")
    return run, held[0]


def readable(store: Store, number: int | None) -> dict[str, Any]:
    """The published run, or run ``number`` where it was published or kept; :class:`Refused` and :class:`WrongUsage` else."""
    run = store.current_run() if number is None else store.run(number)
    if number is None and run is None:
        raise Refused("nothing is published yet; `frailty run` scores a record and publishes its lists")
    if run is None or run["status"] not in ("published", "shadow", "withdrawn"):
        raise WrongUsage(f"expected a run that was published or kept as a shadow run, found no run {number}")
    return run


def reasons(
    settings: Settings, number: int, person_id: int, role: str | None = None, beside: str | None = None
) -> dict[str, Any] | None:
    """Why a run gave a person their score (:func:`reasons_of`); None where the run did not score them."""
    return reasons_of(settings, number, (person_id,), role, beside).get(person_id)


def reasons_of(
    settings: Settings, number: int, people: Collection[int], role: str | None = None, beside: str | None = None
) -> dict[int, dict[str, Any]]:
    """Why a run gave each of ``people`` their score, listed or not, or their score of the model ``beside``; of whoever the run did not score there is
    nothing. Of what is sensitive only a reader whose ``role`` the area's rules name is told more than the domain.

    :class:`Refused` where a predictor has changed its meaning since: its words would speak of another number.
    """
    held = folder.manifest(settings.runs, number)
    files = (folder.SCORES, folder.CONTRIBUTIONS)
    told = held
    if beside is not None:
        others = {other["name"]: other for other in held.get("outcomes", ())}
        if beside not in others:
            return {}
        told = others[beside]
        files = (folder.scores_beside(told["place"], beside), folder.contributions_beside(told["place"], beside))
    if held.get("removed"):
        raise Refused(
            f"run {number} keeps the reasons of whom its lists name alone: those of everybody are kept of the newest runs (setting full_score_runs)"
        )
    declared = {predictor.name: predictor for predictor in CATALOGUE}
    for name, fingerprint in told["predictors"].items():
        if name not in declared or declared[name].fingerprint != fingerprint:
            raise Refused(f"run {number} was explained with a predictor that is declared otherwise today: {name}")
    score, everybody, moved, values = (
        folder.person_rows(settings.runs, number, name, people)
        for name in (files[0], folder.SCORES, files[1], folder.VALUES)
    )
    known = [one for one in people if all(one in rows for rows in (score, everybody, moved, values))]
    if not known:
        return {}
    names = list(told["predictors"])
    curve = Calibrator.from_json(told["calibrator"]).probability if "calibrator" in told else None
    explained = Explainer([declared[name] for name in names], sees_detail(settings, role), curve).explain(
        np.array([[moved[one][name] for name in (*names, folder.BASELINE)] for one in known], np.float64),
        np.array([[values[one][name] for name in names] for one in known], np.float32),
        np.array([everybody[one]["feeds"] for one in known], np.uint64),
        np.array([everybody[one].get("unconfirmed", 0) for one in known], np.uint64),
        np.array([moved[one].get(folder.OTHER, 0.0) for one in known]),
    )
    return dict(zip(known, explained, strict=True))


def reasons_told(settings: Settings) -> register.Told:
    """As :func:`risk.register.changes` asks for reasons: of nobody where a run's cannot be told any more."""

    def told(number: int, people: Collection[int]) -> Mapping[int, Reasons]:
        try:
            return reasons_of(settings, number, people) if people else {}
        except (Refused, BadInput, OSError):
            return {}

    return told


def _withdrawn(store: Store, number: int) -> dict[str, Any] | None:
    held = store.withdrawal(number)
    return None if held is None else {"at": str(held["at"].date()), "reason": held["reason"]}


def listed_person(entry: dict[str, Any], pseudonyms: Pseudonyms) -> dict[str, Any]:
    """Somebody of a list as the terminal shows them."""
    return {
        "rank": entry["rank"],
        "section": entry["section"],
        "home": entry["home"],
        "plan": plans.followed(orjson.loads(entry["flags"])),
        "person": short(pseudonyms.of(entry["person_id"])),
        "age_band": entry["age_band"],
        "sex": entry["sex"],
        "band": entry["band"],
        "probability": entry["probability"],
        "risk": in_a_hundred(entry["probability"]),
        "low": entry["low"],
        "high": entry["high"],
        "outcomes": [
            {name: other[name] for name in ("outcome", "title", "horizon", "band", "probability", "low", "high")}
            for other in entry["outcomes"]
        ],
        "reason": entry["reason"],
        "reasons": orjson.loads(entry["reasons"]),
        "flags": orjson.loads(entry["flags"]),
    }


def short(pseudonym: str) -> str:
    """The beginning of a pseudonym, in two parts that can be read aloud."""
    return f"{pseudonym[:4]}-{pseudonym[4:8]}"
