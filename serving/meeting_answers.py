"""The meeting's record as it is answered: shapes for the OpenAPI document, and what stands of somebody."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from risk.decisions.meeting import Seen
from risk.decisions.standing import Standing, said
from risk.pseudonyms import Pseudonyms
from serving import answers
from serving.shapes.person import Person
from serving.shapes.run import Practice, Provenance
from serving.shapes.shape import EXAMPLE_PERSON, Shape

_SAID = {"action": "falls_assessment", "owner": "the falls service", "due": "2024-12-20"}


class Entry(Shape):
    """A row of a person's history; it is never changed. ``said`` is what was posted; with a decision also ``seen``, how the list showed the
    person then; with a correction ``source_owner``, who must answer it; with a letter the text that was approved and its digest."""

    seq: int = Field(examples=[7])
    version: int = Field(description="of the person's history at this practice", examples=[3])
    kind: Literal["decision", "addition", "removal", "action", "action_outcome", "correction", "correction_answer", "letter", "letter_withdrawn"] = Field(examples=["action"])  # fmt: skip
    of: int | None = Field(description="the entry that an outcome or an answer is about", examples=[None])
    supersedes: int | None = Field(description="the decision whose place it takes", examples=[None])
    run: int = Field(description="current when it was written", examples=[12])
    day: date = Field(examples=["2024-12-02"])
    at: datetime = Field(examples=["2024-12-02T10:15:00Z"])
    by: str = Field(description="the client that wrote it", examples=["client-0123456789abcdef"])
    said: dict[str, Any] = Field(examples=[_SAID])


class Written(Entry):
    person: str = Field(examples=[EXAMPLE_PERSON])


class Stands(Shape):
    """What stands of somebody at this practice."""

    version: int = Field(description="its ETag goes into the If-Match of whoever writes", examples=[3])
    decision: Entry | None = Field(
        description="or a clinician's addition or removal, whichever was written last", examples=[None]
    )
    actions: list[Entry] = Field(description="open ones, from whatever run", examples=[[]])
    disputed: list[str] = Field(
        description="facts said not to be right, and not answered", examples=[["emergency_admissions_1y"]]
    )


class History(Provenance, Stands):
    person: str = Field(examples=[EXAMPLE_PERSON])
    practice: str = Field(examples=["A81001"])
    scheme: str = Field(examples=["ods"])
    entries: list[Entry]


class AtMeeting(Person, Stands):
    view: Literal["new", "changed", "overdue", "unchanged", "folded"] = Field(examples=["new"])
    why: list[str] = Field(description="why the person is in this view", examples=[["new on the list"]])


class Added(Stands):
    """Somebody whom a clinician added, outside the list's places."""

    person: str = Field(examples=[EXAMPLE_PERSON])
    band: Literal["high", "medium", "low"] = Field(examples=["medium"])
    rank: int = Field(description="within the practice, by the score", examples=[212])


class Views(Shape):
    """People in each view; they add up to the people of the list who may be shown."""

    new: int = Field(examples=[9])
    changed: int = Field(examples=[4])
    overdue: int = Field(examples=[2])
    unchanged: int = Field(examples=[60])
    folded: int = Field(examples=[56])


class PracticeMeeting(Provenance, Practice):
    withheld: int = Field(description="listed people who may not be shown", examples=[0])
    view: Literal["due", "new", "changed", "overdue", "unchanged", "folded", "all"] = Field(examples=["due"])
    counts: Views
    people: list[AtMeeting]
    added: list[Added]


class MeetingMetrics(Provenance):
    """Counts of people on the list, the folded too."""

    practice: str = Field(examples=["A81001"])
    scheme: str = Field(examples=["ods"])
    listed: int = Field(examples=[131])
    withheld: int = Field(examples=[0])
    views: Views
    not_reviewed: int = Field(description="nothing was decided", examples=[9])
    reviewed: int = Field(examples=[122])
    decisions: dict[str, int] = Field(examples=[{"accept": 60, "already_known": 40, "decline": 22}])
    reviewed_unactioned: int = Field(description="accepted, and no action was written", examples=[5])
    not_informed: int = Field(description="decided, and the person was not told, or nobody said", examples=[31])
    overdue: int = Field(description="a review day has come, or an open action is late", examples=[6])
    added: int = Field(examples=[2])
    actions_open: int = Field(examples=[48])
    actions_late: int = Field(examples=[4])
    need_without_service: int = Field(description="people", examples=[3])
    needs_without_service: dict[str, int] = Field(description="people by need", examples=[{"night_sitting": 3}])
    corrections_open: int = Field(examples=[1])


def shown(stands: Standing) -> dict[str, Any]:
    """As :class:`Stands`."""
    return {
        "version": stands.version,
        "decision": None if stands.decision is None else said(stands.decision),
        "actions": [said(row) for row in stands.open],
        "disputed": list(stands.disputed),
    }


def at_meeting(seen: Seen, pseudonyms: Pseudonyms) -> dict[str, Any]:
    """As :class:`AtMeeting`."""
    (row,) = answers.listed([seen.row], pseudonyms)
    return {**row, "view": seen.placed.view, "why": list(seen.placed.why), **shown(seen.stands)}


def added(seen: Seen, pseudonyms: Pseudonyms) -> dict[str, Any]:
    """As :class:`Added`."""
    row = seen.row
    return {"person": pseudonyms.of(row["person_id"]), "band": row["band"], "rank": row["rank"], **shown(seen.stands)}
