"""What the OpenAPI document says of a route's answers: the good one with an example, and each problem that it can give."""

from __future__ import annotations

from typing import Any, get_origin

from pydantic import BaseModel

from serving.problems import KINDS, MEDIA_TYPE, PREFIX
from serving.shapes.shape import Shape

#: The problems of every route that reads of a practice or a person.
READING = ("unauthenticated", "insufficient-scope", "not-found", "nothing-published", "unfit-parameter", "too-many", "unavailable")


def documents(shape: type[Shape], *problems: str) -> dict[int | str, dict[str, Any]]:
    """A route's answers for the OpenAPI document: the good one with its example, and each problem with its own."""
    good = {"model": shape, "description": "Done", "content": {"application/json": {"example": example(shape)}}}
    answers: dict[int | str, dict[str, Any]] = {200: good}
    for name in problems:
        kind = KINDS[name]
        content = answers.setdefault(kind.status, {"description": kind.title, "content": {MEDIA_TYPE: {"schema": _PROBLEM, "examples": {}}}})  # fmt: skip
        content["content"][MEDIA_TYPE]["examples"][name] = {
            "value": {"type": PREFIX + name, "title": kind.title, "status": kind.status}
        }
    return answers


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
