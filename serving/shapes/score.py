"""A score asked for now, from rows of the record as they are posted."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import Field

from serving.shapes.person import Interval, Plan
from serving.shapes.reasons import Reasons
from serving.shapes.run import About, Model, Outcome
from serving.shapes.shape import EXAMPLE_PERSON, Shape

_FEED = {"source": "native", "organisation": "A81001", "organisation_scheme": "ods", "covers": "*", "purposes": "*",
         "known_at": "2024-11-28", "period_from": "2019-11-01", "period_to": "2024-11-27"}  # fmt: skip
_ROWS = {
    "feed": [{"table_name": name, **_FEED} for name in ("person", "registration", "residence", "spell")],
    "person": [{"birth_month": "1938-05-01", "sex": "female", "known_at": "2019-11-04"}],
    "registration": [{"event_date": "2004-02-11", "practice": "A81001", "practice_scheme": "ods", "kind": "regular", "known_at": "2019-11-04"}],
    "spell": [{"event_date": "2024-03-02", "end_date": "2024-03-05", "admission_method": "21", "patient_class": "ordinary", "known_at": "2024-03-08"}],
}  # fmt: skip


class ScoreBody(Shape):
    """``rows``: of one person, by table, in the record's own columns; ``person_id`` is left out, and so is ``feed_id``."""

    person: str = Field(max_length=64, description="the id that a list gave this caller", examples=[EXAMPLE_PERSON])
    at: date | None = Field(default=None, description="the day whose eve the rows are seen from; left out: today", examples=["2024-11-30"])  # fmt: skip
    # What a row is, is its table's contract to say, which repeats nothing of what was sent: not even a key.
    rows: dict[str, Any] = Field(
        description="by table of the record; `feed` says what was delivered of the person's practice; how far others' deliveries reach, the service knows of the current run",
        examples=[_ROWS],
        json_schema_extra={"additionalProperties": {"type": "array", "items": {"type": "object"}}},
    )


class PostedFeed(Shape):
    table: str = Field(examples=["spell"])
    source: str = Field(examples=["native"])
    received: date = Field(examples=["2024-11-28"])
    period_from: date = Field(examples=["2019-11-01"])
    up_to: date = Field(examples=["2024-11-27"])


class Validated(Shape):
    """How the model came to be live: the gates it was tried by, and on what data it was made."""

    live_since: date = Field(examples=["2024-11-02"])
    gates: list[dict[str, Any]] = Field(
        description="each with `gate`, `says`, `result` and `found`",
        examples=[[{"gate": "auroc", "says": "tells people apart", "result": "passed", "found": "0.78"}]],
    )
    override: str | None = Field(description="why it is live although a gate failed", examples=[None])
    learned_from: About
    report_sha256: str | None = Field(description="of its validation report", examples=["7c" * 32])


class ScoreAnswer(Shape):
    """Of nothing that was posted is anything kept. There is no rank: nobody else was scored."""

    person: str = Field(examples=[EXAMPLE_PERSON])
    practice: str = Field(examples=["A81001"])
    scheme: str = Field(examples=["ods"])
    index_date: date = Field(examples=["2024-11-30"])
    outcome: Outcome
    minimum_age: int = Field(examples=[18])
    model: Model
    validated: Validated
    feeds: list[PostedFeed] = Field(description="the deliveries posted that the score rests on")
    unused: list[str] = Field(
        description="tables whose rows were not used: no delivery of theirs was posted that reaches the day",
        examples=[[]],
    )
    data_as_at: date = Field(description="newest of the deliveries posted", examples=["2024-11-28"])
    about: About
    marking: str | None = Field(description="to be shown with every figure; none where both the model and the area's data are real",
                                examples=["simulated data: a simulated area of 20,000 people"])  # fmt: skip
    valid_until: date = Field(examples=["2024-12-14"])
    expired: bool = Field(examples=[False])
    stale: bool = Field(examples=[False])
    stale_says: str | None = Field(examples=[None])
    not_for: str = Field(examples=["not for placement, funding, resuscitation or discharge decisions"])
    caution: str = Field(examples=["a low band is not a reason to withhold care"])
    band: Literal["high", "medium", "low"] = Field(examples=["high"])
    probability: float = Field(ge=0, le=1, examples=[0.61])
    interval: Interval | None = Field(examples=[{"low": 0.52, "high": 0.69}])
    age_band: str = Field(examples=["85-89"])
    sex: str | None = Field(examples=["female"])
    plan: Plan | None = Field(description="by the current run or the rows posted; it comes first", examples=[None])
    reasons: Reasons
