"""The outcomes, as declarations."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from functools import cache

from features.errors import WrongUsage
from features.outcomes.care import CareHomeMove, HomeCarePackage
from features.outcomes.events import CLASSES, Died, Event, Stay
from features.outcomes.rules import HOUSE, LAGS, Rules, in_force
from features.record.hospital import EMERGENCY_METHODS
from features.record.tables import TABLES
from features.standing import ADULT

__all__ = ["LAGS", "OUTCOMES", "Outcome", "declared", "named"]


@dataclass(frozen=True)
class Outcome:
    """What is predicted. ``horizon`` (days) is the one meant when none is named. People under ``minimum_age``, and those in a
    care home where ``outside_care_homes``, have no label. ``unplanned`` says whether it may be shown as an unplanned admission."""

    name: str
    title: str
    says: str
    events: tuple[Event, ...]
    horizon: int = 365
    minimum_age: int = ADULT
    outside_care_homes: bool = False
    unplanned: bool = False
    rules: Rules = HOUSE

    def __post_init__(self) -> None:
        if not self.events:
            raise WrongUsage(f"expected events that make up the outcome {self.name}, found none")
        if self.minimum_age < ADULT:
            raise WrongUsage(f"expected a minimum age of {ADULT} or more for {self.name}, found {self.minimum_age}")
        unknown = sorted(set(self.tables) - set(LAGS))
        if unknown:
            raise WrongUsage(
                f"expected a maturity lag for every table of {self.name}, found none for {', '.join(unknown)}"
            )
        self.days(self.horizon)

    @property
    def tables(self) -> tuple[str, ...]:
        """Tables that define it, in the record's order: a label needs feeds of all of them."""
        named = {table for event in self.events for table in event.tables}
        return tuple(table for table in TABLES if table in named)

    def lag_of(self, table: str, lag: int | None = None) -> int:
        """Maturity lag (days) of a table: ``lag`` where it is given."""
        return self.rules.lags[table] if lag is None else lag

    def after(self, table: str) -> int:
        """Days past the window that the table must cover, because what follows decides whether an event was one."""
        return max(event.after.get(table, 0) for event in self.events)

    @property
    def lag(self) -> int:
        """Longest maturity lag (days) of its tables."""
        return max(self.lag_of(table) for table in self.tables)

    @property
    def fingerprint(self) -> str:
        """Hash of what decides a label: the events with their code sets, whom it is about, and what counts as leaving."""
        said = [self.name, self.minimum_age, self.outside_care_homes, self.rules.between_practices_days]
        said += [[event.name, event.sql()] for event in self.events]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()

    def overnight(self) -> Outcome:
        """The same without stays that ended on the day they began."""
        events = tuple(replace(event, nights=1) if isinstance(event, Stay) else event for event in self.events)
        return replace(self, events=events)

    @property
    def stays(self) -> tuple[Stay, ...]:
        """The hospital stays among its events."""
        return tuple(event for event in self.events if isinstance(event, Stay))

    @property
    def needs_method(self) -> bool:
        return any(isinstance(event, Stay) and event.methods for event in self.events)

    def days(self, horizon: int | None) -> int:
        """The horizon in days: ``horizon``, or its own where that is None; :class:`WrongUsage` outside 1 to 3,650."""
        days = self.horizon if horizon is None else horizon
        if not 1 <= days <= 3650:
            raise WrongUsage(f"expected a horizon of 1 to 3650 days for {self.name}, found {days}")
        return days


_METHODS = ", ".join(EMERGENCY_METHODS)


@cache
def declared(rules: Rules) -> dict[str, Outcome]:
    """Every outcome under an area's rules, by name."""
    nights = 0 if rules.zero_days else 1
    classes = tuple(name for name in CLASSES if name not in rules.no_event)
    emergency = Stay("emergency_admission", classes=classes, methods=tuple(EMERGENCY_METHODS), nights=nights)
    found = (
        Outcome(
            "unplanned_admission",
            "Unplanned hospital admission",
            f"A hospital stay begins in the window by an emergency method ({_METHODS}; NHS Data Dictionary, admission method). "
            "Hospital at home is no admission; a stay that began before is none, and a transfer begins none. Death "
            "without one counts as no admission: the probability is of being admitted, with death a competing event.",
            (emergency,),
            unplanned=True,
        ),
        Outcome(
            "unplanned_admission_or_death",
            "Unplanned hospital admission or death",
            "The same, or death: the definition of Scotland's published model (SPARRA v4), for comparison.",
            (emergency, Died()),
        ),
        Outcome(
            "avoidable_admission",
            "Unplanned admission for a chronic ambulatory-care-sensitive condition",
            "An unplanned admission whose primary diagnosis is one of NHS Outcomes Framework indicator 2.3.i (I00708, as published in "
            "March 2022), unplanned hospitalisation for chronic ambulatory-care-sensitive conditions; acute bronchitis counts "
            "beside chronic lung disease. The record holds no procedures, so the indicator's exclusions by procedure do not apply.",
            (
                replace(
                    emergency,
                    name="avoidable_admission",
                    code_sets=(rules.avoidable,),
                    position="primary",
                    beside=(rules.avoidable_beside, f"{rules.avoidable}:copd"),
                ),
            ),
            unplanned=True,
        ),
        Outcome(
            "any_admission",
            "Any admission to hospital",
            "Any ordinary inpatient stay begins in the window, planned or not; no day cases. For records that do not hold how "
            "people were admitted; never shown as unplanned. Death without one counts as no admission.",
            (Stay("admission", classes=("ordinary",), nights=nights),),
        ),
        Outcome("death", "Death", "Death from any cause in the window.", (Died(),)),
        Outcome(
            "deterioration",
            "Deterioration (65 and over)",
            "The first of: long-term home care begun, or grown by a quarter and two hours a week or more for four weeks; "
            "an inpatient stay with a fall (ICD-10 W00-W19, R29.6) or a fragility fracture in any position of its first episode; "
            "a permanent move into a care home; death. Not for people already in a care home.",
            (
                HomeCarePackage(rules.package_grown_by, rules.package_hours_more, rules.package_weeks, rules.continues_days),
                Stay(
                    "fall_or_fracture", classes=("ordinary",), code_sets=rules.falls, nights=nights,
                    first_episode=rules.falls_first_episode,
                ),
                CareHomeMove(rules.permanent_days, rules.continues_days),
                Died(),
            ),
            minimum_age=65,
            outside_care_homes=True,
        ),
    )  # fmt: skip
    return {outcome.name: replace(outcome, rules=rules) for outcome in found}


#: The outcomes under the house's own rules; :func:`named` gives them under the rules in force.
OUTCOMES = declared(HOUSE)


def named(outcome: str | Outcome) -> Outcome:
    """The outcome of that name, under the rules in force; :class:`WrongUsage` with the names there are."""
    if isinstance(outcome, Outcome):
        return outcome
    if outcome not in OUTCOMES:
        raise WrongUsage(f"expected an outcome among {', '.join(OUTCOMES)}; found {outcome!r}")
    return declared(in_force())[outcome]
