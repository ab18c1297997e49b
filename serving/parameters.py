"""A question holds nothing that its route does not know: a filter that is spelled wrong would answer as if it were not there."""

from __future__ import annotations

from typing import Any

from fastapi import Request

from serving.problems import Problem

WHY = "not a parameter of this call, or given twice"


async def only_known(request: Request) -> None:
    """:class:`Problem` ``unfit-parameter`` where the query holds a parameter that the document does not name for the route, or one of a single value twice.
    Neither name nor value is repeated: whoever types a person's number into an address is not answered with it."""
    given = request.query_params.multi_items()
    if not given:
        return
    path = getattr(request.scope.get("route"), "path", "")
    operation: dict[str, Any] = request.app.openapi()["paths"].get(path, {}).get(request.method.lower(), {})
    known = {one["name"]: one["schema"] for one in operation.get("parameters", ()) if one["in"] == "query"}
    single = [name for name, _ in given if known.get(name, {}).get("type") != "array"]
    if not {name for name, _ in given} <= set(known) or len(single) > len(set(single)):
        raise Problem("unfit-parameter", errors=[{"where": "query", "why": WHY}])
