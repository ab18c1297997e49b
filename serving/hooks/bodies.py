"""What a client of CDS Hooks sends. Fields of the standard that are not named here are not read."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

PATIENT = "patient"


class Context(BaseModel):
    userId: str = Field(min_length=1, max_length=255)
    patientId: str = Field(min_length=1, max_length=255)
    encounterId: str | None = Field(None, min_length=1, max_length=255)


class Call(BaseModel):
    """One call of a service."""

    hook: Literal["patient-view", "encounter-start"]
    hookInstance: UUID
    context: Context
    prefetch: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _has_its_encounter(self) -> Call:
        """Required of the hook (https://cds-hooks.hl7.org/hooks/encounter-start/)."""
        if self.hook == "encounter-start" and self.context.encounterId is None:
            raise ValueError("encounter-start: expected context.encounterId")
        return self

    @property
    def patient(self) -> dict[str, Any] | None:
        """The Patient that was sent along; None where there is none, or an error in its place."""
        held = self.prefetch.get(PATIENT)
        return held if isinstance(held, dict) and held.get("resourceType") == "Patient" else None


class Coding(BaseModel):
    code: str = Field(max_length=255)
    system: str | None = Field(None, max_length=255)


class OverrideReason(BaseModel):
    reason: Coding | None = None
    userComment: str | None = None


class OneFeedback(BaseModel):
    card: UUID
    outcome: Literal["accepted", "overridden"]
    outcomeTimestamp: datetime
    overrideReason: OverrideReason | None = None


class Feedback(BaseModel):
    """What became of cards."""

    feedback: list[OneFeedback] = Field(min_length=1, max_length=50)
