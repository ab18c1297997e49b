"""The frailty register as it is answered, and what a clinician posts. Nothing here holds a code of a diagnosis."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from risk.frailty_register.categories import ASSESSED
from serving.shapes.meeting_bodies import Body, Named, Words
from serving.shapes.run import About
from serving.shapes.shape import EXAMPLE_PERSON, Shape

Category = Literal["fit", "mild", "moderate", "severe"]
Proposed = Literal["mild", "moderate", "severe"]
State = Literal["waiting", "look_again", "confirmed", "rejected"]
_BASIS = {
    "kind": "clinical_frailty_scale",
    "says": "Clinical Frailty Scale 6",
    "on": "2024-06-01",
    "category": "moderate",
    "decides": True,
}


class AnswerBody(Body):
    """A clinician's answer about one person. There is none about several at once."""

    answer: Literal["confirm", "change", "reject"] = Field(examples=["change"])
    category: Category | None = Field(None, description="what the person is; not with reject", examples=["mild"])
    how: Literal[ASSESSED] = Field(  # type: ignore[valid-type]
        description="how the person was assessed; an index is no assessment", examples=["clinical_judgement"]
    )
    on: date = Field(description="the day of the assessment; not after today", examples=["2024-12-02"])
    assessor: Named = Field(description="who assessed the person", examples=["Dr A Clinician"])
    why_rejected: Literal["record_not_right", "another_persons_record", "got_better", "other"] | None = Field(None, description="with reject", examples=[None])  # fmt: skip
    words: Words | None = Field(None, description="needed with other", examples=[None])


class Basis(Shape):
    """Something recorded. ``decides``: the proposal rests on it."""

    kind: Literal["clinical_frailty_scale", "recorded_diagnosis", "recorded_index", "counted_index"]
    says: str
    on: date | None
    category: Category | None
    decides: bool


class OfRun(Shape):
    """Where the proposals come from. No model and no score has part in them."""

    run: int = Field(description="number of the run", examples=[12])
    index_date: date = Field(examples=["2024-11-30"])
    data_as_at: date | None = Field(examples=["2024-11-28"])
    about: About
    marking: str | None = Field(examples=["simulated data: a simulated area of 20,000 people"])
    valid_until: date = Field(examples=["2024-12-14"])
    expired: bool = Field(examples=[False])
    stale: bool = Field(examples=[False])
    stale_says: str | None = Field(examples=[None])
    not_for: str = Field(examples=["not for placement, funding, resuscitation or discharge decisions"])
    practice: str = Field(examples=["A81001"])
    scheme: str = Field(examples=["ods"])


class OnRegister(Shape):
    person: str = Field(description="opaque, and this caller's own", examples=[EXAMPLE_PERSON])
    age_band: str | None = Field(examples=["85-89"])
    sex: str | None = Field(examples=["female"])
    proposed: Proposed | None = Field(
        description="for a clinician to answer; null: nothing, or fit", examples=["moderate"]
    )
    rests_on: list[Basis] = Field(examples=[[_BASIS]])
    state: State = Field(examples=["waiting"])
    category: Category | None = Field(description="a clinician's word; null: nobody's yet", examples=[None])
    how: str | None = Field(examples=[None])
    on: date | None = Field(examples=[None])
    by: str | None = Field(description="the client that wrote it", examples=[None])
    version: int = Field(description="of the person's history on the register; its ETag goes into the If-Match of whoever answers", examples=[0])  # fmt: skip


class Confirmed(Shape):
    fit: int = Field(examples=[14])
    mild: int = Field(examples=[60])
    moderate: int = Field(examples=[41])
    severe: int = Field(examples=[17])


class Counts(Shape):
    """Of those of 65 and over who may be shown. A proposal counts nobody as anything."""

    people: int = Field(description="65 and over", examples=[1410])
    frail: int = Field(description="mild, moderate or severe by a clinician's word", examples=[118])
    confirmed: Confirmed
    to_answer: int = Field(examples=[95])
    look_again: int = Field(description="what is proposed is another than what was answered", examples=[3])
    rejected: int = Field(examples=[12])


class Missing(Shape):
    """What could propose a category and does not reach everybody of 65 and over."""

    feeds: dict[str, int] | None = Field(
        description="people whom each feed does not reach, by table; null: the run did not keep it",
        examples=[{"assessment": 120}],
    )
    says: str | None = Field(
        description="to be shown with the register; null: every feed reaches everybody",
        examples=[
            "Feeds that could propose a category are missing of people of 65 and over. Whoever is not proposed is not known to be fit."
        ],
    )


class FrailtyRegister(OfRun):
    counts: Counts
    missing: Missing
    people: list[OnRegister]
    next: int | None = Field(description="`after` of the next page; none on the last", examples=[None])
    says: str = Field(examples=["A proposal is for a clinician to confirm, change or reject, one person at a time."])


class Moved(Shape):
    person: str = Field(examples=[EXAMPLE_PERSON])
    proposed: Proposed | None = Field(description="now", examples=["severe"])
    proposed_before: Proposed | None = Field(examples=["moderate"])
    category: Category | None = Field(description="a clinician's word; null: nobody's yet", examples=[None])


class Joined(Shape):
    person: str = Field(examples=[EXAMPLE_PERSON])
    proposed: Proposed | None = Field(examples=["moderate"])
    category: Category | None = Field(description="a clinician's word; null: nobody's yet", examples=[None])


class Left(Shape):
    person: str = Field(examples=[EXAMPLE_PERSON])
    proposed: Proposed | None = Field(description="by the run before", examples=["moderate"])
    category: Category | None = Field(description="a clinician's word; null: nobody's yet", examples=[None])
    why: str = Field(examples=["nothing is proposed any more"])


class RegisterChanges(OfRun):
    """A practice's register against that of the run published before; ``previous`` null: there is none."""

    previous: int | None = Field(examples=[11])
    joined: list[Joined]
    left: list[Left]
    moved: list[Moved] = Field(description="whose proposed category is another")
    not_shown: int = Field(
        description="of those proposed then, who died, left or objected since, or were forgotten", examples=[0]
    )


class Answer(Shape):
    """A row of the history; it is never changed."""

    seq: int = Field(examples=[7])
    version: int = Field(examples=[1])
    answer: Literal["confirm", "change", "reject"] = Field(examples=["change"])
    category: Category | None = Field(examples=["mild"])
    proposed: Proposed | None = Field(description="what was proposed then", examples=["moderate"])
    how: str = Field(examples=["clinical_judgement"])
    on: date = Field(examples=["2024-12-02"])
    assessor: str | None = Field(description="null: forgotten", examples=["Dr A Clinician"])
    why_rejected: str | None = Field(examples=[None])
    words: str | None = Field(examples=[None])
    supersedes: int | None = Field(description="the answer whose place it takes", examples=[None])
    run: int = Field(examples=[12])
    day: date = Field(description="on which it was written", examples=["2024-12-02"])
    at: datetime = Field(examples=["2024-12-02T10:15:00Z"])
    by: str = Field(description="the client that wrote it", examples=["client-0123456789abcdef"])


class Answered(Answer):
    person: str = Field(examples=[EXAMPLE_PERSON])


class FrailtyHistory(OfRun, OnRegister):
    answers: list[Answer] = Field(description="oldest first")
