"""What the OpenAPI document says of answers: their shapes, an example of each, and the problems that a route can give.

Answers are not passed through these shapes (that costs four fifths of a request); tests check every answer against them.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Literal, get_origin

from pydantic import BaseModel, ConfigDict, Field

from serving.problems import KINDS, MEDIA_TYPE, PREFIX

EXAMPLE_PERSON = "kq7tmx3v5d2yhb4w6nzcfarsoe7pjgiu3lq2t5x"


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Health(Shape):
    status: Literal["alive"] = Field(examples=["alive"])


class Ready(Shape):
    status: Literal["ready"] = Field(examples=["ready"])


class Token(Shape):
    access_token: str = Field(examples=["eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.…"])
    token_type: Literal["Bearer"] = Field(examples=["Bearer"])
    expires_in: int = Field(description="seconds", examples=[3600])
    scope: str = Field(examples=["lists:read persons:read runs:read"])


class Outcome(Shape):
    name: str = Field(examples=["unplanned_admission"])
    title: str = Field(examples=["Unplanned admission to hospital"])
    horizon_days: int = Field(examples=[365])


class Model(Shape):
    name: str = Field(examples=["unplanned_admission_365"])
    version: int = Field(examples=[3])
    sha256: str = Field(examples=["9f" * 32])


class About(Shape):
    kind: str | None = Field(description="real, simulated or demonstration", examples=["simulated"])
    title: str | None = Field(examples=["a simulated area of 20,000 people"])


class Provenance(Shape):
    """Where an answer comes from, until when it holds, and what it is not for."""

    run: int = Field(description="number of the run; a run never changes", examples=[12])
    index_date: date = Field(description="the day whose eve the data is seen from", examples=["2024-11-30"])
    outcome: Outcome
    minimum_age: int = Field(examples=[18])
    model: Model
    data_as_at: date | None = Field(description="newest delivery of any feed", examples=["2024-11-28"])
    about: About
    marking: str | None = Field(description="to be shown with every figure; none for real data",
                                examples=["simulated data: a simulated area of 20,000 people"])  # fmt: skip
    valid_until: date = Field(examples=["2024-12-14"])
    expired: bool = Field(description="valid_until has passed", examples=[False])
    not_for: str = Field(examples=["not for placement, funding, resuscitation or discharge decisions"])
    caution: str = Field(examples=["a low band is not a reason to withhold care"])


class Practice(Shape):
    """A practice's numbers: the list holds ``k`` of those scored."""

    practice: str = Field(examples=["A81001"])
    scheme: str = Field(examples=["ods"])
    registered: int = Field(description="people of any age", examples=[8214])
    scored: int = Field(description="adults scored: the denominator of k", examples=[6530])
    k: int = Field(description="places on the list", examples=[131])
    listed: int = Field(description="those in sections of their own too", examples=[134])
    cut: float | None = Field(
        description="the probability of the last in the list's places; null: not kept by that run", examples=[0.31]
    )
    above_area_cut: int | None = Field(
        description="people as high as the last of one list of the whole area, whether listed or not", examples=[118]
    )


class CurrentRun(Provenance):
    list_fraction: float = Field(examples=[0.02])
    feeds: dict[str, Any] | None = Field(description="newest delivery of each table",
                                         examples=[{"gp_event": {"feeds": 8, "received": "2024-11-28", "up_to": "2024-11-27"}}])  # fmt: skip
    practices: list[Practice]
    counts: dict[str, Any] | None = Field(
        description="of the whole area, for callers granted all of it", examples=[None]
    )


class Reason(Shape):
    """A driver of the score, said by the predictor of it that moves the score most."""

    driver: str | None = Field(
        default=None, description="null: the run was made before there were drivers", examples=["emergency_admissions"]
    )
    title: str | None = Field(default=None, description="the driver in words", examples=["emergency stays in hospital"])
    predictor: str = Field(examples=["emergency_admissions_1y"])
    domain: str = Field(examples=["hospital use"])
    says: str = Field(examples=["3 emergency admissions in the last year"])
    value: float | None = Field(description="null: not known or not recorded", examples=[3.0])
    contribution: float = Field(description="of the whole driver, on the scale of the raw score", examples=[0.84])
    effect: float | None = Field(default=None, description="by how much lower (negative: higher) the probability would be "
                                 "without the driver's contribution, 0-1; effects do not add up", examples=[0.19])  # fmt: skip
    actionable: bool = Field(description="whether a team can act on it", examples=[False])


class Domain(Shape):
    domain: str = Field(examples=["hospital use"])
    contribution: float = Field(examples=[1.12])


class Support(Shape):
    """What somebody already does for the person. It is never a reason."""

    driver: str = Field(examples=["home_care"])
    title: str = Field(examples=["help at home"])
    says: str = Field(examples=["support in place: home care planned: 14 hours a week"])


class RestOf(Shape):
    """``background``: who the person is, where they live and what the record does not know; ``support`` in place; ``other``."""

    background: float = Field(examples=[0.11])
    support: float = Field(examples=[0.62])
    other: float = Field(examples=[1.25])


class Reasons(Shape):
    """``baseline`` + what raises + what lowers + ``rest`` = ``raw``, the raw score; so do ``baseline`` + domains, and the parts of
    ``rest_of`` make up ``rest``."""

    baseline: float = Field(examples=[-2.51])
    raw: float = Field(examples=[0.31])
    raises: list[Reason]
    lowers: list[Reason]
    rest: float = Field(examples=[1.98])
    rest_of: RestOf | None = Field(default=None, description="null: the run was made before there were drivers",
                                   examples=[{"background": 0.11, "support": 0.62, "other": 1.25}])  # fmt: skip
    support: list[Support] = Field(default_factory=list)
    missing: list[str] = Field(default_factory=list, description="what the record does not know that moves the score most",
                               examples=[["days since district nursing: not known, no community contact feed"]])  # fmt: skip
    domains: list[Domain]


class Flag(Shape):
    """``on``: since when it is so; of a no by a list, the list's day; else the day that the feed reached, null where there never
    was one. Neither "not recorded" nor "no feed" is a no."""

    value: Literal["yes", "no", "not recorded", "no feed"]
    on: date | None


_FLAGS = {
    "in_hospital": {"value": "no", "on": "2024-11-28"},
    "care_home": {"value": "not recorded", "on": "2024-11-27"},
    "end_of_life_plan": {"value": "yes", "on": "2023-05-02"},
    "on_caseload": {"value": "no feed", "on": None},
    "identity_probable": {"value": "no", "on": "2024-11-30"},
}


class Interval(Shape):
    """Of people with this score, a share between these two has the event; it knows nothing of what the record does not hold."""

    low: float = Field(ge=0, le=1, examples=[0.52])
    high: float = Field(ge=0, le=1, examples=[0.69])


class OtherOutcome(Shape):
    """An outcome scored beside the one that the list ranks by, and never blended with it. Whoever it is not about has none."""

    name: str = Field(examples=["deterioration"])
    title: str = Field(examples=["Deterioration"])
    horizon_days: int = Field(examples=[365])
    band: Literal["high", "medium", "low"] = Field(examples=["medium"])
    probability: float = Field(ge=0, le=1, examples=[0.34])
    interval: Interval | None = Field(examples=[{"low": 0.28, "high": 0.41}])
    model: dict[str, Any] = Field(examples=[{"name": "deterioration_365", "version": 2}])
    reasons: Reasons | None = Field(default=None, description="of one person's answer alone")


class HeldPlan(Shape):
    name: Literal["respect", "advance_decision", "end_of_life_plan", "palliative_register"] = Field(
        examples=["respect"]
    )
    on: date | None = Field(examples=["2024-03-02"])


class Plan(Shape):
    plans: list[HeldPlan]
    says: str = Field(examples=["There is a plan: follow it. Suggested actions give way."])


class SectionOfList(Shape):
    name: Literal["end_of_life", "care_home", "little_history"] = Field(examples=["end_of_life"])
    title: str = Field(examples=["Plan first"])
    says: str = Field(examples=["Follow the plan before anything that a score suggests."])
    shown: int = Field(description="people of the list in it", examples=[3])
    takes_places: bool = Field(
        description="whether its people take places of the list; a setting of the area's", examples=[False]
    )


class Person(Shape):
    person: str = Field(description="opaque, and this caller's own", examples=[EXAMPLE_PERSON])
    rank: int = Field(description="within the practice, 1 the highest risk", examples=[1])
    band: Literal["high", "medium", "low"] = Field(examples=["high"])
    probability: float = Field(description="calibrated; a fraction, 0-1", ge=0, le=1, examples=[0.61])
    interval: Interval | None = Field(description="the probability's; null: the model was released without",
                                      examples=[{"low": 0.52, "high": 0.69}])  # fmt: skip
    outcomes: list[OtherOutcome]
    age_band: str | None = Field(description="five years; 90 and over is one", examples=["85-89"])
    sex: str | None = Field(examples=["female"])
    plan: Plan | None = Field(description="what comes first of somebody who has one; null: none that is known of")
    section: Literal["end_of_life", "care_home", "little_history"] | None = Field(
        description="null: in no section of the list", examples=[None]
    )
    home: int | None = Field(
        description="of a care-home resident on the list, which home of the practice's; it names none", examples=[None]
    )
    listed_because: str | None = Field(examples=["among the 131 highest risks of 6,530 people scored in the practice"])
    flags: dict[str, Flag] | None = Field(
        description="null: the run was made before flags were kept", examples=[_FLAGS]
    )
    reasons: Reasons


class PracticeList(Provenance, Practice):
    withheld: int = Field(
        description="listed people who are not shown: they died, left the practice or objected since, or were forgotten",
        examples=[0],
    )
    sections: list[SectionOfList] = Field(description="their people come among the others, by rank")
    people: list[Person]
    next: int | None = Field(description="`after` of the next page; none on the last", examples=[None])


class Joined(Shape):
    person: str = Field(examples=[EXAMPLE_PERSON])
    rank: int = Field(examples=[12])
    band: Literal["high", "medium", "low"] = Field(examples=["high"])


class Left(Shape):
    person: str = Field(examples=[EXAMPLE_PERSON])
    rank_before: int = Field(examples=[40])
    why: str = Field(description='"died", "moved away", or "no longer in scope", whatever else it was',
                     examples=["no longer in scope"])  # fmt: skip


class Moved(Joined):
    rank_before: int = Field(examples=[31])
    band_before: Literal["high", "medium", "low"] = Field(examples=["medium"])


class ListChanges(Provenance):
    """A practice's list against that of the run published before; ``previous`` null: there is none that ranked by the same."""

    practice: str = Field(examples=["A81001"])
    scheme: str = Field(examples=["ods"])
    previous: int | None = Field(examples=[41])
    joined: list[Joined]
    left: list[Left]
    moved: list[Moved]
    not_shown: int = Field(
        description="of the earlier list, who died, left or objected since, or were forgotten", examples=[0]
    )


class Suppressed(Shape):
    """What was told, without whom."""

    ground: str = Field(examples=["died_informal"])
    since: date = Field(alias="from", examples=["2024-12-01"])
    act: Literal["hide", "lift"] = Field(examples=["hide"])


class PersonRisk(Provenance, Person):
    practice: str = Field(examples=["A81001"])
    scheme: str = Field(examples=["ods"])
    listed: bool = Field(examples=[True])


def documents(shape: type[Shape], *problems: str) -> dict[int | str, dict[str, Any]]:
    """A route's answers for the OpenAPI document: the good one with its example, and each problem with its own."""
    good = {"model": shape, "description": "Done", "content": {"application/json": {"example": example(shape)}}}
    answers: dict[int | str, dict[str, Any]] = {200: good}
    for name in problems:
        kind = KINDS[name]
        content = answers.setdefault(kind.status, {"description": kind.title, "content": {MEDIA_TYPE: {"schema": _PROBLEM, "examples": {}}}})  # fmt: skip
        content["content"][MEDIA_TYPE]["examples"][name] = {
            "value": {"type": PREFIX + name, "title": kind.title, "status": kind.status}
        }
    return answers


def example(shape: type[BaseModel]) -> dict[str, Any]:
    """An example of a shape, from its fields' own."""
    return {
        field.alias or name: _example(field.annotation, field.examples) for name, field in shape.model_fields.items()
    }


def _example(annotation: Any, given: list[Any] | None) -> Any:
    if given is not None:
        return given[0]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return example(annotation)
    inner = example(annotation.__args__[0])
    return [inner] if get_origin(annotation) is list else inner


def token_request() -> dict[str, Any]:
    """The form that `/v1/token` takes."""
    text = {"type": "string"}
    schema = {"type": "object", "required": ["grant_type"],
              "properties": {"grant_type": {"type": "string", "enum": ["client_credentials"]}, "client_id": text,
                             "client_secret": text, "scope": text}}  # fmt: skip
    example = {"grant_type": "client_credentials", "client_id": "client-0123456789abcdef", "client_secret": "…"}
    return {
        "requestBody": {
            "required": True,
            "content": {"application/x-www-form-urlencoded": {"schema": schema, "example": example}},
        }
    }


_PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
}
