"""Lists beside a practice's priority list: a team's, a network's or a place's; by an outcome beside; by stated criteria; in hospital at home."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from serving.shapes.lists import SectionOfList
from serving.shapes.person import Person
from serving.shapes.run import Provenance
from serving.shapes.shape import EXAMPLE_PERSON, Shape

Band = Literal["high", "medium", "low"]
NEXT = "`after` of the next page; none on the last"


class PersonOfPractice(Person):
    practice: str = Field(examples=["A81001"])
    scheme: str = Field(examples=["ods"])


class WiderList(Provenance):
    """A list over the practices of a team, a network or a place, or (``kind`` of an outcome) of one practice by an outcome that is not blended with any other."""

    kind: str = Field(examples=["team"])
    code: str = Field(examples=["north"])
    name: str = Field(examples=["North neighbourhood team"])
    practices: list[str] = Field(description="whose people it was drawn over", examples=[["A81001", "A81002"]])
    registered: int = Field(examples=[16400])
    scored: int = Field(description="the denominator of k", examples=[13020])
    k: int = Field(description="places on the list", examples=[40])
    capacity: int | None = Field(
        description="people that the team can take on, where the directory says so; null: the share of those scored",
        examples=[40],
    )
    listed: int = Field(description="those in sections of their own too", examples=[43])
    cut: float | None = Field(description="the probability of the last in the list's places", examples=[0.44])
    withheld: int = Field(
        description="listed people who are not shown: they died, left the practice or objected since, or were forgotten",
        examples=[0],
    )
    of_other_practices: int = Field(
        description="listed people of practices that this caller reaches no longer: they are not shown", examples=[0]
    )
    sections: list[SectionOfList] = Field(description="their people come among the others, by rank")
    people: list[PersonOfPractice]
    next: int | None = Field(description=NEXT, examples=[None])


class CriterionCounts(Shape):
    name: str = Field(examples=["housebound"])
    title: str = Field(examples=["Housebound"])
    says: str = Field(examples=["Recorded as housebound and not since as otherwise."])
    source: str = Field(examples=["the area's own list"])
    scored: int = Field(examples=[6530])
    met: int = Field(examples=[41])
    unknown: int = Field(
        description="of whom nobody can say it: a feed that it rests on does not reach them", examples=[0]
    )


class Criteria(Provenance):
    practice: str = Field(examples=["A81001"])
    scheme: str = Field(examples=["ods"])
    criteria: list[CriterionCounts]
    says: str = Field(examples=["Whoever is counted as not known may meet the criterion."])


class MeetsCriterion(Shape):
    person: str = Field(examples=[EXAMPLE_PERSON])
    because: list[str] = Field(examples=[["recorded as housebound"]])
    rank: int = Field(description="by risk within the practice", examples=[212])
    band: Band = Field(examples=["medium"])
    probability: float = Field(ge=0, le=1, examples=[0.22])
    age_band: str | None = Field(examples=["85-89"])
    sex: str | None = Field(examples=["female"])
    listed: bool = Field(description="on the priority list too", examples=[False])


class CriterionList(Provenance):
    practice: str = Field(examples=["A81001"])
    scheme: str = Field(examples=["ods"])
    criterion: CriterionCounts
    withheld: int = Field(description="of those who met it, how many are not shown any more", examples=[0])
    says: str = Field(examples=["Whoever is counted as not known may meet the criterion."])
    people: list[MeetsCriterion]
    next: int | None = Field(description=NEXT, examples=[None])


class Reach(Shape):
    up_to: date | None = Field(
        description="the day up to which the feed speaks; null: none does", examples=["2024-11-29"]
    )
    fresh: bool = Field(description="an older one says nothing of today: nobody is on the list by it", examples=[True])


class ToldBy(Shape):
    spell: Reach | None = Field(default=None, description="admissions now")
    caseload: Reach | None = Field(default=None, description="a virtual ward's caseload")


class AtHome(Shape):
    person: str = Field(examples=[EXAMPLE_PERSON])
    since: date = Field(examples=["2024-11-20"])
    told_by: Literal["spell", "caseload"] = Field(examples=["caseload"])
    age_band: str | None = Field(examples=["85-89"])
    sex: str | None = Field(examples=["female"])
    band: Band = Field(description="beside, and deciding nothing", examples=["medium"])
    probability: float = Field(ge=0, le=1, examples=[0.22])


class HospitalAtHome(Provenance):
    """In the order of admission, by a clinician's decision; the score adds, removes and orders nobody."""

    practice: str = Field(examples=["A81001"])
    scheme: str = Field(examples=["ods"])
    feeds: ToldBy
    withheld: int = Field(description="of the list's people, how many are not shown any more", examples=[0])
    says: str = Field(examples=["Admitted by a clinician's decision, in the order of admission."])
    people: list[AtHome]
    next: int | None = Field(description=NEXT, examples=[None])
