"""Whether the service lives, and its tokens."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from serving.shapes.shape import Shape


class Health(Shape):
    status: Literal["alive"] = Field(examples=["alive"])


class Ready(Shape):
    status: Literal["ready"] = Field(examples=["ready"])


class Token(Shape):
    access_token: str = Field(examples=["eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.…"])
    token_type: Literal["Bearer"] = Field(examples=["Bearer"])
    expires_in: int = Field(description="seconds", examples=[3600])
    scope: str = Field(examples=["lists:read persons:read runs:read"])
