"""What is asked for as a file. Nothing of it stands in an address: neither a reason nor whom it is about."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from risk.export.columns import COLUMNS
from serving.shapes.meeting_bodies import Body, Code, Words

What = Literal["list", "outcome", "criterion", "hospital_at_home", "register", "scores"]
Format = Literal["csv", "xlsx"]
Named = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")]


class ExportBody(Body):
    """A list over several practices: the file of its people."""

    format: Format = Field(examples=["csv"])
    columns: list[Named] | None = Field(
        None, min_length=1, max_length=len(COLUMNS), description="in this order, each once; the usual ones when not given",
        examples=[["rank", "person", "age_band", "probability"]],
    )  # fmt: skip


class PracticeExportBody(ExportBody):
    """A practice's list, register or scores."""

    what: What = Field(examples=["list"])
    of: Code | None = Field(None, description="which criterion or outcome; not with the others", examples=[None])
    reason: Words | None = Field(None, description="why people are to be told by NHS number; needed with the column nhs_number", examples=[None])  # fmt: skip
