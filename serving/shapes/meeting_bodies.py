"""What a meeting may write of one person, as it is posted. Codes are few and closed; words are kept apart from them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from features.record.tables import PERSON_TABLES

#: Words that somebody types: no control characters but line ends and tabs, which databases treat differently.
_NO_CONTROL = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+$"
Words = Annotated[str, StringConstraints(min_length=1, max_length=2000, pattern=_NO_CONTROL)]
Named = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=_NO_CONTROL)]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Reason = Literal["likely_to_benefit", "supported_already", "person_declined", "end_of_life_plan", "in_hospital", "not_the_right_time", "record_not_right",
                 "no_capacity", "more_to_find_out", "clinical_judgement", "other"]  # fmt: skip


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Informed(Body):
    """Whether the person was told: how and when, or why not."""

    told: bool = Field(examples=[True])
    how: Literal["in_person", "telephone", "video", "letter", "through_family_or_carer"] | None = Field(None, examples=["telephone"])  # fmt: skip
    on: date | None = Field(None, examples=["2024-12-01"])
    why_not: Literal["not_reached_yet", "would_harm", "lacks_capacity", "asked_not_to_be", "nothing_changes", "other"] | None = Field(None, examples=[None])  # fmt: skip
    words: Words | None = Field(None, examples=[None])


class Capacity(Body):
    """Of the person, for this decision and on this day: capacity is never a trait (Mental Capacity Act 2005, sections 2 and 3)."""

    decision_in_question: Words = Field(examples=["whether to have carers in the morning"])
    has: Literal["yes", "no", "not_assessed"] = Field(examples=["yes"])
    on: date = Field(examples=["2024-12-01"])


class Questions(Body):
    """The five questions of a review."""

    level_of_need: Words | None = Field(None, examples=["help to wash and dress each day"])
    alternatives: Words | None = Field(None, examples=["reablement first, then a package"])
    why_not_provided: Words | None = Field(None, examples=[None])
    implications: Words | None = Field(None, examples=["another fall at home"])
    likelihood: Words | None = Field(None, examples=["likely within three months"])


class WithoutService(Body):
    """A need that no service here meets; counted."""

    need: Code = Field(examples=["night_sitting"])
    words: Words | None = Field(None, examples=[None])


class Queue(Body):
    """The person's place in a service's queue."""

    service: Named = Field(examples=["falls service"])
    place: int | None = Field(None, ge=1, le=100_000, examples=[14])
    since: date = Field(examples=["2024-11-20"])


class Attendee(Body):
    role: Named = Field(examples=["community matron"])
    organisation: Named = Field(examples=["A community trust"])


class DecisionBody(Body):
    """A decision about one person. There is no decision about several at once."""

    decision: Literal["accept", "decline", "defer", "already_known"] = Field(examples=["accept"])
    reason: Reason = Field(examples=["likely_to_benefit"])
    words: Words | None = Field(None, description="why, in words; needed with other", examples=["has fallen twice and lives alone"])  # fmt: skip
    owner: Named | None = Field(None, description="who sees to the next step; needed with accept", examples=["the community matron"])  # fmt: skip
    coordinator: Named | None = Field(None, description="the person's named coordinator", examples=["the care coordinator"])  # fmt: skip
    rag: Literal["red", "amber", "green"] | None = Field(None, examples=["amber"])
    review_on: date | None = Field(None, description="needed with defer; a later day than today, within two years", examples=["2025-03-01"])  # fmt: skip
    informed: Informed
    care_plan: Annotated[str, StringConstraints(max_length=500, pattern=r"^https://[!-~]+$")] | None = Field(
        None, description="a link to the care plan", examples=["https://records.example/plan"]
    )
    persons_view: Words | None = Field(None, examples=["would like help with the stairs"])
    familys_view: Words | None = Field(None, examples=[None])
    capacity: Capacity | None = Field(None, examples=[None])
    questions: Questions | None = Field(None, examples=[None])
    no_service: list[WithoutService] = Field([], max_length=20, examples=[[]])
    queue: list[Queue] = Field([], max_length=20, examples=[[]])
    attendees: list[Attendee] = Field([], max_length=40, examples=[[{"role": "community matron", "organisation": "A community trust"}]])  # fmt: skip


class PlaceBody(Body):
    """A clinician's word that somebody belongs on the list, or does not, whatever the score says."""

    reason: Reason = Field(examples=["clinical_judgement"])
    words: Words = Field(examples=["seen at home last week, much weaker"])
    owner: Named | None = Field(None, examples=["the GP"])
    review_on: date | None = Field(None, examples=["2025-03-01"])


class ActionBody(Body):
    """Something to be done, from the area's catalogue."""

    action: Code = Field(examples=["falls_assessment"])
    owner: Named = Field(examples=["the falls service"])
    due: date = Field(description="not before today", examples=["2024-12-20"])
    words: Words | None = Field(None, examples=[None])


class OutcomeBody(Body):
    """What became of an action; it is closed then."""

    outcome: Literal["done", "not_done", "declined_by_person", "no_service"] = Field(examples=["done"])
    on: date = Field(description="not after today", examples=["2024-12-02"])
    words: Words | None = Field(None, examples=[None])


class CorrectionBody(Body):
    """ "This is not right about me": it goes to whoever answers for the table that the fact is from."""

    fact: Code = Field(
        description="the predictor, driver or flag that is not right", examples=["emergency_admissions_1y"]
    )
    table: Literal[PERSON_TABLES] = Field(description="of the record", examples=["spell"])  # type: ignore[valid-type]
    told_by: Literal["person", "family_or_carer", "clinician"] = Field(examples=["person"])
    words: Words = Field(examples=["two of the three stays were planned"])


class AnswerBody(Body):
    """What the owner of the source found."""

    answer: Literal["corrected", "partly_corrected", "not_corrected"] = Field(examples=["corrected"])
    words: Words = Field(examples=["the admission method was wrong and is put right in the next extract"])
