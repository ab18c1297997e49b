"""Opt-outs: which there are, and whether each applies to a purpose at a stage of the work.

One table says it, opt-out × purpose × stage. Every cell applies unless the area's controller has decided otherwise and the
decision, with its reference, is in the area's rules; a decision past its review date counts for nothing.

Sources: a type 1 opt-out bars data leaving the practice for other ends than individual care; NHS England's page for practices
held that an objection "should not automatically exclude" from risk stratification while practices' own notices say that it
does, so the controller is to decide. The national data opt-out applies to flows under section 251 unless the Confidentiality
Advisory Group exempts them (National Data Opt-out Operational Policy Guidance, section 5), and not to individual care.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from features.standing import OBJECTIONS

OptOut = Literal["restricted", "type_1", "national", "local"]
Use = Literal["case_finding", "planning", "evaluation", "training"]
Stage = Literal["ingest", "training", "scoring", "display"]

OPT_OUTS: tuple[OptOut, ...] = OBJECTIONS  # type: ignore[assignment]
#: What data may be used for. ``training`` is the making of models and other research.
USES: tuple[Use, ...] = ("case_finding", "planning", "evaluation", "training")
STAGES: tuple[Stage, ...] = ("ingest", "training", "scoring", "display")
#: The codes by which a type 1 opt-out is recorded and withdrawn.
CODES = "opt_out_snomed"
#: A protection, not a choice: no decision lifts it.
NEVER_LIFTED: OptOut = "restricted"
SAYS: dict[OptOut, str] = {
    "restricted": "record restricted or sensitive on the national demographics service",
    "type_1": "type 1 opt-out, recorded by the practice",
    "national": "national data opt-out, by file",
    "local": "opt-out of this area's own, by file",
}


@dataclass(frozen=True)
class Lifted:
    """The controller's decision that an opt-out does not apply. ``use`` and ``stage`` may be ``*`` for all."""

    opt_out: str
    use: str
    stage: str
    decision: str
    review: date

    def covers(self, opt_out: str, use: str, stage: str, today: date) -> bool:
        return (
            opt_out == self.opt_out
            and self.use in (use, "*")
            and self.stage in (stage, "*")
            and opt_out != NEVER_LIFTED
            and today <= self.review
        )


@dataclass(frozen=True)
class Cell:
    """One cell of the table. ``decision`` is the reference of the decision by which it does not apply."""

    opt_out: OptOut
    use: Use
    stage: Stage
    applies: bool
    decision: str


def table(lifted: Iterable[Lifted], today: date) -> Iterator[Cell]:
    """Every cell: whether the opt-out applies on the day, and by whose decision it does not."""
    decisions = list(lifted)
    for opt_out in OPT_OUTS:
        for use in USES:
            for stage in STAGES:
                by = next((d for d in decisions if d.covers(opt_out, use, stage, today)), None)
                yield Cell(opt_out, use, stage, by is None, by.decision if by else "")


def applying(lifted: Iterable[Lifted], today: date, stage: Stage, use: Use | None = None) -> frozenset[OptOut]:
    """Opt-outs that apply at a stage for a use. Without a use: those that apply for every use there is, since rows that any
    use may have must be taken in."""
    cells = [cell for cell in table(lifted, today) if cell.stage == stage]
    return frozenset(
        opt_out
        for opt_out in OPT_OUTS
        if all(cell.applies for cell in cells if cell.opt_out == opt_out and use in (None, cell.use))
    )
