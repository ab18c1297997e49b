"""Everything that the service answers and the command line prints, found by looking, filled in by name, and asked.

What is added later is asked too. A route, parameter or command that cannot be filled in from here fails the test that walks: whoever adds one says here
how it is asked, or why it shows nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import typer

from risk.cli import app as commands

#: What stands in a path, by the parameter's name; ``person`` is the caller's own id of somebody.
PATHS = {"code": "{practice}", "team": "north", "outcome": "deterioration", "criterion": "high_risk_not_admitted", "practice": "{practice}", "person": "{person}", "number": "1",
         "assessment": "{person}-83d77ea5", "flag": "{person}-listed", "listing": "priority-{practice}", "group": "priority-{practice}", "event": "{person}-0", "job": "0" * 32, "file": "Patient.ndjson", "service": "patient-risk", "token": "0" * 64}  # fmt: skip
#: Values of parameters of a query, by name. Those of an enumeration and of yes or no are tried all.
QUERIES: dict[str, tuple[Any, ...]] = {"run": (1, 2), "limit": (1, 1000), "after": (0, 1), "since": (0, 1)}
#: What is posted where it is no JSON; a JSON body is made of the examples that its fields document.
FORMS: dict[str, dict[str, Any]] = {
    # Signed by the client for one use, so refused here; tests/integration/test_cds_hooks.py asks them of whoever is hidden.
    "/cds-services/{service}": {"json": {}},
    "/cds-services/{service}/feedback": {"json": {}},
    "/v1/token": {"data": {"grant_type": "client_credentials", "client_id": "client-0000000000000000", "client_secret": "x"}},
    "/pages/look-up": {"data": {"token": "{token}", "number": "999 123 4578", "purpose": "front_door"}},
    "/pages/break-glass": {"data": {"token": "{token}", "number": "999 123 4578", "reason": "asked of every page, of nobody who is there"}},
    "/pages/break-glass/{number}/review": {"data": {"token": "{token}", "verdict": "justified"}},
    "/pages/logout": {"data": {"token": "none"}},
    "/pages/practices/{code}/exports": {"data": {"token": "{token}", "format": "csv"}},
    "/pages/persons/{person}/decide": {"data": {"token": "{token}", "version": "0", "key": "asked-of-every-page-1", "decision": "decline", "reason": "person_declined", "told": "no", "why_not": "not_reached_yet"}},
    "/pages/persons/{person}/act": {"data": {"token": "{token}", "version": "0", "key": "asked-of-every-page-2", "action": "falls_assessment", "owner": "the falls service", "due": "2024-12-20"}},
    "/pages/persons/{person}/add": {"data": {"token": "{token}", "version": "0", "key": "asked-of-every-page-6", "reason": "clinical_judgement", "words": "seen last week"}},
    "/pages/persons/{person}/remove": {"data": {"token": "{token}", "version": "0", "key": "asked-of-every-page-7", "reason": "clinical_judgement", "words": "seen last week"}},
    "/pages/persons/{person}/dispute": {"data": {"token": "{token}", "version": "0", "key": "asked-of-every-page-8", "fact": "spell.spell", "told_by": "person", "correction_words": "planned"}},
    "/pages/persons/{person}/corrections/{number}/answer": {"data": {"token": "{token}", "version": "0", "key": "asked-of-every-page-9", "answer": "corrected", "words": "put right"}},
    "/pages/persons/{person}/letter/approve": {"data": {"token": "{token}", "version": "0", "key": "asked-of-every-page-4", "form": "standard", "digest": "0", "who": "the practice nurse", "telephone": "01632 960000"}},
    "/pages/persons/{person}/letter/withdraw": {"data": {"token": "{token}", "version": "0", "key": "asked-of-every-page-5"}},
    "/pages/persons/{person}/frailty": {"data": {"token": "{token}", "version": "0", "key": "asked-of-every-page-10", "answer": "change", "category": "mild", "how": "clinical_judgement", "on": "2024-12-02", "assessor": "the practice nurse"}},
    "/pages/persons/{person}/identity": {"data": {"token": "{token}", "reason": "to look the person up"}},
    "/pages/persons/{person}/actions/{number}/outcome": {"data": {"token": "{token}", "version": "0", "key": "asked-of-every-page-3", "outcome": "done", "on": "2024-12-02"}},
}  # fmt: skip
#: Queries of pages and of FHIR, which are in no OpenAPI document: each is asked beside the page as it is.
PAGES: dict[str, tuple[dict[str, str], ...]] = {
    "/pages/practices/{code}/list": (
        {"view": "folded"},
        {"view": "new"},
        {"section": "care_home"},
        {"page": "2"},
        {"decide": "{person}"},
        {"places": "2"},
        {"whole": "true"},
    ),
    "/pages/persons/{person}/letter": ({"form": "large"}, {"form": "easy"}),
    "/pages/practices/{code}/meeting": ({"person": "{person}"},),
    "/pages/practices/{code}/frailty-register": ({"state": "waiting"}, {"page": "2"}),
    "/pages/login/start": ({"issuer": "0"},),
    "/pages/launch": ({"iss": "https://elsewhere.example/fhir", "launch": "x"},),
    "/fhir/R4/RiskAssessment": (
        {"patient": "{person}"},
        {"patient": "Patient/{person}", "date": "ge2024-01-01", "_count": "1"},
        {"patient": "{person}", "probability": "ge0"},
    ),
    "/fhir/R4/AuditEvent": ({"patient": "{person}"}, {"patient": "{person}", "date": "ge2024-01-01", "_count": "1"}),
    "/fhir/R4/Flag": ({"patient": "{person}"},),
    "/fhir/R4/Group": ({"_count": "1"}, {"identifier": "priority-{practice}"}),
    "/fhir/R4/List": ({"_count": "1"}, {"identifier": "priority-{practice}"}),
}
#: Headers without which a call is none, by its path: of FHIR, which is in no OpenAPI document.
SENT = {"/fhir/R4/Group/{group}/$export": {"Prefer": "respond-async"}}
#: Headers, by name: None where the walk does not send one.
HEADERS = {"if-none-match": None, "authorization": None, "if-match": '"v0"', "idempotency-key": "asked-of-every-route"}


class CannotBeFilledIn(AssertionError):
    """A route or command that the walk does not know how to ask."""


@dataclass(frozen=True)
class Asked:
    """One request. ``names_a_person``: somebody's id is in it."""

    method: str
    template: str
    path: str
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def names_a_person(self) -> bool:
        return "{person}" in self.path or "{person}" in str(self.more)

    @property
    def is_a_page(self) -> bool:
        """Behind the people's door: asked with a session, not with a token."""
        return self.template.startswith("/pages")

    def filled(self, practice: str, person: str, token: str = "") -> tuple[str, str, dict[str, Any]]:
        def fill(said: Any) -> Any:
            if isinstance(said, Mapping):
                return {name: fill(value) for name, value in said.items()}
            return (
                said.replace("{practice}", practice).replace("{person}", person).replace("{token}", token)
                if isinstance(said, str)
                else said
            )

        return self.method, fill(self.path), fill(self.more)

    def __str__(self) -> str:
        asked = {name: value for name, value in self.more.items() if name == "params"}
        return f"{self.method} {self.path} {asked or ''}".strip()


def requests(app: Any) -> list[Asked]:
    """Every request that ``app`` routes: each method of each path as it is, and with each value of each parameter."""
    described = app.openapi()["paths"]
    schemas = app.openapi().get("components", {}).get("schemas", {})
    found: list[Asked] = []
    for path, methods in sorted(_routes(app)):
        for method in sorted(methods - {"HEAD", "OPTIONS"}):
            operation = described.get(path, {}).get(method.lower(), {"parameters": []})
            found += _requests(method, path, operation, schemas)
    return found


def _requests(method: str, path: str, operation: Mapping[str, Any], schemas: Mapping[str, Any]) -> Iterator[Asked]:
    missing = set(re.findall(r"{(\w+)(?::\w+)?}", path)) - set(PATHS)
    if missing:
        raise CannotBeFilledIn(f"{method} {path}: nothing stands here for {', '.join(sorted(missing))}")
    filled = re.sub(r"{(\w+)(?::\w+)?}", lambda name: PATHS[name[1]], path)
    more = FORMS.get(path) or _body(method, path, operation, schemas)
    unknown = [one["name"] for one in operation.get("parameters", []) if one["in"] == "header" and one["name"].lower() not in HEADERS]  # fmt: skip
    if unknown:
        raise CannotBeFilledIn(f"{method} {path}: nothing stands here for the header {unknown[0]}")
    sent = {
        one["name"]: HEADERS[one["name"].lower()] for one in operation.get("parameters", []) if one["in"] == "header"
    }
    known = {name: value for name, value in sent.items() if value is not None}
    more = {**more, "headers": known | SENT.get(path, {})}
    yield Asked(method, path, filled, more)
    for query in PAGES.get(path, ()):
        yield Asked(method, path, filled, {**more, "params": query})
    for parameter in operation.get("parameters", []):
        name = parameter["name"]
        if parameter["in"] != "query":
            continue
        for value in _values(parameter) or QUERIES.get(name, ()):
            yield Asked(method, path, filled, {**more, "params": {name: value}})
        if not _values(parameter) and name not in QUERIES:
            raise CannotBeFilledIn(f"{method} {path}: nothing stands here for the parameter {name}")


def _body(method: str, path: str, operation: Mapping[str, Any], schemas: Mapping[str, Any]) -> dict[str, Any]:
    """A JSON body of the documented examples of its fields; of a person, the one asked about."""
    if method not in ("POST", "PUT", "PATCH"):
        return {}
    schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    if schema is None:
        raise CannotBeFilledIn(f"{method} {path}: no body stands here for it")
    fields = schemas[schema["$ref"].rsplit("/", 1)[-1]]
    said: dict[str, Any] = {}
    for name, about in fields["properties"].items():
        inner = schemas.get(str(about.get("$ref", "")).rsplit("/", 1)[-1], {}).get("properties", {})
        examples = about.get("examples") or [
            {key: one["examples"][0] for key, one in inner.items() if one.get("examples")}
        ]
        if examples[0] or name not in fields.get("required", ()):
            said |= {name: examples[0]} if examples[0] not in (None, {}, []) else {}
        else:
            raise CannotBeFilledIn(f"{method} {path}: `{name}` of the body documents no example")
    return {"json": said | ({"person": "{person}"} if "person" in said else {})}


def _values(parameter: Mapping[str, Any]) -> list[Any]:
    schema = parameter.get("schema", {})
    kinds = [schema, *schema.get("anyOf", [])]
    found = [value for kind in kinds for value in kind.get("enum", [])]
    return found or (["true", "false"] if any(kind.get("type") == "boolean" for kind in kinds) else [])


def _routes(app: Any) -> set[tuple[str, frozenset[str]]]:
    found: dict[str, frozenset[str]] = {}
    waiting: list[Any] = list(app.routes)
    while waiting:
        route = waiting.pop()
        inner = getattr(route, "original_router", None) or route
        waiting += getattr(inner, "routes", [])
        if getattr(route, "methods", None):
            found[route.path] = found.get(route.path, frozenset()) | frozenset(route.methods)
    for path, operations in app.openapi()["paths"].items():
        found[path] = found.get(path, frozenset()) | {method.upper() for method in operations}
    return set(found.items())


#: Commands that print or write what is known of people or runs, as they are asked; ``{…}`` are places of the walk's own.
PRINTS: dict[str, tuple[str, ...]] = {
    "list": (
        "--practice {practice}",
        "--practice {practice} --json",
        "--practice {practice} --run 1 --json",
        "--practice {practice} --run 2 --json",
        "--practice {practice} --changes --json",
        "--practice {practice} --changes --to-practice --json",
        "--practice {practice} --changes",
        "--team north",
        "--team north --json",
    ),
    "feeds": ("--record {record} --json", "--record {record} --ledger --json", "--record {record} --out {out}/feeds.html --json"),
    "holdout show": ("--json",),
    "client list": ("--json",),
    "org show": ("--json",),
    "permissions": ("--record {record} --json",),
    "models": ("--json",),
    "decisions": ("--practice {practice}", "--practice {practice} --json", "--practice {practice} --view all --json"),
    "register": ("--practice {practice}", "--practice {practice} --json", "--practice {practice} --state waiting --json"),
    "hospital-at-home": ("--practice {practice}", "--practice {practice} --json"),
    "criteria": ("--practice {practice}", "--practice {practice} --name housebound --json", "--practice {practice} --name high_risk_not_admitted"),
    "retention": ("--json",),
    "audit verify": ("--json",),
    "audit checkpoint": ("--json",),
    "webhooks list": ("--json",),
    "break-glass list": ("--json", "--all --json"),
}  # fmt: skip
#: Commands that are not asked, and why they show nobody who is hidden.
SHOWS_NOBODY: dict[str, str] = {
    "break-glass review": "prints the number of an opening; tests/integration/test_break_glass.py looks for the person",
    **dict.fromkeys(("client add", "client end", "client key", "client token", "org import", "store migrate", "identity rotate", "serve", "demo", "sessions end",
                     "simulate", "check", "settings", "outcomes", "codelists", "doctor", "schedule"), "says nothing of a run or of anybody in it"),
    **dict.fromkeys(("train", "validate", "monitor", "promote", "rollback", "features", "prepare", "predictors"),
                    "counts and figures; what it writes is walked with those who object"),
    **dict.fromkeys(("run", "ingest", "suppress", "opt-outs", "withdraw", "baseline freeze", "baseline show", "holdout start", "holdout end", "backup", "restore"), "prints counts alone"),
    "deliver": "prints counts; tests/integration/test_delivery.py reads what it writes for whoever is hidden",
    "downtime-copy": "prints counts; tests/integration/test_downtime.py reads what it writes for whoever is hidden",
    "explain-predictor": "whoever is hidden is nobody there: tests/integration/test_explaining.py asks it of one person",
    "person-report": "prints counts; what it writes is the person's own, whoever they are hidden from: tests/integration/test_person_report.py",
    **dict.fromkeys(("webhooks add", "webhooks remove"), "says of a client where it is told, and nothing of a run"),
    "webhooks deliver": "prints counts; tests/integration/test_webhooks.py reads what it sends",
    "events": "prints counts; tests/integration/test_events.py asks for the events of whoever is hidden",
    "forget": "prints counts and the ids of forgettings, and nobody's",
    "link": "whoever decides which records are one person's decides it of the dead too; it shows pairs, and no score",
}  # fmt: skip


def typed_commands() -> list[str]:
    """Every command line that shows something, to be filled in; :class:`CannotBeFilledIn` where a command is in neither table."""
    every = set(_commands(typer.main.get_command(commands)))
    unknown = sorted(every - set(PRINTS) - set(SHOWS_NOBODY))
    if unknown:
        raise CannotBeFilledIn(
            f"`frailty {unknown[0]}` is walked by nobody: say how it is asked, or why it shows nobody"
        )
    return [f"{command} {flags}" for command, asked in PRINTS.items() if command in every for flags in asked]


def _commands(group: Any, before: tuple[str, ...] = ()) -> Iterator[str]:
    if hasattr(group, "commands"):
        for name, inner in group.commands.items():
            yield from _commands(inner, (*before, name))
    else:
        yield " ".join(before)
