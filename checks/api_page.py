"""The page of every call of the API, from the service's own OpenAPI document: what it takes, an example of asking, and each answer that it gives."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from risk.settings import Settings
from serving.app import create_app

SERVER = "http://127.0.0.1:8000"


def page() -> str:
    """The whole page. The service is made in an empty folder that is removed again: what it answers is not asked."""
    with tempfile.TemporaryDirectory() as folder:
        api = create_app(Settings(home=Path(folder) / "home", environment="test")).openapi()
    lines = ["# Every call of the API", "",
             "Written by `make docs` from the service's own OpenAPI 3.1 document, which it answers at `/openapi.json`. How to ask, page, and write: [the API](api.md).", "",
             api["info"]["description"], ""]  # fmt: skip
    for path, operations in api["paths"].items():
        for method, operation in operations.items():
            lines += _call(method, path, operation)
    return "\n".join([*lines, ""])


def _call(method: str, path: str, operation: dict[str, Any]) -> Iterator[str]:
    yield from (f"## {operation['summary']}", "", f"`{method.upper()} {path}`", "")
    if operation.get("description"):
        yield from (" ".join(operation["description"].split()), "")
    yield from ("```sh", *_curl(method, path, operation), "```", "")
    given = operation.get("parameters", [])
    if given:
        yield from ("| takes | in | |", "|---|---|---|")
        yield from (f"| `{one['name']}`{', needed' if one.get('required') else ''} | {one['in']} | {_cell(_says(one))} |" for one in given)  # fmt: skip
        yield ""
    yield from ("| answers | |", "|---|---|")
    for status, answer in sorted(operation["responses"].items()):
        kinds = [kind for held in answer.get("content", {}).values() for kind in held.get("examples", {})]
        yield f"| {status} | {_cell(answer['description'])}{': ' + ', '.join(f'`{kind}`' for kind in kinds) if kinds else ''} |"  # fmt: skip
    yield ""
    good = operation["responses"].get("200", {}).get("content", {}).get("application/json", {}).get("example")
    if good is not None:
        yield from ("```json", json.dumps(good, indent=1, ensure_ascii=False), "```", "")


def _says(parameter: dict[str, Any]) -> str:
    return str(parameter.get("description") or parameter.get("schema", {}).get("description") or "")


def _cell(words: str) -> str:
    return " ".join(words.split()).replace("|", "\\|")


def _curl(method: str, path: str, operation: dict[str, Any]) -> Iterator[str]:
    """A call as it is typed, with the document's own example as its body."""
    words = ["curl -s", *([f"-X {method.upper()}"] if method != "get" else [])]
    if "security" in operation:
        words.append('-H "Authorization: Bearer $TOKEN"')
    words += [
        f'-H "{one["name"]}: {one["example"]}"'.replace('""', '\\"')
        for one in operation.get("parameters", [])
        if one["in"] == "header" and one.get("required") and "example" in one
    ]
    for kind, held in operation.get("requestBody", {}).get("content", {}).items():
        example = held.get("example") or next((one["value"] for one in held.get("examples", {}).values()), None)
        words.append(f'-H "Content-Type: {kind}"')
        if kind == "application/x-www-form-urlencoded":
            words += [f"-d '{name}={value}'" for name, value in (example or {}).items()]
        elif example is not None:
            words.append("-d '" + (json.dumps(example) if not isinstance(example, str) else example).replace("'", "'\\''") + "'")  # fmt: skip
    yield " ".join([*words, f"'{SERVER}{path}'"])
