"""Somebody looked up by NHS number, for a front door or a call handler: the least that is of use there."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from features.coding import nhs_number_ok
from serving.shapes.person import Plan
from serving.shapes.run import Provenance
from serving.shapes.shape import EXAMPLE_PERSON, Shape


def number(said: str) -> str:
    digits = said.replace(" ", "")
    if not nhs_number_ok(digits):
        raise ValueError("expected an NHS number, whose last digit is its check digit")
    return digits


class LookupBody(Shape):
    """``nhs_number``: ten digits, of which the last is right, with or without spaces. It stands here and nowhere else: no address, log or audit has it."""

    nhs_number: Annotated[str, Field(pattern=r"^\d{3} ?\d{3} ?\d{4}$"), AfterValidator(number)] = Field(
        description="of the range 999, which is given to nobody, in this example", examples=["999 123 4578"]
    )
    purpose: Literal["front_door", "call_handling", "coordination"] = Field(
        description="what it is asked for; it stands in the audit", examples=["front_door"]
    )


class Coordinator(Shape):
    says: str = Field(description="as the practice's meeting named them", examples=["the care coordinator"])
    on: date = Field(description="the day on which they were named", examples=["2024-11-20"])


class PersonLookup(Provenance):
    person: str = Field(description="opaque, and this caller's own", examples=[EXAMPLE_PERSON])
    band: Literal["high", "medium", "low"] = Field(examples=["high"])
    plan: Plan | None = Field(description="what comes first of somebody who has one; null: none that is known of")
    coordinator: Coordinator | None = Field(description="null: no meeting named one")
