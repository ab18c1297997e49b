"""RiskAssessment: a person's risk of one outcome in the published run, and why (http://hl7.org/fhir/R4/riskassessment.html).

``probabilityDecimal`` is a percentage, 0-100, as R4 has it (invariant ras-2); the API's ``probability`` is a fraction. Each outcome is a resource of its own,
with a model of its own, and keeps its id from run to run: ``meta.versionId`` is the run.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import orjson
from fastapi import APIRouter, Depends, Request, Response

from serving.fhir import narrowing, searching, wording
from serving.fhir.speaking import BASE, answer, coded, identifier, notes, own, patient, spoken, standard, system
from serving.problems import Problem
from serving.routes import persons

router = APIRouter(prefix=f"{BASE}/RiskAssessment", dependencies=[Depends(spoken)], include_in_schema=False)
SEARCHED = {
    "patient": "reference",
    "subject": "reference",
    "date": "date",
    narrowing.CONDITION: "reference",
    narrowing.RISK: "token",
    narrowing.PROBABILITY: "number",
}
#: Outcomes as they are identified.
OUTCOME = "outcome"
#: Our bands in the codes of R4's example of how likely something is.
QUALITIES = {"high": "high", "medium": "moderate", "low": "low"}
_ID = re.compile(r"([a-z2-7]{39})-([0-9a-f]{8})")


@router.get("")
def search(request: Request) -> Response:
    """Of one patient, by day, outcome and probability. Somebody who is not there is a 404 and no empty page, which would read as somebody without a risk."""
    searching.known(request, (*SEARCHED, narrowing.BY_IDENTIFIER), several=("date", *narrowing.SEVERAL))
    person = searching.person(request)
    searching.on(request, date.min)
    searching.page(request)
    likely = narrowing.probabilities(request)
    told = about(request, person)
    wanted = narrowing.outcomes(request, system(OUTCOME), _scored(request, told))
    found = assessments(told) if searching.on(request, date.fromisoformat(told["index_date"])) else []
    found = narrowing.fitting(found, wanted, likely)
    return answer(searching.paged(request, found))


@router.get("/{assessment}")
def read(request: Request, assessment: str) -> Response:
    """One outcome's, by the id that a search gave."""
    found = _ID.fullmatch(assessment)
    told = about(request, found[1] if found else "")
    for one in assessments(told):
        if one["id"] == assessment:
            return answer(one)
    raise Problem("not-found")


def _scored(request: Request, told: Mapping[str, Any]) -> set[str]:
    """Outcomes of the run, whether or not this person is scored for each."""
    store = request.app.state.installation.store
    return {told["outcome"]["name"], *(row["outcome"] for row in store.outcomes(told["run"]))}


def about(request: Request, person: str) -> dict[str, Any]:
    """The API's own answer about a person, and so its own row in the audit."""
    told: dict[str, Any] = orjson.loads(persons.risk(request, person).body)
    return told


def assessments(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Everything that the API told of a person: first the outcome that the lists rank by."""
    ranked = {
        **told["outcome"],
        **{name: told[name] for name in ("band", "probability", "interval", "model", "reasons")},
    }
    return [_assessment(told, one) for one in (ranked, *told["outcomes"])]


def assessment_id(person: str, outcome: str, horizon: int) -> str:
    """Of a person's risk of an outcome within ``horizon`` days; the same in every run."""
    return f"{person}-{hashlib.sha256(f'{outcome}|{horizon}'.encode()).hexdigest()[:8]}"


def percentage(probability: float) -> float:
    """A fraction as R4 has it; past the tenth place there is only what floating point added."""
    return round(100 * probability, 10)


def _assessment(told: Mapping[str, Any], one: Mapping[str, Any]) -> dict[str, Any]:
    plan = wording.plan(told)
    model = one["model"]
    resource = {
        "resourceType": "RiskAssessment",
        "id": assessment_id(told["person"], one["name"], one["horizon_days"]),
        "meta": {"versionId": str(told["run"])},
        "identifier": [identifier("run", str(told["run"]))],
        "status": "final",
        "method": coded(f"{model['name']} version {model['version']}", own("model", model["name"]) | {"version": str(model["version"])}),
        "subject": patient(told["person"]),
        "condition": {"type": "Condition", "identifier": identifier(OUTCOME, one["name"]), "display": one["title"]},
        "occurrenceDateTime": told["index_date"],
        "basis": _basis(told, one),
        "prediction": [_prediction(told, one, plan)],
        "mitigation": plan,
        "note": notes([plan, *wording.beside(told)]),
    }  # fmt: skip
    return {name: value for name, value in resource.items() if value is not None}


def _prediction(told: Mapping[str, Any], one: Mapping[str, Any], plan: str | None) -> dict[str, Any]:
    first = date.fromisoformat(told["index_date"])
    last = first + timedelta(days=one["horizon_days"] - 1)  # the end of a period is in it; the horizon's is not
    said = [plan, f"{wording.risk(one)} within {one['horizon_days']} days of {first}.", *wording.why(one["reasons"] or {"raises": (), "lowers": ()})]  # fmt: skip
    return {
        "outcome": coded(one["title"], own(OUTCOME, one["name"])),
        "probabilityDecimal": percentage(one["probability"]),
        "qualitativeRisk": coded(one["band"], standard("risk-probability", QUALITIES[one["band"]])),
        "whenPeriod": {"start": str(first), "end": str(last)},
        "rationale": " ".join(words for words in said if words),
    }


def _basis(told: Mapping[str, Any], one: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The record that was read, and each input that moves the score, as the API names it."""
    reasons = one["reasons"] or {}
    named = [reason for kind in ("raises", "lowers") for reason in reasons.get(kind, ())]
    record = {"identifier": identifier("run", str(told["run"])),
              "display": f"the area's linked record, newest delivery of {told['data_as_at'] or told['index_date']}"}  # fmt: skip
    return [record, *({"identifier": identifier("predictor", reason["predictor"]), "display": reason["says"]} for reason in named)]  # fmt: skip
