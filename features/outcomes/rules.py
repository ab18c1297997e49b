"""What an area may decide about the outcomes: each rule with what it does and where it is from.

The house's own hold unless the setting ``outcomes`` (environment: ``FRAILTY_OUTCOMES``) names a TOML file in which a rule of the
same name has another value. A changed rule changes the outcome's fingerprint, and with it what a model was trained for.
"""

from __future__ import annotations

import os
import tomllib
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from features.codelists import load, names
from features.errors import BadInput

#: Names the area's file; the environment, so that a process and its children read the same.
VARIABLE = "FRAILTY_OUTCOMES"
#: How long after a day (in days) a table is taken to hold what happened on it.
LAGS = {"spell": 45, "diagnosis": 45, "death": 30, "residence": 30, "social_care": 120}
#: Classes of a stay that may be an admission or not; an ordinary one always is.
CLASSES = ("day_case", "regular_day", "regular_night", "maternity", "hospital_at_home")


class Rules(BaseModel):
    """The rules. Each field's ``description`` says what it does, ``source`` in its ``json_schema_extra`` where it is from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    no_event: tuple[str, ...] = Field(
        default=("hospital_at_home",),
        description="classes of a stay that is no admission",
        json_schema_extra={
            "source": "design of the product: care at home under a hospital's name keeps somebody out of a bed"
        },
    )
    zero_days: bool = Field(
        default=True,
        description="whether a stay that ends on the day it began is an event; reported with and without either way",
        json_schema_extra={"source": "NHS England, change of recording of same day emergency care: such stays move from admitted "
                           "care to the emergency care data set, by 1 July 2025 at the latest"},
    )  # fmt: skip
    zero_day_step: float = Field(
        default=0.05, gt=0, lt=1,
        description="change in the share of zero-day stays at one provider, from one month on, that raises the alarm",
        json_schema_extra={"source": "the house's choice: five in a hundred"},
    )  # fmt: skip
    avoidable: str = Field(
        default="acs_icd10",
        description="code set of the primary diagnoses of an avoidable admission",
        json_schema_extra={"source": "NHS Outcomes Framework indicator 2.3.i (I00708), as published in March 2022"},
    )
    avoidable_beside: str = Field(
        default="acs_beside_icd10",
        description="code set of primary diagnoses that count only beside a chronic disease of the lungs coded in the stay",
        json_schema_extra={"source": "NHS Outcomes Framework indicator 2.3.i (I00708), as published in March 2022: J20 with J41-J44, J47"},
    )  # fmt: skip
    falls: tuple[str, ...] = Field(
        default=("fall_icd10", "fragility_fracture_icd10"),
        description="code sets of a stay with a fall or a fragility fracture, in any position",
        json_schema_extra={
            "source": "WHO ICD-10 W00-W19 and R29.6; sites of fragility fracture of NICE CG146, and M80"
        },
    )
    falls_first_episode: bool = Field(
        default=True,
        description="whether a fall or fracture counts only in the stay's first episode, so that one that happened in hospital does not",
        json_schema_extra={
            "source": "Hospital Episode Statistics: diagnoses are coded by episode, the first describes the admission"
        },
    )
    package_grown_by: float = Field(
        default=1.25, gt=1, description="how many times the hours of home care must be what they were",
        json_schema_extra={"source": "the house's choice, with package_hours_more: a quarter and two hours a week more"},
    )  # fmt: skip
    package_hours_more: float = Field(
        default=2.0, ge=0, description="by how many hours a week home care must have grown as well",
        json_schema_extra={"source": "the house's choice, with package_grown_by"},
    )  # fmt: skip
    package_weeks: int = Field(
        default=4, ge=1, le=26, description="for how many weeks home care must stay grown",
        json_schema_extra={"source": "the house's choice: four weeks tell a new level from a passing need"},
    )  # fmt: skip
    continues_days: int = Field(
        default=28, ge=1, le=183, description="a package or placement that follows another within these days continues it",
        json_schema_extra={"source": "the house's choice: four weeks, so that a stay in hospital starts no new package"},
    )  # fmt: skip
    permanent_days: int = Field(
        default=42, ge=0, le=183,
        description="a residence in a care home that is left again alive within these days was no permanent move",
        json_schema_extra={"source": "Adult Social Care Outcomes Framework 2A and 2B count permanent admissions; six weeks is the longest "
                           "intermediate care usually lasts (Care and Support (Preventing Needs) Regulations 2014: free up to six weeks)"},
    )  # fmt: skip
    between_practices_days: int = Field(
        default=92, ge=1, le=365, description="people without a practice of the area for so many days have left it, even if they come back",
        json_schema_extra={"source": "the house's choice, the same as for predictors: three months between practices"},
    )  # fmt: skip
    lags: dict[str, int] = Field(
        default=LAGS,
        description="days after which a table holds what happened on a day; a label waits for them",
        json_schema_extra={"source": "the house's defaults: hospital coding is complete about six weeks after a month's end; councils "
                           "send each quarter what was completed in it; a death certified by a coroner takes longer than most"},
    )  # fmt: skip

    def __hash__(self) -> int:
        return hash(self.model_dump_json())

    @field_validator("no_event")
    @classmethod
    def _classes_exist(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        if not set(given) <= set(CLASSES):
            raise ValueError(f"expected classes of stay among {', '.join(CLASSES)}")
        return given

    @field_validator("avoidable", "avoidable_beside", "falls")
    @classmethod
    def _sets_exist(cls, given: str | tuple[str, ...]) -> str | tuple[str, ...]:
        for name in (given,) if isinstance(given, str) else given:
            if name not in names() or load(name).system.name != "icd10":
                raise ValueError(
                    f"expected ICD-10 code sets among {', '.join(n for n in names() if n.endswith('_icd10'))}"
                )
        return given

    @field_validator("lags")
    @classmethod
    def _tables_have_lags(cls, given: dict[str, int]) -> dict[str, int]:
        if set(given) - set(LAGS) or any(days < 0 for days in given.values()):
            raise ValueError(f"expected days, 0 or more, for tables among {', '.join(LAGS)}")
        return {**LAGS, **given}


HOUSE = Rules()


def source_of(rule: str) -> str:
    """Where a rule is from."""
    extra = Rules.model_fields[rule].json_schema_extra
    return str(extra["source"]) if isinstance(extra, dict) else ""


def use(file: Path | None) -> None:
    """Take the rules of ``file`` (None: the house's), here and in processes started from here. :class:`BadInput` where it does
    not fit."""
    if file is None:
        os.environ.pop(VARIABLE, None)
        return
    _read(file.absolute())
    os.environ[VARIABLE] = str(file.absolute())


def in_force() -> Rules:
    """The rules that hold: the area's file over the house's own."""
    named = os.environ.get(VARIABLE, "")
    return _read(Path(named)) if named else HOUSE


@cache
def _read(file: Path) -> Rules:
    try:
        return Rules(**tomllib.loads(file.read_text()))
    except OSError as error:
        raise BadInput(f"expected a file of rules of the outcomes (setting outcomes), found none at {file}") from error
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{file} is no TOML file: {error}") from error
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc']))}: {fault['msg']} (found {fault['input']!r})" for fault in error.errors()
        )
        raise BadInput(
            f"rules of the outcomes in {file} do not fit: {faults}; `frailty outcomes` shows each rule"
        ) from error
