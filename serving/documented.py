"""What the OpenAPI document says of a route's answers: the good one with an example, and each problem that it can give."""

from __future__ import annotations

from typing import Any, get_origin

from fastapi import FastAPI
from pydantic import BaseModel

from serving.problems import KINDS, MEDIA_TYPE, PREFIX
from serving.shapes.shape import Shape

#: The problems of every route that reads of a practice or a person.
READING = (
    "unauthenticated",
    "insufficient-scope",
    "not-found",
    "nothing-published",
    "unfit-parameter",
    "too-many",
    "unavailable",
)

#: Problems that stand before a route, whichever it is: of every one, of those behind the gate, and of those that take a body.
ANY, GATED, OF_A_BODY = ("internal", "too-slow"), ("unauthenticated", "too-many", "unavailable"), ("invalid-request", "body-too-slow", "too-large")  # fmt: skip
#: Headers without which a write is refused, but only after it is known whether the caller may write at all.
NEEDED = frozenset({"if-match", "idempotency-key"})


def documents(shape: type[Shape], *names: str) -> dict[int | str, dict[str, Any]]:
    """A route's answers for the OpenAPI document: the good one with its example, and each problem with its own."""
    good = {"model": shape, "description": "Done", "content": {"application/json": {"example": example(shape)}}}
    return {200: good, **problems(*names)}


def problems(*names: str) -> dict[int | str, dict[str, Any]]:
    """The problems of a route, by status, each with its example."""
    answers: dict[int | str, dict[str, Any]] = {}
    for name in names:
        _say(answers, KINDS[name].status, name)
    return answers


def _say(answers: dict[Any, dict[str, Any]], status: int | str, name: str) -> None:
    """Among ``answers`` by status, the problem of this name with its example."""
    kind = KINDS[name]
    content = answers.setdefault(status, {"description": kind.title, "content": {MEDIA_TYPE: {"schema": _PROBLEM, "examples": {}}}})  # fmt: skip
    told = {"type": PREFIX + name, "title": kind.title, "status": kind.status}
    content["content"][MEDIA_TYPE]["examples"][name] = {"value": told}


def complete(app: FastAPI) -> None:
    """Say in ``app``'s document what stands before each route as well as what the route itself says."""
    plain = app.openapi

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            for operations in plain()["paths"].values():
                for operation in operations.values():
                    _complete(operation)
        held: dict[str, Any] = plain()
        return held

    app.openapi = document  # type: ignore[method-assign]


def _complete(operation: dict[str, Any]) -> None:
    before = (*ANY, *(GATED if "security" in operation else ()), *(OF_A_BODY if "requestBody" in operation else ()))
    for name in before:
        _say(operation["responses"], str(KINDS[name].status), name)
    for one in operation.get("parameters", ()):
        if one["in"] == "header" and one["name"].lower() in NEEDED:
            said = {name: value for name, value in one["schema"].items() if name != "anyOf"}
            one |= {"required": True, "example": said["examples"][0], "schema": {"type": "string", **said}}


def example(shape: type[BaseModel]) -> dict[str, Any]:
    """An example of a shape, from its fields' own."""
    return {
        field.alias or name: _example(field.annotation, field.examples) for name, field in shape.model_fields.items()
    }


def _example(annotation: Any, given: list[Any] | None) -> Any:
    if given is not None:
        return given[0]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return example(annotation)
    inner = example(annotation.__args__[0])
    return [inner] if get_origin(annotation) is list else inner


def token_request() -> dict[str, Any]:
    """The form that `/v1/token` takes."""
    text = {"type": "string"}
    schema = {"type": "object", "required": ["grant_type"],
              "properties": {"grant_type": {"type": "string", "enum": ["client_credentials"]}, "client_id": text,
                             "client_secret": text, "client_assertion_type": text, "client_assertion": text,
                             "scope": text}}  # fmt: skip
    example = {"grant_type": "client_credentials", "client_id": "client-0123456789abcdef", "client_secret": "…"}
    return {
        "requestBody": {
            "required": True,
            "content": {"application/x-www-form-urlencoded": {"schema": schema, "example": example}},
        }
    }


_PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
}
