"""The letter to a person: read as a draft, approved by a clinician of their practice, printed from what was approved and from nothing else."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal

import orjson
from fastapi import Path, Request, Response

from risk.decisions.catalogue import catalogue
from risk.decisions.standing import standing
from risk.decisions.writing import Asked, entries, write
from risk.letters.approval import HOLDS, Approved, approved, blocks
from risk.letters.wording import FORMS, Contact, compose, digest, tellable
from risk.members import LETTERS
from risk.run.reading import short
from risk.store.meeting import LETTER, LETTER_WITHDRAWN
from serving import answers
from serving.preconditions import problems
from serving.problems import Problem
from serving.routes.persons import flags_of
from serving.security.caller import Caller
from serving.web import deciding
from serving.web.page import away, router, show
from serving.web.routes.persons import about

routes = router()
Person = Annotated[str, Path()]
Form = Literal["standard", "large", "easy"]
DRAFT, APPROVE, PRINT, BACK = "letter.draft", "letter.approve", "letter.print", "letter.withdraw"
#: What stands in a draft until a clinician says whom to ring.
NOBODY_YET = Contact("(who)", "(telephone)")
TELEPHONE = re.compile(r"[0-9][0-9 ]{5,18}[0-9]")
NAMED = re.compile(r"[^\x00-\x1f\x7f]{2,80}")


@routes.get("/persons/{person}/letter")
def letter(request: Request, person: Person, form: Form = "standard", saved: bool = False) -> Response:
    """The draft, or what was approved; and why no letter may go, where none may."""
    caller = Caller(request)
    run, row, rows, why_not = _asked(caller, person, DRAFT)
    one, stands = about(request, person), approved(rows)
    draft = None if why_not else compose(form, one["reasons"], _offers(caller, rows), NOBODY_YET)
    answer = show(
        request,
        "letter.html",
        title="Letter",
        run=one["told"],
        one=one,
        blocked=why_not,
        draft=draft,
        digest=draft and digest(draft.text),
        approval=_said(caller, stands),
        letter=None if stands is None else stands.letter,
        forms=FORMS,
        chosen=form,
        reasons=tellable(one["reasons"]),
        form=deciding.form(request, one, f"/persons/{person}/letter?saved=true"),
        saved=saved,
    )
    caller.audit(DRAFT, "answered", organisation=row["practice"], person_id=row["person_id"], run=run["number"])
    return answer


@routes.post("/persons/{person}/letter/approve")
def approve(request: Request, person: Person) -> Response:
    """This one letter, as its approver read it: where it would read otherwise now, nothing is approved."""
    caller, said = Caller(request), request.state.form
    run, row, rows, why_not = _asked(caller, person, APPROVE)
    if why_not:
        raise Problem("conflict", "; ".join(why_not))
    pre, contact = deciding.precondition(said), Contact(said.get("who", "").strip(), said.get("telephone", "").strip())
    form, read = said.get("form", ""), said.get("digest", "")
    faults = [
        ("form", form not in FORMS, "one of " + ", ".join(FORMS.values())),
        ("who", not NAMED.fullmatch(contact.who), "whom the person is to ring, in 2 to 80 letters"),
        ("telephone", not TELEPHONE.fullmatch(contact.telephone), "a telephone number: figures and spaces"),
    ]
    version = pre.read([(where, why) for where, wrong, why in faults if wrong])
    reasons, offers = about(request, person)["reasons"], _offers(caller, rows)
    if digest(compose(form, reasons, offers, NOBODY_YET).text) != read:
        raise Problem("changed-since")
    without = {name for name, _ in tellable(reasons) if said.get(f"without_{name}") == "yes"}
    text = compose(form, reasons, offers, contact, without).text
    _write(caller, run, row, Asked(LETTER, {"form": form, "letter": text, "sha256": digest(text)}, caller.access.client_id,
                                   person, version, str(pre.key)), APPROVE)  # fmt: skip
    return away(f"/persons/{person}/letter?saved=true")


@routes.post("/persons/{person}/letter/withdraw")
def withdraw(request: Request, person: Person) -> Response:
    """Take an approval back: it prints no more."""
    caller, pre = Caller(request), deciding.precondition(request.state.form)
    run, row, rows, _ = _asked(caller, person, BACK)
    stands = approved(rows)
    if stands is None:
        raise Problem("conflict", "no approved letter stands")
    _write(caller, run, row, Asked(LETTER_WITHDRAWN, {}, caller.access.client_id, person, pre.read([]), str(pre.key), stands.seq), BACK)  # fmt: skip
    return away(f"/persons/{person}/letter?saved=true")


@routes.get("/persons/{person}/letter/print")
def printed(request: Request, person: Person) -> Response:
    """The approved letter alone, on a page that prints; refused where none stands, or none may go now."""
    caller = Caller(request)
    run, row, rows, why_not = _asked(caller, person, PRINT)
    stands, today = approved(rows), caller.installation.today
    if stands is None:
        why_not = ["no clinician has approved a letter to this person"]
    elif not why_not and not stands.holds(today):
        why_not = [f"it was approved more than {HOLDS - 1} days ago: read it again, and approve it anew" if stands.whole
                   else "it is not what was approved: take the approval back, and approve it anew"]  # fmt: skip
    if why_not or stands is None:
        caller.audit(PRINT, "refused", organisation=row["practice"], person_id=row["person_id"], run=run["number"])
        raise Problem("conflict", "; ".join(why_not))
    names = {held["scheme"]: held["name"] for held in caller.installation.store.organisations(row["practice"])}
    marking = answers.provenance(run, caller.installation.settings)["marking"]
    answer = show(request, "letter-print.html", title="Letter", letter=stands.letter, practice=names.get(row["scheme"], row["practice"]),
                  reference=short(person), on=today, marking=marking, person=person)  # fmt: skip
    caller.audit(PRINT, "answered", organisation=row["practice"], person_id=row["person_id"], run=run["number"],
                 detail={"entry": stands.seq})  # fmt: skip
    return answer


def _asked(caller: Caller, person: str, action: str) -> tuple[dict[str, Any], dict[str, Any], list[dict[str, Any]], list[str]]:  # fmt: skip
    """The run, the person's row in it, what was written of them, and why no letter may go to them now."""
    run, row = caller.person(person, LETTERS, action)
    rows = entries(caller.installation.store, row)
    flags = orjson.loads(orjson.dumps(flags_of(caller, run, row) or {}))
    return run, row, rows, blocks(bool(row["listed"]), flags, standing(rows), rows)


def _offers(caller: Caller, rows: list[dict[str, Any]]) -> list[str]:
    """Open actions, in the words that a letter has for them."""
    held = catalogue(caller.installation.settings.actions).actions
    codes = dict.fromkeys(str(row["body"]["action"]) for row in standing(rows).open)
    return [held[code].letter for code in codes if code in held and held[code].letter]


def _said(caller: Caller, stands: Approved | None) -> dict[str, Any] | None:
    if stands is None:
        return None
    today: date = caller.installation.today
    user = caller.installation.store.user(today, user_id=stands.by) or {"name": stands.by}
    return {"by": user["name"], "on": stands.on, "holds": stands.holds(today), "form": FORMS[stands.letter.form]}


def _write(caller: Caller, run: dict[str, Any], row: dict[str, Any], asked: Asked, action: str) -> None:
    installation = caller.installation
    with problems():
        done = write(installation.store, run["number"], row, asked, installation.today, catalogue(installation.settings.actions))  # fmt: skip
    caller.audit(action, "answered", organisation=row["practice"], person_id=row["person_id"], run=run["number"],
                 detail={"entry": done["seq"], "version": done["version"]})  # fmt: skip
