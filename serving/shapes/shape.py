"""What every shape is: nothing but what it names."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

#: An opaque id as one caller has it.
EXAMPLE_PERSON = "kq7tmx3v5d2yhb4w6nzcfarsoe7pjgiu3lq2t5x"


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")
