"""The meeting: one person at a time, and what was decided today as minutes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Path, Query, Request, Response

from risk.decisions.catalogue import catalogue
from risk.decisions.folding import DUE
from risk.decisions.meeting import Meeting, Seen, meeting
from risk.decisions.standing import said
from serving import answers
from serving.listing import CODE
from serving.security.caller import Caller
from serving.web import deciding
from serving.web.beside_decision import as_lines
from serving.web.page import router, show
from serving.web.routes.persons import about
from serving.web.showing import why

routes = router()
VIEW, MINUTES = "page.meeting", "page.minutes"
Code = Annotated[str, Path(pattern=CODE)]


@routes.get("/practices/{code}/meeting")
def one_at_a_time(
    request: Request,
    code: Code,
    person: Annotated[str, Query(max_length=39)] = "",
    saved: bool = False,
) -> Response:
    """The person asked for, or the first who is due; who comes before and after stays the same while the meeting decides."""
    caller = Caller(request)
    run, practice, held = _held(caller, code, VIEW)
    agenda = _agenda(held, caller.installation.today)
    places = {caller.pseudonyms.of(seen.row["person_id"]): at for at, seen in enumerate(agenda)}
    due = [at for at, seen in enumerate(agenda) if seen.placed.view in DUE]
    at = places.get(person, due[0] if due else None)
    ids = list(places)
    if at is None or not ids:
        answer = show(
            request,
            "meeting-over.html",
            title="Meeting",
            run=answers.provenance(run, caller.installation.settings),
            place=practice,
        )
        caller.audit(VIEW, "answered", organisation=code, run=run["number"])
        return answer
    one = about(request, ids[at])
    after = ids[at + 1] if at + 1 < len(ids) else None
    here = f"/practices/{code}/meeting?person="
    back = f"{here}{after or ids[at]}&saved=true"
    form = deciding.form(request, one, back, _present(agenda, caller.installation.today)) if one["may_decide"] else None
    answer = show(
        request,
        "meeting.html",
        title=f"Meeting, {at + 1} of {len(ids)}",
        run=one["told"],
        one=one,
        why=why(agenda[at].placed.why, caller.access),
        place=practice,
        at=at + 1,
        many=len(ids),
        left=len(due),
        before=ids[at - 1] if at else None,
        after=after,
        form=form,
        saved=saved,
        counts=held.counts,
    )
    caller.audit(VIEW, "answered", organisation=code, person_id=agenda[at].row["person_id"], run=run["number"])
    return answer


@routes.get("/practices/{code}/minutes")
def minutes(request: Request, code: Code) -> Response:
    """What was written today of people who may be shown, in the order in which it was written."""
    caller = Caller(request)
    run, practice, held = _held(caller, code, MINUTES)
    store, today = caller.installation.store, caller.installation.today
    people = {seen.row["person_id"]: seen for seen in (*held.listed, *held.added)}
    written = store.entries(list(people), code, practice["scheme"]) if people else {}
    today_s = sorted(
        (row for rows in written.values() for row in rows if row["day"] == today), key=lambda row: row["seq"]
    )
    titles = {action.code: action.title for action in catalogue(caller.installation.settings.actions).actions.values()}
    names = {row["user_id"]: row["name"] for row in store.directory()["app_user"]}
    told = [
        {**said(row), "person": caller.pseudonyms.of(row["person_id"]), "rank": people[row["person_id"]].row["rank"],
         "age_band": people[row["person_id"]].row["age_band"], "who": names.get(row["by"], row["by"]),
         "title": titles.get(str(row["body"].get("action")), "")}
        for row in today_s
    ]  # fmt: skip
    answer = show(
        request,
        "minutes.html",
        title=f"Minutes of {code}",
        run=answers.provenance(run, caller.installation.settings),
        place=practice,
        today=today,
        entries=told,
        counts=held.counts,
        seen=len({row["person_id"] for row in today_s}),
    )
    caller.audit(
        MINUTES, "answered", organisation=code, people=sorted({row["person_id"] for row in today_s}), run=run["number"]
    )
    return answer


def _held(caller: Caller, code: str, action: str) -> tuple[dict[str, Any], dict[str, Any], Meeting]:
    run, practice = caller.held(code, "decisions:read", action)
    installation = caller.installation
    return run, practice, meeting(installation.store, run, code, practice["scheme"], installation.today)


def _present(agenda: Sequence[Seen], today: Any) -> str:
    """Who is at the meeting, as the last decision of today that names anybody has it: they are written once and stand in each form after it."""
    decided = [seen.stands.decision for seen in agenda if seen.stands.decision is not None]
    last = max(
        (row for row in decided if row["day"] == today and row["body"].get("attendees")),
        key=lambda row: row["seq"],
        default=None,
    )
    return "" if last is None else as_lines(said(last)["said"]["attendees"])


def _agenda(held: Meeting, today: Any) -> Sequence[Seen]:
    """Whoever is due, and whoever was decided about today, in the order of the list: so that nobody moves while the meeting goes on."""
    return [
        seen
        for seen in held.listed
        if seen.placed.view in DUE or (seen.stands.decision is not None and seen.stands.decision["day"] == today)
    ]
