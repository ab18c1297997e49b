"""A link into the pages, for a system that shows people to clinicians."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from serving.shapes.lookup import number
from serving.shapes.shape import EXAMPLE_PERSON, Shape


class LinkBody(Shape):
    """What the link leads to: one of ``person``, ``nhs_number`` and ``practice``."""

    person: str | None = Field(None, max_length=64, description="a person, by the id that a list gave this client", examples=[EXAMPLE_PERSON])  # fmt: skip
    nhs_number: Annotated[str, Field(pattern=r"^\d{3} ?\d{3} ?\d{4}$"), AfterValidator(number)] | None = Field(
        None, description="a person, by NHS number: it stands here, and in no address"
    )
    practice: str | None = Field(None, max_length=32, description="a practice's list, by its code")
    user: str | None = Field(
        None, max_length=255, description="who alone may follow it: the directory's id of a user, or the subject that they log in with; nobody else then uses it up"
    )  # fmt: skip

    @model_validator(mode="after")
    def _leads_to_one_thing(self) -> LinkBody:
        if sum(one is not None for one in (self.person, self.nhs_number, self.practice)) != 1:
            raise ValueError("expected one of person, nhs_number and practice")
        return self


class MadeLink(Shape):
    url: str = Field(
        description="to be opened in the user's own browser, once", examples=["https://lists.example/pages/links/3mXq…"]
    )
    until: datetime = Field(description="from then on it is good for nothing", examples=["2024-12-02T09:35:00Z"])
