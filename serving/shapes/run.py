"""A run: where an answer comes from, and each practice's numbers."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import Field

from serving.shapes.shape import Shape


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
    stale: bool = Field(description="the run's data are older than the area allows (10 days unless it says otherwise)",
                        examples=[False])  # fmt: skip
    stale_says: str | None = Field(
        description="to be shown with every figure: how old the data are, and that the list's time is over",
        examples=["The newest data are of 2024-11-28, more than 10 days ago: check before you act."],
    )
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
