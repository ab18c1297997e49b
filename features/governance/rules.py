"""The area's own rules, in one TOML file: for what each feed may be used and on what basis, and what its controller has decided
about opt-outs.

A basis or its impact assessment past its review date counts as absent: nobody has said that it still holds. Records of
simulated and of published demonstration data, in which nobody is to be found, have rules of their own
(:data:`INVENTED`); a record of real data without a file of rules is not read.
"""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from features.errors import BadInput
from features.governance.choices import NEVER_LIFTED, Lifted, OptOut, Stage, Use

#: Kinds of data about nobody, or published for anybody to use.
ABOUT_NOBODY = ("simulated", "demonstration")
_FAR = date(9999, 12, 31)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Basis(_Part):
    """The legal basis on which feeds may be used. ``*`` stands for every source, table or organisation."""

    sources: tuple[str, ...] = Field(default=("*",), description="kinds of extract, as `frailty feeds` names them")
    tables: tuple[str, ...] = Field(default=("*",), description="tables of the record that they feed")
    organisations: tuple[str, ...] = Field(default=("*",), description="who sends them")
    purposes: tuple[Use, ...] = Field(min_length=1, description="what they may be used for")
    legal_basis: str = Field(min_length=1)
    review: date = Field(description="last day on which the basis counts unless it is looked at again")
    dpia: str = Field(min_length=1, description="reference of the data protection impact assessment")
    dpia_review: date = Field(description="last day on which the assessment counts")
    decision: str = Field(min_length=1, description="reference of the controller's decision")

    def covers(self, source: str, table: str, organisation: str) -> bool:
        return all(
            "*" in said or found in said
            for said, found in ((self.sources, source), (self.tables, table), (self.organisations, organisation))
        )

    def lapsed(self, today: date) -> str | None:
        """What of it is past its review, in words; None where nothing is."""
        if today > self.review:
            return f"the basis of decision {self.decision} was to be reviewed by {self.review}"
        if today > self.dpia_review:
            return f"assessment {self.dpia} was to be reviewed by {self.dpia_review}"
        return None


class OptOutDecision(_Part):
    """The controller's decision that an opt-out does not apply."""

    opt_out: OptOut
    purpose: Use | Literal["*"] = "*"
    stage: Stage | Literal["*"] = "*"
    decision: str = Field(min_length=1)
    review: date

    @field_validator("opt_out")
    @classmethod
    def _may_be_lifted(cls, value: str) -> str:
        if value == NEVER_LIFTED:
            raise ValueError("the protection of a restricted record is lifted by no decision")
        return value

    @property
    def lifted(self) -> Lifted:
        return Lifted(self.opt_out, self.purpose, self.stage, self.decision, self.review)


class AreaRules(_Part):
    """Everything that the area has decided."""

    controller: str = Field(min_length=1, description="who answers for the data")
    basis: tuple[Basis, ...] = ()
    does_not_apply: tuple[OptOutDecision, ...] = ()
    sensitive_detail_roles: tuple[str, ...] = Field(
        default=(), description="roles that see what is sensitive, not its domain alone"
    )

    @property
    def lifted(self) -> tuple[Lifted, ...]:
        return tuple(decision.lifted for decision in self.does_not_apply)


def load(path: Path) -> AreaRules:
    """The rules in ``path``; :class:`BadInput` says what in it does not fit."""
    try:
        held = tomllib.loads(path.read_text())
    except OSError as error:
        raise BadInput(f"expected the area's rules in {path}, could not read them: {error.strerror}") from error
    except tomllib.TOMLDecodeError as error:
        raise BadInput(
            f"{path} is not TOML: {error}; `frailty permissions --example` prints one to begin from"
        ) from error
    try:
        rules = AreaRules.model_validate(held)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise BadInput(
            f"{path} does not fit: {faults}; `frailty permissions --example` prints one that does"
        ) from error
    return rules


#: Rules of data in which nobody is to be found. Its objectors object all the same, so that what happens to them is seen; only
#: their rows are taken in, so that the numbers of practices can be checked.
INVENTED = AreaRules(
    controller="nobody: the data is about nobody, or published for anybody to use",
    basis=(
        Basis(
            purposes=("case_finding", "planning", "evaluation", "training"),
            legal_basis="none needed: nobody is to be found in the data",
            review=_FAR,
            dpia="none needed",
            dpia_review=_FAR,
            decision="the data's own marking as simulated or as a demonstration",
        ),
    ),
    does_not_apply=tuple(
        OptOutDecision(opt_out=kind, stage="ingest", decision="the data's own marking", review=_FAR)
        for kind in ("type_1", "national", "local")
    ),
)
