"""Lists, registers and scores as CSV or Excel files. Asked for by POST: a file that holds hundreds of people is an act of somebody's, not a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from risk.export.columns import EXPORTS, Row
from risk.export.writing import XLSX
from risk.frailty_register.reading import told
from risk.frailty_register.register import register
from risk.store.exporting import CHUNK
from serving import exporting
from serving.documented import READING, problems
from serving.exporting import ACTION, Counts, Source, Wanted
from serving.listing import CODE, PracticeCode
from serving.problems import Problem
from serving.routes.wider_lists import Organisation, reached_list
from serving.security.caller import Caller
from serving.shapes.exports import ExportBody, PracticeExportBody

router = APIRouter(prefix="/v1", tags=["exports"])
_FILE = {
    "description": "The file. `Content-Digest` is its SHA-256, which stands in the audit too.",
    "content": {
        "text/csv": {
            "schema": {"type": "string"},
            "example": "rank,person,age_band,band\r\n1,zgfdaisa432oipamq,85-89,high\r\n",
        },
        XLSX: {"schema": {"type": "string", "format": "binary"}, "example": "PK"},
    },
}
RESPONSES: dict[int | str, dict[str, Any]] = {200: _FILE, **problems(*READING, "busy")}
Team = Annotated[str, Path(pattern=CODE, description="the team's id in the directory", examples=["north"])]
Practice = Mapping[str, Any]


@router.post("/practices/{code}/exports", summary="A practice's list, register or scores as a file",
             response_class=Response, responses=RESPONSES)  # fmt: skip
def of_practice(request: Request, code: PracticeCode, body: PracticeExportBody) -> Response:
    """By the current run. Pseudonymous, unless the column `nhs_number` is asked for with a reason, by whoever may re-identify the practice's people."""
    return practice_export(Caller(request), code, body.what, body.of, Wanted(body.format, body.columns, body.reason))


@router.post("/teams/{team}/exports", summary="A team's list as a file", response_class=Response, responses=RESPONSES)
def of_team(request: Request, team: Team, body: ExportBody) -> Response:
    """To a client granted the team, or every practice that it covers. Pseudonymous."""
    return _wider(Caller(request), "team", team, Wanted(body.format, body.columns))


@router.post("/networks/{code}/exports", summary="A network's list as a file", response_class=Response, responses=RESPONSES)  # fmt: skip
def of_network(request: Request, code: Organisation, body: ExportBody) -> Response:
    """To a client that reads every practice of it. Pseudonymous."""
    return _wider(Caller(request), "network", code, Wanted(body.format, body.columns))


@router.post("/places/{code}/exports", summary="A place's list as a file", response_class=Response, responses=RESPONSES)
def of_place(request: Request, code: Organisation, body: ExportBody) -> Response:
    """To a client that reads every practice of it. Pseudonymous."""
    return _wider(Caller(request), "place", code, Wanted(body.format, body.columns))


def practice_export(caller: Caller, code: str, what: str, of: str | None, wanted: Wanted, scope: str = "") -> Response:
    """A file of a practice's; ``scope`` where the caller's door takes another than the kind's own."""
    run, practice = caller.held(code, scope or EXPORTS[what].scope, ACTION, detail={"what": what})
    if EXPORTS[what].of != (of is not None):
        raise Problem("unfit-parameter", errors=[{"where": "body.of", "why": "the name of a criterion or outcome, with those two alone"}])  # fmt: skip
    exporting.columns(what, wanted.columns)
    with caller.installation.store.viewing():
        rows, counts = SOURCES[what](caller, run, practice, of or "")
        more = {"of": of} if of else {}
        return exporting.made(caller, Source(what, run, code, rows, counts, practice, more), wanted)


def _wider(caller: Caller, kind: str, code: str, wanted: Wanted) -> Response:
    exporting.columns("list", wanted.columns)
    run, held, practices = reached_list(caller, kind, code, None, ACTION, {"what": "list", "kind": kind})
    store, number = caller.installation.store, run["number"]
    with store.viewing():
        rows = _pages(lambda after: store.wider_people(number, held["list"], practices, after=after, limit=CHUNK))
        counts = _of_wider(caller, number, held, practices)
        return exporting.made(caller, Source("list", run, code, rows, counts, more={"kind": kind}), wanted)


def _of_wider(caller: Caller, number: int, held: Mapping[str, Any], practices: Any) -> Counts:
    store = caller.installation.store
    withheld = store.wider_withheld(number, held["list"])
    others = held["listed"] - withheld - sum(store.wider_sections(number, held["list"], practices).values())
    return Counts(held["listed"], withheld, others)


def _pages(read: Callable[[int], list[dict[str, Any]]], key: str = "rank") -> Iterator[Row]:
    """Every row, a page in memory at a time."""
    after = 0
    while page := read(after):
        yield from page
        after = page[-1][key]


def _list(caller: Caller, run: Row, practice: Practice, _of: str) -> tuple[Iterator[Row], Counts]:
    store, here = caller.installation.store, (run["number"], practice["practice"], practice["scheme"])
    rows = _pages(lambda after: store.practice_list(*here, after=after, limit=CHUNK))
    return _at(practice, rows), Counts(practice["listed"], store.withheld(*here))


def _outcome(caller: Caller, run: Row, practice: Practice, of: str) -> tuple[Iterator[Row], Counts]:
    store, number = caller.installation.store, run["number"]
    held = [row for row in store.wider_lists(number, of, practice["practice"]) if row["scheme"] == practice["scheme"]]
    if not held or of not in {row["outcome"] for row in store.outcomes(number)}:
        raise _absent(caller, run, practice)
    name = held[0]["list"]
    rows = _pages(lambda after: store.wider_people(number, name, after=after, limit=CHUNK))
    return rows, _of_wider(caller, number, held[0], None)


def _criterion(caller: Caller, run: Row, practice: Practice, of: str) -> tuple[Iterator[Row], Counts]:
    store, here = caller.installation.store, (practice["practice"], practice["scheme"])
    counted = store.criteria_counts(run["number"], *here)
    if of not in counted:
        raise _absent(caller, run, practice)
    met = counted[of]["met"]
    rows = _pages(lambda after: store.criterion_people(run["number"], of, *here, after=after, limit=CHUNK))
    return _at(practice, rows), Counts(met, met - store.criterion_shown(run["number"], of, *here))


def _at_home(caller: Caller, run: Row, practice: Practice, _of: str) -> tuple[Iterator[Row], Counts]:
    store, here = caller.installation.store, (run["number"], practice["practice"], practice["scheme"])
    rows = list(_pages(lambda after: store.hospital_at_home(*here, after=after, limit=CHUNK), "place"))
    withheld = store.hospital_at_home_withheld(*here)
    return _at(practice, iter(rows)), Counts(len(rows) + withheld, withheld)


def _register(caller: Caller, run: Row, practice: Practice, _of: str) -> tuple[Iterator[Row], Counts]:
    store, here = caller.installation.store, (practice["practice"], practice["scheme"])
    people = register(store, run, *here).people
    withheld = store.frailty_withheld(run["number"], *here)
    rows = ({"person_id": one.row["person_id"], **told(one)} for one in people)
    return _at(practice, rows), Counts(len(people) + withheld, withheld)


def _scores(caller: Caller, run: Row, practice: Practice, _of: str) -> tuple[Iterator[Row], Counts]:
    store, here = caller.installation.store, (run["number"], practice["practice"], practice["scheme"])
    scored = practice["scored"]
    return store.practice_scores(*here), Counts(scored, scored - store.scores_shown(*here))


#: What each kind of :data:`~risk.export.columns.EXPORTS` is read from: the caller, run, practice and the criterion or outcome to its rows and counts.
SOURCES: dict[str, Callable[[Caller, Row, Practice, str], tuple[Iterator[Row], Counts]]] = {
    "list": _list,
    "outcome": _outcome,
    "criterion": _criterion,
    "hospital_at_home": _at_home,
    "register": _register,
    "scores": _scores,
}
assert set(SOURCES) == set(EXPORTS)


def _at(practice: Practice, rows: Iterator[Row]) -> Iterator[Row]:
    return ({**row, "practice": practice["practice"]} for row in rows)


def _absent(caller: Caller, run: Row, practice: Practice) -> Problem:
    caller.audit(ACTION, "refused", organisation=practice["practice"], run=run["number"])
    return Problem("not-found")
