"""One sheet of the downtime copy: a practice's list as a page to print and as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from models.report import first_line
from models.templating import template
from risk import care_homes, plans, sections, staleness
from risk.pseudonyms import Pseudonyms
from risk.run.reading import listed_person
from risk.run.saying import LOW, NOT_FOR, REASONS_SHOWN, notes_of
from risk.settings import Settings
from risk.store import Store

COLUMNS = ("rank", "person", "practice", "age_band", "sex", "band", "risk", "section", "home", "follow_the_plan", "notes", "reasons", "run", "index_date",
           "data_as_at", "valid_until", "made_at", "marking", "stale", "not_for")  # fmt: skip


def sheet(
    settings: Settings,
    store: Store,
    run: Mapping[str, Any],
    row: Mapping[str, Any],
    pseudonyms: Pseudonyms,
    *,
    whole: bool,
) -> tuple[dict[str, Any], list[int]]:
    """What a sheet says, and the ``person_id`` of everybody on it."""
    entries = store.practice_list(run["number"], row["practice"], row["scheme"])
    people = [_person(entry, pseudonyms, whole) for entry in entries]
    inside = (run["counts"] or {}).get("sections_inside", ())
    counted = sections.described(store.sections(run["number"], row["practice"], row["scheme"]), inside, row["details"])
    parts: list[dict[str, Any]] = [
        {"title": "The list", "says": None, "homes": [], "people": [one for one in people if one["section"] is None]}
    ]
    for section in counted:
        own = [one for one in people if one["section"] == section["name"]]
        own.sort(key=lambda one: (one["home"] is None, one["home"] or 0, one["rank"]))
        homes = [care_homes.said(home) for home in section["homes"]]
        parts.append({"title": section["title"], "says": section["says"], "homes": homes, "people": own})
    about = run["about"] or {}
    return {
        "practice": row["practice"], "scheme": row["scheme"], "registered": row["registered"], "scored": row["scored"], "k": row["k"],
        "withheld": store.withheld(run["number"], row["practice"], row["scheme"]),
        "run": run["number"], "index_date": run["index_date"], "title": run["title"], "horizon": run["horizon"],
        "model": f"{run['model_name']} version {run['model_version']}", "data_as_at": run["data_as_at"], "valid_until": run["valid_until"],
        "first_line": first_line(about), "stale": staleness.now(settings, run).said, "not_for": NOT_FOR, "caution": LOW,
        "parts": [part for part in parts if part["people"] or part["homes"] or part["says"] is None], "people": people,
    }, [entry["person_id"] for entry in entries]  # fmt: skip


def _person(entry: dict[str, Any], pseudonyms: Pseudonyms, whole: bool) -> dict[str, Any]:
    """Somebody's row. With a plan, it comes first and no reason is marked as one to act on."""
    held = listed_person(entry, pseudonyms)
    reasons = plans.giving_way(held["reasons"]) if held["plan"] else held["reasons"]
    return {
        **{name: held[name] for name in ("rank", "age_band", "sex", "band", "risk", "section", "home")},
        "person": pseudonyms.of(entry["person_id"]) if whole else held["person"],
        "plan": held["plan"]["says"] if held["plan"] else None,
        "notes": notes_of(held["flags"]),
        "reasons": [
            reason["says"] + (" *" if reason["actionable"] else "") for reason in reasons["raises"][:REASONS_SHOWN]
        ],
    }


def page(sheet: Mapping[str, Any]) -> str:
    """The page."""
    return template("risk", "downtime.html").render(sheet=sheet)


def table(sheet: Mapping[str, Any], columns: Sequence[str] = COLUMNS) -> str:
    """A row a person, of ``columns`` (one that is not ours is a person's own); each says by itself what it is from and what it is not for, since rows are
    cut out and pasted."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\r\n")
    own = [
        "rank",
        "person",
        "age_band",
        "sex",
        "band",
        "risk",
        "section",
        "home",
        *(name for name in columns if name not in COLUMNS),
    ]
    writer.writeheader()
    beside = {
        name: sheet[name]
        for name in ("practice", "run", "index_date", "data_as_at", "valid_until", "made_at", "stale", "not_for")
    }
    for one in sheet["people"]:
        named = {name: one[name] for name in own}
        writer.writerow({**named, **beside, "marking": sheet["first_line"], "follow_the_plan": one["plan"],
                         "notes": "; ".join(one["notes"]), "reasons": "; ".join(one["reasons"])})  # fmt: skip
    return text.getvalue()
