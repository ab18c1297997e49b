"""What an OMOP extract is taken to mean where the common data model does not say: settings with a default each, which a
small TOML file may replace."""

from __future__ import annotations

import csv
import hashlib
import tomllib
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from features.errors import BadInput
from features.sources.contract import InputFile

Setting = Literal["inpatient", "emergency_inpatient", "emergency", "outpatient", "gp", "ambulance"]
#: Settings in which a person has a hospital bed, and those in which they came to an emergency department.
STAYS = ("inpatient", "emergency_inpatient")
EMERGENCIES = ("emergency", "emergency_inpatient")


class Settings(BaseModel):
    """Settings of the OMOP source."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["simulated", "real", "demonstration"] = Field("demonstration", description="what kind of data it is")
    title: str = Field("", description="what data it is; the number of people when empty")
    received: date | None = Field(
        None, description="day of the extract; the day after the newest visit or observation when left out"
    )
    lag_days: int = Field(0, ge=0, description="days from when something happened until the area's data held it")
    still_observed_days: int = Field(
        365, ge=0, description="an observation period that ends within so many days of the extract is taken to go on"
    )
    death_within_days: int = Field(
        365, ge=0, description="a death later than so many days after the person's last observation is refused"
    )
    emergency_source_values: tuple[str, ...] = Field(
        ("emergency",), description="what in a visit's own words makes an inpatient stay an emergency"
    )
    visits: dict[str, Setting] = Field(
        default_factory=dict, description="setting of further visit concepts, by concept id"
    )

    @property
    def setting_of(self) -> dict[int, str]:
        return {**{concept: setting for concept, (setting, _) in visit_concepts().items()},
                **{int(concept): setting for concept, setting in self.visits.items()}}  # fmt: skip


@cache
def visit_concepts() -> dict[int, tuple[str, str]]:
    """Setting, and mode of contact, of each visit concept that is known (OMOP vocabulary, domain Visit)."""
    with files(__package__).joinpath("visits.csv").open(encoding="utf-8") as text:
        return {int(row["concept_id"]): (row["setting"], row["mode"] or "other") for row in csv.DictReader(text)}


def read_settings(path: Path | None) -> tuple[Settings, list[InputFile]]:
    """The settings of the TOML file ``path``, or the defaults; :class:`BadInput` where they do not fit."""
    if path is None:
        return Settings(), []  # type: ignore[call-arg]
    try:
        text = path.read_bytes()
        held = Settings.model_validate(tomllib.loads(text.decode("utf-8")))
        _ = held.setting_of
    except OSError:
        raise BadInput(f"{path.name}: expected the settings of the OMOP source as a TOML file, found no such file; check --mapping") from None  # fmt: skip
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise BadInput(f"{path.name}: settings of the OMOP source do not fit: {faults}; known are {', '.join(Settings.model_fields)}, and settings of visits are {', '.join(get_args(Setting))}") from None  # fmt: skip
    except ValueError:
        raise BadInput(f"{path.name}: expected a TOML file in UTF-8 with concept ids as keys of visits; mend it") from None  # fmt: skip
    return held, [InputFile(path.name, hashlib.sha256(text).hexdigest(), len(text))]
