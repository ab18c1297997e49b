"""Every operation of the OpenAPI document, called with what fits it, what does not and what nobody thought of: each answer is one that the document promises.

Deterministic: the same calls each time. ``EXAMPLES`` (environment) says how many made-up calls an operation gets beside those that go to the edges of each
field; ``make accept-schemathesis`` makes many.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from schemathesis import engine
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events

from risk.settings import Settings
from tests.asked import requests
from tests.identities import NUMBERS, known
from tests.integration.test_suppression_walk import HERE, Place, place

__all__ = ["place"]
EXAMPLES = int(os.environ.get("EXAMPLES", "1"))
#: What calls are limited to would end the walk; tests/integration/test_resources.py is of the limits.
UNLIMITED = {"requests_per_minute": 10_000_000, "lookups_per_minute": 10_000}
#: Statuses by which an operation may refuse what its schema takes, because of a rule that a JSON Schema cannot say, and the rule.
BEYOND_A_SCHEMA: dict[str, tuple[list[int], str]] = {
    "POST /v1/persons/lookup": ([422], "an NHS number's check digit"),
    "POST /v1/links": ([422], "one of a person, a number and a practice; an NHS number's check digit; a user of the directory"),
    "POST /v1/suppressions": ([422], "days that have come; a practice goes with one ground"),
    "POST /v1/score": ([422], "contracts of the record's tables, and what is too little for a score"),
    "POST /v1/token": ([400], "which proofs go together (RFC 7521 §4.2)"),
    **{
        f"POST /v1/{whose}/exports": ([422], "columns of the kind of file, each once; which fields go with which kind")
        for whose in ("practices/{code}", "teams/{team}", "networks/{code}", "places/{code}")
    },
    **{
        f"POST /v1/persons/{{person}}/{what}": ([412, 422], "which fields go with which, days to come, and the version that stands by now")
        for what in ("decisions", "additions", "removals", "actions", "actions/{number}/outcome", "corrections", "corrections/{number}/answer", "frailty")
    },
}  # fmt: skip
#: Reads of which this installation has nothing to give.
NOTHING_HERE = {"GET /v1/networks/{code}/list", "GET /v1/places/{code}/list", "GET /v1/practices/{code}/lists/{outcome}"}  # fmt: skip


@pytest.fixture
def store_settings(store_settings: Settings) -> Settings:
    return store_settings.model_copy(update=UNLIMITED)


def config(place: Place, person: str) -> SchemathesisConfig:
    """All checks that there are by default; somebody and something to ask about."""
    kinds = ("2xx", "3xx", "401", "403", "404", "409", "429")
    return SchemathesisConfig.from_dict({
        "seed": 1,
        "headers": place.headers,
        "generation": {"max-examples": EXAMPLES, "deterministic": True, "no-shrink": True, "database": "none"},
        "phases": {"stateful": {"enabled": False}},
        "continue-on-failure": True,
        # RFC 6585 §3: what is there for a write that does not say which version it rests on.
        "checks": {"missing_required_header": {"expected-statuses": ["400", "401", "403", "422", "428"]}},
        "parameters": {"path.person": person, "path.code": HERE, "path.team": "north"},
        "operations": [
            {"include-name": name, "checks": {"positive_data_acceptance": {"expected-statuses": [*kinds, *map(str, more)]}}}
            for name, (more, _) in BEYOND_A_SCHEMA.items()
        ],
    })  # fmt: skip


def walked(schema: Any) -> Iterator[events.ScenarioFinished]:
    """What each operation was asked and answered; an error of the walk itself is an error here."""
    for event in engine.from_schema(schema).execute():
        if isinstance(event, events.NonFatalError):
            raise event.value
        if isinstance(event, events.FatalError):
            raise event.exception
        if isinstance(event, events.ScenarioFinished):
            yield event


@pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)
def test_every_answer_is_one_that_the_document_promises(place: Place) -> None:
    """Harm: a caller's program meets an answer that nobody told its makers of, and shows nobody, or somebody twice; or the service breaks down over what was
    sent. OWASP API8:2023 and API9:2023."""
    service = place.service
    looked_up, one, *_ = place.listed(2)
    known(service, {looked_up: NUMBERS[101]})
    person = place.pseudonyms.of(one)
    whole = schemathesis.openapi.from_asgi("/openapi.json", service.http.app, config=config(place, person))
    found: dict[str, str] = {}
    answered: dict[str, Counter[int]] = defaultdict(Counter)
    # Whoever is told of is gone from every answer, so they are told of when everything else was asked.
    for schema in (whole.exclude(path="/v1/suppressions"), whole.include(path="/v1/suppressions")):
        for scenario in walked(schema):
            for interaction in scenario.recorder.interactions.values():
                if interaction.response is not None:
                    answered[scenario.recorder.label][interaction.response.status_code] += 1
            for checks in scenario.recorder.checks.values():
                for check in checks:
                    if check.failure_info is not None:
                        failure = check.failure_info.failure
                        key = f"{failure.operation}: {failure.title}: {failure.message}"
                        found.setdefault(key, check.failure_info.code_sample)
    assert not found, "\n\n".join(f"{what}\n{how}" for what, how in found.items())
    documented = set(operations(place))
    assert set(answered) == documented
    well = {name for name, statuses in answered.items() if 200 in statuses}
    assert {name for name in documented - well if name.startswith("GET")} == NOTHING_HERE, "the rest could answer"
    assert not [name for name, statuses in answered.items() if any(status >= 500 for status in statuses)]


def operations(place: Place) -> dict[str, dict[str, Any]]:
    """Of the document, by method and path."""
    paths = place.service.http.app.openapi()["paths"]  # type: ignore[attr-defined]
    return {f"{method.upper()} {path}": one for path, of in paths.items() for method, one in of.items()}


@pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)
def test_the_documents_own_examples_are_taken_and_answered_as_it_says(place: Place) -> None:
    """Harm: whoever writes a program by the document's examples gets nothing but errors. Whatever is posted, in an order in which each makes sense."""
    service, (looked_up, one, *_) = place.service, place.listed(2)
    known(service, {looked_up: NUMBERS[101]})
    person, document = place.pseudonyms.of(one), schemathesis.openapi.from_dict(service.http.app.openapi())  # type: ignore[attr-defined]
    asked = {one.template: one for one in requests(service.http.app) if one.method == "POST"}
    of_person = [f"/v1/persons/{{person}}/{what}" for what in ("actions", "actions/{number}/outcome", "corrections", "corrections/{number}/answer",
                                                               "decisions", "removals", "additions", "frailty")]  # fmt: skip
    files = ["/v1/practices/{code}/exports", "/v1/teams/{team}/exports"]
    elsewhere = ["/v1/networks/{code}/exports", "/v1/places/{code}/exports"]  # of which there are none here
    order = ["/v1/persons/lookup", "/v1/links", *files, *of_person, "/v1/score", "/v1/suppressions"]
    assert {f"POST {path}" for path in (*order, *elsewhere, "/v1/token")} == {name for name in operations(place) if name.startswith("POST")}  # fmt: skip
    number = 1
    for turn, template in enumerate(order):
        method, path, more = asked[template].filled(HERE, person)
        history = service.http.get(f"/v1/persons/{person}/{'frailty' if 'frailty' in path else 'decisions'}", headers=place.headers)  # fmt: skip
        headers = {"If-Match": history.headers["etag"], "Idempotency-Key": f"an-example-of-the-document-{turn}"}
        path = template.replace("{person}", person).replace("{number}", str(number)).replace("{code}", HERE).replace("{team}", "north")  # fmt: skip
        got = service.http.request(method, path, json=more["json"], headers={**place.headers, **headers})
        assert got.status_code == 200, (template, got.text)
        document[template][method].validate_response(got)
        number = number if template in files else got.json().get("seq", number)
