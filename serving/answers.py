"""Answers as JSON: what a run says of a practice or a person, with where it comes from and what it is not for.

Probabilities are fractions, 0-1. People are opaque texts, their ages five-year bands; there is no place, name or date of
theirs. Reasons go out as the bytes that the run wrote.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from fastapi import Response

from risk import plans, staleness
from risk.pseudonyms import Pseudonyms
from risk.settings import Settings

NOT_FOR = "not for placement, funding, resuscitation or discharge decisions"
LOW = "a low band is not a reason to withhold care"


def provenance(run: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """Run, model and data behind an answer, how old they are, and until when it holds."""
    about = run["about"] or {}
    marking = None if about.get("kind") == "real" else f"{about.get('kind', 'unknown')} data: {about.get('title', '')}"
    return {
        "run": run["number"],
        "index_date": run["index_date"],
        "outcome": {"name": run["outcome"], "title": run["title"], "horizon_days": run["horizon"]},
        "minimum_age": run["minimum_age"],
        "model": {"name": run["model_name"], "version": run["model_version"], "sha256": run["model_sha256"]},
        "data_as_at": run["data_as_at"],
        "about": {"kind": about.get("kind"), "title": about.get("title")},
        "marking": marking,
        "valid_until": run["valid_until"],
        **staleness.told(settings, run),
        "not_for": NOT_FOR,
        "caution": LOW,
    }


def denominators(row: Mapping[str, Any]) -> dict[str, Any]:
    """A practice's numbers in a run: ``registered`` people of any age, ``scored`` of whom ``k`` places, ``listed``; the risk at the
    ``cut``, and who is as high as the cut of one list of the whole area."""
    names = ("practice", "scheme", "registered", "scored", "k", "listed", "cut", "above_area_cut")
    return {name: row[name] for name in names}


def sized_by(run: Mapping[str, Any], practice: str) -> dict[str, Any]:
    """What a practice's ``k`` comes from: the ``capacity`` of its team where the area says it, or else the ``fraction`` of those scored."""
    return {"capacity": (run["counts"] or {}).get("capacity", {}).get(practice), "fraction": run["fraction"]}


def listed(rows: Iterable[Mapping[str, Any]], pseudonyms: Pseudonyms) -> list[dict[str, Any]]:
    """People of a list, in rank order."""
    return [
        {**scored(row, pseudonyms), **apart(row), "listed_because": row["reason"], "flags": orjson.Fragment(row["flags"]),
         "reasons": orjson.Fragment(row["reasons"])}
        for row in rows
    ]  # fmt: skip


def apart(row: Mapping[str, Any]) -> dict[str, Any]:
    """The section of somebody listed, their home's number, and the plan that suggested actions give way to."""
    flags = orjson.loads(row["flags"]) if row["flags"] else {}
    return {"plan": plans.followed(flags), "section": row["section"], "home": row["home"]}


def scored(row: Mapping[str, Any], pseudonyms: Pseudonyms) -> dict[str, Any]:
    """A person's place and risk."""
    return {
        "person": pseudonyms.of(row["person_id"]),
        "rank": row["rank"],
        "band": row["band"],
        "probability": row["probability"],
        "interval": interval(row),
        "outcomes": [
            {
                "name": other["outcome"],
                "title": other["title"],
                "horizon_days": other["horizon"],
                "band": other["band"],
                "probability": other["probability"],
                "interval": interval(other),
                "model": {"name": other["model_name"], "version": other["model_version"]},
            }
            for other in row.get("outcomes", ())
        ],
        "age_band": row["age_band"],
        "sex": row["sex"],
    }


def interval(row: Mapping[str, Any]) -> dict[str, float] | None:
    """Between which fractions a probability lies; None where that is not known."""
    return None if row["low"] is None else {"low": row["low"], "high": row["high"]}


def json(content: Any, **headers: str) -> Response:
    """``content`` as a JSON answer."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(orjson.dumps(content), 200, named, "application/json")
