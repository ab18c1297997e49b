"""A practice's list, and who joined and left it."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

import orjson
from fastapi import Path, Query, Request, Response

from features.errors import FrailtyError
from risk import care_homes, register, sections
from risk.decisions.folding import View
from risk.decisions.meeting import meeting
from risk.list_size import buys
from risk.members import EXPORT
from risk.run.saying_numbers import TIES, places_by
from serving import answers
from serving.listing import CODE
from serving.meeting_answers import added as said_added
from serving.meeting_answers import at_meeting
from serving.problems import Problem
from serving.routes import practices
from serving.security.caller import Caller
from serving.security.identity import may_identify
from serving.web import deciding
from serving.web.page import router, show
from serving.web.rendering import PAGES
from serving.web.showing import people as shown

routes = router()
ACTION = "page.list"
#: People of a page: what keeps it small.
ON_A_PAGE = 50
Code = Annotated[str, Path(pattern=CODE)]
#: Of nobody in a section.
MAIN = "list"
#: What the other views are called.
VIEWS: dict[str, str] = {"all": "Everybody", "new": "New", "changed": "Changed", "overdue": "Overdue", "unchanged": "Decided", "folded": "Folded away"}  # fmt: skip
assert set(VIEWS) == {"all", *get_args(View)}


@routes.get("/practices/{code}/list")
def practice_list(
    request: Request,
    code: Code,
    view: Literal["all", "new", "changed", "overdue", "unchanged", "folded"] = "all",
    section: Annotated[str, Query(pattern=f"^({'|'.join((MAIN, *sections.NAMES))})$")] = MAIN,
    page: Annotated[int, Query(ge=1, le=1000)] = 1,
    decide: Annotated[str, Query(max_length=39)] = "",
    saved: bool = False,
    places: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    whole: bool = False,
) -> Response:
    """One ranked table. A section is beside it, never within; a view is of one section. Whoever is to be decided about has the form below
    their row. ``whole``: everybody of the view on one page, to be printed."""
    caller = Caller(request)
    run, practice = caller.held(code, "lists:read", ACTION)
    installation = caller.installation
    held = meeting(installation.store, run, code, practice["scheme"], installation.today)
    tabs, mine = _tabs(held.listed, run, practice), {"view": view, "section": section}
    inside = [one for one in held.listed if (one.row["section"] or MAIN) == section]
    counts = {"all": len(inside)} | {name: sum(one.placed.view == name for one in inside) for name in get_args(View)}
    wanted = [one for one in inside if view in ("all", one.placed.view)]
    of_page = wanted if whole else wanted[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]
    rows = shown([at_meeting(one, caller.pseudonyms) for one in of_page], caller.access)
    moved = _moved(caller, run, practice)
    for row, one in zip(rows, of_page, strict=True):
        row["moved"] = None if moved is None else moved.get(one.row["person_id"], "same")
    here = f"/practices/{code}/list?view={view}&section={section}&page={page}"
    asked = next((row for row in rows if row["person"] == decide), None)
    answer = show(
        request,
        "list.html",
        title=f"List of {practice['practice']}",
        run=answers.provenance(run, installation.settings),
        place=answers.denominators(practice),
        places_by=f"{places_by(answers.sized_by(run, code))}. {TIES}",
        withheld=installation.store.withheld(run["number"], code, practice["scheme"]),
        tabs=tabs,
        views=[(name, VIEWS[name], counts[name]) for name in VIEWS],
        people=rows,
        added=shown(
            [orjson.loads(orjson.dumps(said_added(one, caller.pseudonyms))) for one in held.added],
            caller.access,
        ),
        pages=1 if whole else -(-len(wanted) // ON_A_PAGE),
        page=page,
        here=f"{PAGES}{here}",
        may_decide=caller.access.may("decisions:write", practice["scheme"], code),
        may_export=caller.access.may(EXPORT, practice["scheme"], code),
        may_identify=may_identify(caller.access, practice),
        form=None if asked is None else deciding.form(request, asked, f"{here}&saved=true"),
        moved_known=moved is not None,
        size=_size(caller, run, practice, places),
        most=min(practice["scored"], 4 * max(practice["k"], 5)),
        saved=saved,
        now=mine,
    )
    told = [one.row["person_id"] for one in (*of_page, *held.added)]
    caller.audit(ACTION, "answered", organisation=code, people=told, run=run["number"], detail={**mine, "page": page})
    return answer


@routes.get("/practices/{code}/changes")
def changes(request: Request, code: Code) -> Response:
    """Who joined, left and moved, as the API tells it."""
    caller = Caller(request)
    run, practice = caller.held(code, practices.SCOPE, practices.CHANGES)
    found = _changes(caller, run, practice)
    if found is None:
        raise Problem("unavailable")
    kinds = ("joined", "left", "moved")
    people = [row["person_id"] for kind in kinds for row in found[kind]]
    told = {kind: [{**row, "person": caller.pseudonyms.of(row["person_id"])} for row in found[kind]] for kind in kinds}
    answer = show(
        request,
        "changes.html",
        title=f"Changes at {code}",
        run=answers.provenance(run, caller.installation.settings),
        changes={**found, **told, "practice": code},
    )
    caller.audit(practices.CHANGES, "answered", organisation=code, people=people, run=run["number"])
    return answer


def _tabs(listed: Any, run: dict[str, Any], practice: dict[str, Any]) -> list[dict[str, Any]]:
    """The list and each section, with how many are shown."""
    count = {name: sum(one.row["section"] == name for one in listed) for name in sections.NAMES}
    described = sections.described(count, (run["counts"] or {}).get("sections_inside", ()), practice["details"])
    for section in described:
        section["homes"] = [care_homes.said(home) for home in section["homes"]]
    main = {
        "name": MAIN,
        "title": "The list",
        "says": "",
        "shown": len(listed) - sum(count.values()),
        "takes_places": True,
        "homes": [],
    }
    return [main, *described]


def _size(caller: Caller, run: dict[str, Any], practice: dict[str, Any], places: int) -> dict[str, Any] | None:
    """What a list of so many places buys, where somebody asked."""
    if not places:
        return None
    installation = caller.installation
    return buys(installation.settings, installation.store, run, practice, min(places, practice["scored"]))


def _changes(caller: Caller, run: dict[str, Any], practice: dict[str, Any]) -> dict[str, Any] | None:
    """What changed since the run before; None where that cannot be read now."""
    settings = caller.installation.settings
    try:
        return register.changes(
            caller.installation.store, settings.runs, run, practice["practice"], practice["scheme"], to_the_practice=False
        )  # fmt: skip
    except (FrailtyError, OSError):
        return None


def _moved(caller: Caller, run: dict[str, Any], practice: dict[str, Any]) -> dict[int, Any] | None:
    """By person what changed since the run before: ``new``, or the rank before; None where that is not known."""
    found = _changes(caller, run, practice)
    if found is None or found["previous"] is None:
        return None
    joined: dict[int, Any] = {row["person_id"]: "new" for row in found["joined"]}
    return joined | {row["person_id"]: row["rank_before"] for row in found["moved"]}
