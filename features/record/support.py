"""Who stands beside a person, and what they have said they want."""

from __future__ import annotations

from features.record.versioned import Flag, Interval, Text, maybe, needed


class Carer(Interval):
    """Unpaid care given to or by the person. Null is not recorded, never no."""

    has_carer: Flag = maybe("has an unpaid carer")
    is_carer: Flag = maybe("is an unpaid carer")
    strained: Flag = maybe("the carer is recorded as strained")


class Preference(Interval):
    """A recorded wish or plan, shown beside every score."""

    kind: Text = needed(
        "what was recorded",
        isin=[
            "end_of_life_plan",
            "respect",
            "advance_decision",
            "power_of_attorney",
            "palliative_register",
            "care_plan",
        ],
    )
