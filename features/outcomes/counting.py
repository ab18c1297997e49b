"""What a record tells of every outcome: events, components, what is unknown and why, with and without zero-day stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from features.cohort import Cohort
from features.errors import Refused
from features.outcomes.declared import Outcome, named
from features.outcomes.labels import label
from features.outcomes.zero_day import monthly, steps
from features.record.reader import Record

#: Horizons (days) at which an outcome is counted besides its own.
ALSO = {"unplanned_admission": (30, 90)}


@dataclass(frozen=True)
class Counted:
    """An outcome's labels counted: ``people`` asked about; ``told``, of whom ``events`` had it; ``without_zero_day`` events that do not rest on
    a stay within one day; ``first`` events by the component that came first, ``any`` by every component that occurred; ``censored`` by reason."""

    horizon: int
    people: int
    told: int
    events: int
    without_zero_day: int | None
    first: Mapping[str, int]
    any: Mapping[str, int]
    censored: Mapping[str, int]


def counted(record: Record, cohort: Cohort, outcome: str | Outcome, horizon: int | None = None) -> Counted:
    """The labels of a cohort, counted; :class:`~features.errors.Refused` where the record cannot tell the outcome at all."""
    outcome = named(outcome)
    found = label(record, cohort, outcome, horizon)
    happened = found["y"] == 1
    without = int((label(record, cohort, outcome.overnight(), horizon)["y"] == 1).sum()) if outcome.stays else None
    several = [event.name for event in outcome.events if f"first_{event.name}" in found]
    return Counted(
        horizon=outcome.days(horizon),
        people=len(found),
        told=int(found["y"].notna().sum()),
        events=int(happened.sum()),
        without_zero_day=without,
        first=_counts(found.loc[happened, "component"]),
        any={name: int(found[f"first_{name}"].notna().sum()) for name in several},
        censored=_counts(found["censored"]),
    )


def counts_of(record: Record, cohort: Cohort, name: str) -> list[dict[str, Any]]:
    """An outcome at its horizons, ready for JSON; where the record cannot tell it, ``refused`` in words instead of counts."""
    rows: list[dict[str, Any]] = []
    for horizon in (*ALSO.get(name, ()), named(name).horizon):
        try:
            rows.append(asdict(counted(record, cohort, name, horizon)))
        except Refused as error:
            rows.append({"horizon": horizon, "refused": str(error)})
    return rows


def zero_day(record: Record) -> dict[str, Any]:
    """Zero-day emergency stays by provider, ready for JSON: ``providers`` (``stays``, ``zero_day``, ``share`` of the last twelve whole
    months), and ``alarms``, a step change in recording each."""
    outcome = named("unplanned_admission")
    months = monthly(record, outcome)
    last = months["month"].max() if len(months) else None
    year = months[months["month"] > last - pd.DateOffset(months=12)] if last is not None else months
    held = year.groupby("provider", sort=True)[["stays", "zero_day"]].sum()
    providers = [
        {"provider": str(provider), "stays": int(row["stays"]), "zero_day": int(row["zero_day"]),
         "share": round(float(row["zero_day"] / row["stays"]), 4)}
        for provider, row in held.iterrows()
    ]  # fmt: skip
    alarms = [{**asdict(step), "month": step.month.isoformat()} for step in steps(months, outcome.rules.zero_day_step)]
    return {
        "upto": str(pd.Timestamp(last).date()) if last is not None else None,
        "providers": providers,
        "alarms": alarms,
    }


def _counts(column: pd.Series) -> dict[str, int]:
    return {str(value): int(n) for value, n in column.value_counts().items()}
