"""What happened to people whom a client may see, and who of a practice is in hospital now."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from serving.shapes.lists_beside import NEXT, Band
from serving.shapes.run import Provenance
from serving.shapes.shape import EXAMPLE_PERSON, Shape

EXAMPLE_EVENT = "zc4f5qmw2k7xnyt6h3vbd2rsgoe7pjaiu4lq3t6"
Package = Literal["yes", "no", "not recorded", "no feed"]
PACKAGE_SAYS = "a home-care package is held; neither 'not recorded' nor 'no feed' is a no"


class Event(Shape):
    id: str = Field(description="opaque, this caller's own, and always the same of one event", examples=[EXAMPLE_EVENT])
    kind: Literal[
        "list.joined",
        "list.left",
        "band.changed",
        "run.withdrawn",
        "listed.admitted",
        "listed.discharged",
        "listed.discharged_no_package",
        "package_holder.admitted",
    ] = Field(examples=["listed.discharged_no_package"])
    run: int = Field(
        description="the run that told it, or by which the person was listed; of run.withdrawn, the one taken back",
        examples=[12],
    )
    person: str | None = Field(
        description="opaque, and this caller's own; null: of the run itself", examples=[EXAMPLE_PERSON]
    )
    practice: str | None = Field(examples=["A81001"])
    scheme: str | None = Field(examples=["ods"])
    on: date = Field(description="when it happened; of lists and bands, the run's index date", examples=["2024-12-01"])
    at: datetime = Field(description="when it became an event", examples=["2024-12-02T06:30:00Z"])
    band: Band | None = Field(description="of list.joined and band.changed: the band now", examples=[None])
    band_before: Band | None = Field(description="of band.changed", examples=[None])
    package: Package | None = Field(
        description=f"of stays in hospital, when it was told: {PACKAGE_SAYS}", examples=["not recorded"]
    )


class Events(Shape):
    """In the order in which they were made, which never changes."""

    events: list[Event]
    next: str = Field(description="`since` of the next call", examples=[EXAMPLE_EVENT])
    more: bool = Field(description="there are more by now: call again", examples=[False])
    missed: bool = Field(
        description="events after `since` are past their time and gone: read the lists anew", examples=[False]
    )
    run: int | None = Field(description="the run that readers have now; null: none", examples=[12])
    marking: str | None = Field(
        description="to be shown with every figure; none for real data",
        examples=["simulated data: a simulated area of 20,000 people"],
    )
    stale_says: str | None = Field(description="how old the run's data are, where that matters", examples=[None])
    not_for: str = Field(examples=["not for placement, funding, resuscitation or discharge decisions"])


class HospitalFeed(Shape):
    taken: date | None = Field(
        description="the day on which the record was last asked; null: it was not yet", examples=["2024-12-02"]
    )
    up_to: date | None = Field(
        description="the day up to which every hospital's feed speaks; null: none does", examples=["2024-12-01"]
    )
    fresh: bool = Field(
        description="false: who is in hospital now is not known, and nobody is on the list for it", examples=[True]
    )


class Inpatient(Shape):
    person: str = Field(examples=[EXAMPLE_PERSON])
    since: date = Field(examples=["2024-11-29"])
    where: Literal["ward", "maternity"] = Field(description="kind of bed; neither hospital nor ward", examples=["ward"])
    admission: Literal["emergency", "planned", "not recorded"] = Field(examples=["emergency"])
    ready_since: date | None = Field(
        description="the day from which the person was ready to leave; null: not told", examples=[None]
    )
    expected_discharge: date | None = Field(
        description="null: no feed that the record takes in tells of it", examples=[None]
    )
    package: Package = Field(description=PACKAGE_SAYS, examples=["yes"])
    package_on: date | None = Field(
        description="since when that is so, or up to which day the feed reached", examples=["2024-03-04"]
    )
    listed: bool = Field(description="on the priority list of the run", examples=[True])
    rank: int = Field(description="by risk within the practice", examples=[3])
    band: Band = Field(examples=["high"])
    probability: float = Field(ge=0, le=1, examples=[0.61])
    age_band: str | None = Field(examples=["85-89"])
    sex: str | None = Field(examples=["female"])


class InHospital(Provenance):
    """Those of a practice whom the run scored and who are in a hospital bed by the newest lists of who is."""

    practice: str = Field(examples=["A81001"])
    scheme: str = Field(examples=["ods"])
    feed: HospitalFeed
    withheld: int = Field(description="of those in hospital, how many are not shown any more", examples=[0])
    says: str = Field(examples=["In hospital by what hospitals had told up to 2024-12-01."])
    people: list[Inpatient]
    next: int | None = Field(description=NEXT, examples=[None])
