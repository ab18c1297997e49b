"""The API in words, for people: made from its own OpenAPI document, with no script and nothing from elsewhere."""

from __future__ import annotations

from html import escape
from typing import Any

from fastapi import APIRouter, Request, Response

router = APIRouter(include_in_schema=False)


@router.get("/docs")
def docs(request: Request) -> Response:
    page = _page(request.app.openapi(), str(request.base_url).rstrip("/"))
    return Response(page, media_type="text/html; charset=utf-8")


def _page(api: dict[str, Any], address: str) -> str:
    sections = [
        _section(method.upper(), path, operation, address)
        for path, operations in api["paths"].items()
        for method, operation in operations.items()
    ]
    title = escape(api["info"]["title"])
    return (
        f'<!doctype html><html lang="en-GB"><head><meta charset="utf-8"><title>{title}</title></head><body><main>'
        f"<h1>{title} {escape(api['info']['version'])}</h1><p>{escape(api['info']['description'])}</p>"
        f'<p>Whole description: <a href="/openapi.json">openapi.json</a></p>{"".join(sections)}</main></body></html>'
    )


def _section(method: str, path: str, operation: dict[str, Any], address: str) -> str:
    rows = "".join(f"<dt>{escape(status)}</dt><dd>{escape(said['description'])}</dd>"
                   for status, said in operation["responses"].items())  # fmt: skip
    token = '-H "Authorization: Bearer $TOKEN" ' if operation.get("security") else ""
    form = "-d grant_type=client_credentials -d client_id=$ID -d client_secret=$SECRET " if method == "POST" else ""
    return (
        f"<section><h2><code>{method} {escape(path)}</code></h2><p>{escape(operation['summary'])}. "
        f"{escape(operation.get('description', ''))}</p>"
        f"<pre>curl {escape(token + form + address + path)}</pre><dl>{rows}</dl></section>"
    )
