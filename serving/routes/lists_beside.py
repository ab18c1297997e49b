"""Lists beside a practice's priority list: by an outcome beside, by stated criteria, and who is in hospital at home."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from risk import sections
from risk.criteria import CRITERIA
from risk.hospital_at_home import SAYS
from risk.run.reading_criteria import KNOWN
from serving import answers, listing
from serving.documented import READING, documents
from serving.listing import UNCHANGED, Listing, Page, PracticeCode, Whole
from serving.problems import Problem
from serving.security.caller import Caller
from serving.shapes.lists_beside import Criteria, CriterionList, HospitalAtHome, WiderList

router = APIRouter(prefix="/v1/practices", tags=["lists"])
SCOPE = "lists:read"
BY_OUTCOME, CRITERIA_READ, CRITERION, AT_HOME = (
    "list.outcome",
    "criteria.read",
    "criteria.list",
    "hospital_at_home.read",
)
SHAPES = {
    BY_OUTCOME: listing.held_by(WiderList),
    CRITERIA_READ: listing.held_by(Criteria),
    CRITERION: listing.held_by(CriterionList),
    AT_HOME: listing.held_by(HospitalAtHome),
}
#: Names of the product's own.
NAME = r"^[a-z0-9_]{1,64}$"


@router.get(
    "/{code}/lists/{outcome}",
    summary="A practice's list by an outcome scored beside, never blended with the priority list",
    responses={**documents(WiderList, *READING), 304: UNCHANGED},
)
def by_outcome(
    request: Request,
    code: PracticeCode,
    outcome: Annotated[str, Path(pattern=NAME, description="the outcome", examples=["deterioration"])],
    asked: Page,
) -> Response:
    """Of those whom the outcome is about, by its own model; `probability`, `band` and `reasons` are the outcome's."""
    caller = Caller(request)
    more = {"outcome": outcome}
    run, practice = caller.held(code, SCOPE, BY_OUTCOME, asked.run, {**asked.detail, **more})
    store, scheme = caller.installation.store, practice["scheme"]
    held = [row for row in store.wider_lists(run["number"], outcome, code) if row["scheme"] == scheme]
    beside = [row for row in store.outcomes(run["number"]) if row["outcome"] == outcome]
    if not held or not beside:
        caller.audit(BY_OUTCOME, "refused", organisation=code, run=run["number"], detail=more)
        raise Problem("not-found")
    (one, by) = held[0], beside[0]

    def own() -> tuple[dict[str, Any], list[int]]:
        body, people = wider(caller, run, one, None, asked)
        return {
            **body,
            "outcome": {"name": by["outcome"], "title": by["title"], "horizon_days": by["horizon"]},
            "minimum_age": by["minimum_age"],
            "model": {"name": by["model_name"], "version": by["model_version"], "sha256": by["model_sha256"]},
        }, people

    return listing.answer(
        caller, asked, Listing(BY_OUTCOME, code, run, SHAPES[BY_OUTCOME], (scheme, outcome), more), own
    )


def wider(
    caller: Caller, run: dict[str, Any], held: dict[str, Any], practices: Sequence[tuple[str, str]] | None, asked: listing.Asked
) -> tuple[dict[str, Any], list[int]]:  # fmt: skip
    """A page of the list ``held`` and the people on it; where ``practices`` are given, theirs alone."""
    store, number, name = caller.installation.store, run["number"], held["list"]
    rows = store.wider_people(number, name, practices, after=asked.after, limit=asked.limit + 1)
    people, following = asked.page(rows, "rank")
    counted, withheld = store.wider_sections(number, name, practices), store.wider_withheld(number, name)
    said = answers.listed(people, caller.pseudonyms)
    numbers = ("kind", "code", "name", "registered", "scored", "k", "capacity", "listed", "cut")
    return {
        **{name: held[name] for name in numbers},
        "practices": [code for _, code in held["practices"]],
        "withheld": withheld,
        "of_other_practices": held["listed"] - withheld - sum(counted.values()),
        "sections": sections.described(counted, (run["counts"] or {}).get("sections_inside", ())),
        "people": [
            {**one, "practice": row["practice"], "scheme": row["scheme"]} for one, row in zip(said, people, strict=True)
        ],
        "next": following,
    }, [row["person_id"] for row in people]


@router.get(
    "/{code}/criteria",
    summary="How many of a practice meet each criterion, and of how many it is not known",
    responses={**documents(Criteria, *READING), 304: UNCHANGED},
)
def criteria(request: Request, code: PracticeCode, asked: Whole) -> Response:
    """Criteria stand beside the score: nobody's rank changes by them."""
    caller = Caller(request)
    run, practice = caller.held(code, SCOPE, CRITERIA_READ, asked.run)

    def own() -> tuple[dict[str, Any], list[int]]:
        return {**_of(practice), "criteria": _criteria(caller, run, practice), "says": KNOWN}, []

    return listing.answer(
        caller, asked, Listing(CRITERIA_READ, code, run, SHAPES[CRITERIA_READ], (practice["scheme"],)), own
    )


@router.get(
    "/{code}/criteria/{criterion}",
    summary="Who of a practice meets a criterion, and why",
    responses={**documents(CriterionList, *READING), 304: UNCHANGED},
)
def criterion_list(
    request: Request,
    code: PracticeCode,
    criterion: Annotated[str, Path(pattern=NAME, description="the criterion's name", examples=["housebound"])],
    asked: Page,
) -> Response:
    """By their rank of the priority list's score, which has no part in who is on it."""
    caller = Caller(request)
    more = {"name": criterion}
    run, practice = caller.held(code, SCOPE, CRITERION, asked.run, {**asked.detail, **more})
    store, number, scheme = caller.installation.store, run["number"], practice["scheme"]
    held = [one for one in _criteria(caller, run, practice) if one["name"] == criterion]
    if not held:
        caller.audit(CRITERION, "refused", organisation=code, run=number, detail=more)
        raise Problem("not-found")

    def own() -> tuple[dict[str, Any], list[int]]:
        rows = store.criterion_people(number, criterion, code, scheme, after=asked.after, limit=asked.limit + 1)
        people, following = asked.page(rows, "rank")
        names = ("because", "rank", "band", "probability", "age_band", "sex", "listed")
        return {
            **_of(practice),
            "criterion": held[0],
            "withheld": held[0]["met"] - store.criterion_shown(number, criterion, code, scheme),
            "says": KNOWN,
            "people": [{"person": caller.pseudonyms.of(row["person_id"]), **{name: row[name] for name in names}} for row in people],
            "next": following,
        }, [row["person_id"] for row in people]  # fmt: skip

    return listing.answer(
        caller, asked, Listing(CRITERION, code, run, SHAPES[CRITERION], (scheme, criterion), more), own
    )


@router.get(
    "/{code}/hospital-at-home",
    summary="Who of a practice is in hospital at home, in the order of admission",
    responses={**documents(HospitalAtHome, *READING), 304: UNCHANGED},
)
def at_home(request: Request, code: PracticeCode, asked: Page) -> Response:
    """By clinical admissions; the score has no part in it. By the day that `feeds` say: no one is on it by a feed that is too old."""
    caller = Caller(request)
    run, practice = caller.held(code, SCOPE, AT_HOME, asked.run, asked.detail)
    store, number, scheme = caller.installation.store, run["number"], practice["scheme"]

    def own() -> tuple[dict[str, Any], list[int]]:
        rows = store.hospital_at_home(number, code, scheme, after=asked.after, limit=asked.limit + 1)
        people, following = asked.page(rows, "place")
        names = ("since", "told_by", "age_band", "sex", "band", "probability")
        return {
            **_of(practice),
            "feeds": (practice["details"] or {}).get("hospital_at_home", {}),
            "withheld": store.hospital_at_home_withheld(number, code, scheme),
            "says": SAYS,
            "people": [{"person": caller.pseudonyms.of(row["person_id"]), **{name: row[name] for name in names}} for row in people],
            "next": following,
        }, [row["person_id"] for row in people]  # fmt: skip

    return listing.answer(caller, asked, Listing(AT_HOME, code, run, SHAPES[AT_HOME], (scheme,)), own)


def _of(practice: dict[str, Any]) -> dict[str, Any]:
    return {name: practice[name] for name in ("practice", "scheme")}


def _criteria(caller: Caller, run: dict[str, Any], practice: dict[str, Any]) -> list[dict[str, Any]]:
    """The criteria that the run has, with the practice's counts; of an earlier run perhaps none."""
    counted = caller.installation.store.criteria_counts(run["number"], practice["practice"], practice["scheme"])
    return [
        {"name": one.name, "title": one.title, "says": one.says, "source": one.source, **counted[one.name]}
        for one in CRITERIA
        if one.name in counted
    ]
