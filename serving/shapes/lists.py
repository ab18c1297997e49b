"""A practice's list, and who joined, left and moved."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from serving.shapes.person import Person
from serving.shapes.run import Practice, Provenance
from serving.shapes.shape import EXAMPLE_PERSON, Shape


class PlansOfHome(Shape):
    """Residents by whether they have a plan made ahead (an end-of-life plan, a ReSPECT plan or an advance decision)."""

    yes: int = Field(examples=[6])
    no_feed: int = Field(description="no feed that could tell of one reaches them", examples=[0])
    not_recorded: int = Field(description="nobody has said whether there is one", examples=[7])
    no: int = Field(description="of every kind it is known that there is none", examples=[1])


class CareHome(Shape):
    """The practice's residents of one home, listed or not, as at the run; what is not known of every resident is null."""

    home: int = Field(description="its number on this list; no name, address or code is told", examples=[1])
    residents: int = Field(examples=[14])
    listed: int = Field(examples=[5])
    high: int = Field(description="in the high band", examples=[6])
    emergency_admissions: int | None = Field(description="in the last year", examples=[9])
    ed_attendances: int | None = Field(description="in the last year", examples=[12])
    conveyed: int | None = Field(description="taken to hospital by ambulance in the last year", examples=[8])
    falls: int | None = Field(default=None, description="recorded by the practice in two years", examples=[5])
    plans: PlansOfHome | None = Field(default=None, description="null in runs made before plans were counted")


class SectionOfList(Shape):
    name: Literal["end_of_life", "care_home", "little_history"] = Field(examples=["end_of_life"])
    title: str = Field(examples=["Plan first"])
    says: str = Field(examples=["Follow the plan before anything that a score suggests."])
    shown: int = Field(description="people of the list in it", examples=[3])
    takes_places: bool = Field(
        description="whether its people take places of the list; a setting of the area's", examples=[False]
    )
    homes: list[CareHome] = Field(
        default=[], description="of a practice's care-home residents: its homes, that of the highest listed risk first"
    )


class PracticeList(Provenance, Practice):
    capacity: int | None = Field(
        description="people whom the practice's team can take on, where the area says so; null: k is the share of those scored",
        examples=[None],
    )
    places_by: str = Field(
        description="by which rule the list has as many places as it has, and how equal scores are put in order; to show as it stands",
        examples=[
            "by the area's share of those scored, 2%, rounded up. Equal scores are put in order by a lot drawn before anybody is ranked."
        ],
    )
    withheld: int = Field(
        description="listed people who are not shown: they died, left the practice or objected since, or were forgotten",
        examples=[0],
    )
    sections: list[SectionOfList] = Field(description="their people come among the others, by rank")
    people: list[Person]
    next: int | None = Field(description="`after` of the next page; none on the last", examples=[None])


Section = Literal["end_of_life", "care_home", "little_history"]


class ReasonChanged(Shape):
    """A reason whose contribution to the score, in log-odds, changed; null: not among those told, then or now."""

    driver: str = Field(examples=["emergency_admissions"])
    title: str = Field(examples=["emergency admissions"])
    says: str = Field(examples=["3 emergency admissions in the last year"])
    contribution: float | None = Field(examples=[1.1])
    contribution_before: float | None = Field(examples=[0.4])


class Joined(Shape):
    person: str = Field(examples=[EXAMPLE_PERSON])
    rank: int = Field(examples=[12])
    band: Literal["high", "medium", "low"] = Field(examples=["high"])
    section: Section | None = Field(description="null: in no section of the list", examples=[None])
    changed: list[ReasonChanged] = Field(
        description="the reasons that changed most since the run before; empty where its reasons are not known"
    )


class Left(Shape):
    person: str = Field(examples=[EXAMPLE_PERSON])
    rank_before: int = Field(examples=[40])
    section_before: Section | None = Field(examples=[None])
    why: str = Field(description='"died", "moved away", or "no longer in scope", whatever else it was',
                     examples=["no longer in scope"])  # fmt: skip


class Moved(Joined):
    rank_before: int = Field(examples=[31])
    band_before: Literal["high", "medium", "low"] = Field(examples=["medium"])
    section_before: Section | None = Field(examples=[None])


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
