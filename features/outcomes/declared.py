"""The outcomes, as declarations."""

from __future__ import annotations

from dataclasses import dataclass

from features.errors import WrongUsage
from features.outcomes.events import EMERGENCY, CareHomeMove, Died, Event, HomeCarePackage, Stay
from features.record.hospital import EMERGENCY_METHODS
from features.record.tables import TABLES
from features.standing import ADULT

#: How long after a day (in days) a table is taken to hold what happened on it. A default: hospital coding is complete
#: about six weeks after a month's end, a death certified by a coroner takes longer than most, and councils send each quarter
#: what was completed in it. An area that knows better says so where it labels.
LAGS = {"spell": 45, "diagnosis": 45, "death": 30, "residence": 30, "social_care": 120}


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

    @property
    def lag(self) -> int:
        """Longest maturity lag (days) of its tables."""
        return max(LAGS[table] for table in self.tables)

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

OUTCOMES: dict[str, Outcome] = {
    outcome.name: outcome
    for outcome in (
        Outcome(
            "unplanned_admission",
            "Unplanned hospital admission",
            f"A hospital stay begins in the window by an emergency method ({_METHODS}; NHS Data Dictionary, admission method). "
            "Hospital at home is no admission; a stay that began before is none, and a transfer begins none. Death "
            "without one counts as no admission: the probability is of being admitted, with death a competing event.",
            (EMERGENCY,),
            unplanned=True,
        ),
        Outcome(
            "unplanned_admission_or_death",
            "Unplanned hospital admission or death",
            "The same, or death: the definition of Scotland's published model (SPARRA v4), for comparison.",
            (EMERGENCY, Died()),
        ),
        Outcome(
            "avoidable_admission",
            "Unplanned admission for an ambulatory-care-sensitive condition",
            "An unplanned admission whose primary diagnosis is one of NHS Outcomes Framework indicator 2.3.i, chronic "
            "ambulatory-care-sensitive conditions. The record holds no procedures, so the indicator's exclusions by "
            "procedure do not apply; acute bronchitis, which it counts beside chronic lung disease alone, is left out.",
            (Stay("avoidable_admission", methods=EMERGENCY.methods, code_sets=("acs_icd10",), position="primary"),),
            unplanned=True,
        ),
        Outcome(
            "any_admission",
            "Any admission to hospital",
            "Any ordinary inpatient stay begins in the window, planned or not; no day cases. For records that do not hold how "
            "people were admitted. Death without one counts as no admission.",
            (Stay("admission", classes=("ordinary",)),),
        ),
        Outcome("death", "Death", "Death from any cause in the window.", (Died(),)),
        Outcome(
            "deterioration",
            "Deterioration (65 and over)",
            "The first of: long-term home care begun, or grown by a quarter and two hours a week or more for four weeks; "
            "an inpatient stay with a fall (ICD-10 W00-W19, R29.6) or a fragility fracture in any position; a permanent move "
            "into a care home; death. Not for people already in a care home.",
            (
                HomeCarePackage(),
                Stay("fall_or_fracture", classes=("ordinary",), code_sets=("fall_icd10", "fragility_fracture_icd10")),
                CareHomeMove(),
                Died(),
            ),
            minimum_age=65,
            outside_care_homes=True,
        ),
    )
}


def named(outcome: str | Outcome) -> Outcome:
    """The outcome of that name; :class:`WrongUsage` with the names there are."""
    if isinstance(outcome, Outcome):
        return outcome
    if outcome not in OUTCOMES:
        raise WrongUsage(f"expected an outcome among {', '.join(OUTCOMES)}; found {outcome!r}")
    return OUTCOMES[outcome]
