"""A person as a list and a single answer show them."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import Field

from serving.shapes.reasons import Reasons
from serving.shapes.run import Provenance
from serving.shapes.shape import EXAMPLE_PERSON, Shape


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


class PersonRisk(Provenance, Person):
    practice: str = Field(examples=["A81001"])
    scheme: str = Field(examples=["ods"])
    listed: bool = Field(examples=[True])
