"""How near the simulated area comes to the published figures, counted on what truly happened."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from features.population.happening.history import Period, World
from features.population.happening.spans import Columns
from features.population.happening.state import NEVER
from features.population.rates import TARGETS, Target
from features.population.recording.rows import Rows
from features.population.truth import YEAR, Truth


@dataclass(frozen=True)
class Achieved:
    """A target, what came out, how far off that is (a share of the target; 0 within a range), and whether that is near
    enough. ``off`` and ``within`` are None where nothing is aimed at, or too little happened to tell."""

    target: Target
    value: float | None
    off: float | None
    within: bool | None

    def as_row(self) -> dict[str, Any]:
        return {"name": self.target.name, "says": self.target.says, "target": self.target.value, "to": self.target.high,
                "achieved": self.value, "off": self.off, "within": self.within, "tolerance": self.target.tolerance,
                "source": self.target.source}  # fmt: skip


@dataclass(frozen=True)
class Calibration:
    """All targets, and how much was written: rows by table."""

    people: int
    person_years: float
    figures: tuple[Achieved, ...]
    rows: dict[str, int]

    def value(self, name: str) -> float | None:
        return next(f.value for f in self.figures if f.target.name == name)


def compare(target: Target, value: float | None) -> Achieved:
    """``value`` against ``target``."""
    if value is None or target.value is None:
        return Achieved(target, value, None, None)
    high = target.high if target.high is not None else target.value
    nearest = min(max(value, target.value), high)
    off = (value - nearest) / nearest
    return Achieved(target, value, off, abs(off) <= target.tolerance)


BANDS = {"adults": (18, 200), "65": (65, 200), "65_74": (65, 75), "75_84": (75, 85), "85": (85, 200)}


@dataclass
class Tally:
    """Counts as the history runs."""

    world: World
    exposure: dict[str, float] = field(default_factory=lambda: dict.fromkeys((*BANDS, "care_home"), 0.0))
    everyone: float = 0.0
    rows: dict[str, int] = field(default_factory=dict)
    stays: list[Columns] = field(default_factory=list)
    deaths: list[Columns] = field(default_factory=list)
    helped: int = 0
    attendances: int = 0
    ends_of_years: list[tuple[int, np.ndarray]] = field(default_factory=list)

    def before(self, world: World, start: int, end: int) -> None:
        """Person-years of the step that is about to happen."""
        s, years = world.state, (end - start) / 365.25
        age = s.age(start)
        self.everyone += years * np.count_nonzero(s.present)
        for name, (low, high) in BANDS.items():
            self.exposure[name] += years * np.count_nonzero(s.present & (age >= low) & (age < high))
        self.exposure["care_home"] += years * np.count_nonzero(s.present & (age >= 65) & s.in_care_home)

    def period(self, period: Period) -> None:
        if not period.settling:
            self.stays += [period.events["stay"]] if "stay" in period.events else []
            self.deaths += [period.events["death"]] if "death" in period.events else []

    def wrote(self, rows: Rows) -> None:
        """Rows handed to the writer. A&E attendances are counted here, before any is late."""
        self.rows[rows.table] = self.rows.get(rows.table, 0) + len(rows)
        if rows.table == "ed_attendance":
            day = rows.columns["event_date"]
            assert isinstance(day, np.ndarray)
            self.attendances += int(np.count_nonzero(day - self.world.state.birth[rows.person] >= 65 * 365.25))

    def figures(self, truth: Truth | None) -> Calibration:
        """Everything against its target."""
        world = self.world
        stays, deaths = _joined(self.stays), _joined(self.deaths)
        seen = {**_stay_figures(world, stays, self.exposure), **_death_figures(world, deaths, self.exposure)}
        seen["ed_attendances_65"] = _share(self.attendances, self.exposure["65"])
        seen["care_home_share_65"] = _share(self.exposure["care_home"], self.exposure["65"])
        if truth is not None:
            seen["auroc_true_risk"] = _ceiling(world, stays, deaths, truth)
        figures = tuple(compare(t, seen.get(t.name)) for t in TARGETS)
        return Calibration(world.people, self.everyone, figures, dict(sorted(self.rows.items())))


def _joined(parts: list[Columns]) -> Columns:
    return {name: np.concatenate([p[name] for p in parts]) for name in parts[0]} if parts else {}


def _share(part: Any, whole: Any) -> float | None:
    return float(part) / float(whole) if whole else None


def _stay_figures(world: World, stays: Columns, exposure: dict[str, float]) -> dict[str, float | None]:
    if not stays:
        return {}
    person, day, end = stays["person"], stays["day"], stays["end"]
    age = (day - world.state.birth[person]) / 365.25
    old, adult = age >= 65, age >= 18
    nights = end - day
    order = np.lexsort((day, person))
    soon = np.zeros(len(day), bool)
    a, b = order[:-1], order[1:]
    soon[a] = (person[a] == person[b]) & (day[b] - end[a] <= 30)
    left = old & ~stays["died"] & (end < world.end - 30)
    counts = np.bincount(person[(day >= world.end - 365) & adult], minlength=world.people)
    adults = world.state.present & (world.state.age(world.end) >= 18)
    yearly = np.sort(counts[adults | (counts > 0)])[::-1]
    return {
        "emergency_admissions_65": _share(np.count_nonzero(old), exposure["65"]),
        "readmissions_65": _share(np.count_nonzero(soon & left), np.count_nonzero(left)),
        "stay_p90_65": float(np.quantile(nights[old], 0.9)) if old.any() else None,
        "care_home_share_admissions_65": _share(np.count_nonzero(old & stays["resident"]), np.count_nonzero(old)),
        "adults_admitted": _share(np.count_nonzero(counts), np.count_nonzero(adults)),
        "zero_day_share": _share(np.count_nonzero((nights == 0) & adult), np.count_nonzero(adult)),
        "reablement_65": _share(np.count_nonzero(old & stays["helped"]), np.count_nonzero(left)),
        "events_held_by_2pc": _share(float(yearly[: max(len(yearly) // 50, 1)].sum()), float(yearly.sum())),
    }


def _death_figures(world: World, deaths: Columns, exposure: dict[str, float]) -> dict[str, float | None]:
    if not deaths:
        return {}
    here = deaths["day"] < world.end
    age = (deaths["day"] - world.state.birth[deaths["person"]])[here] / 365.25
    return {f"deaths_{name}": _share(np.count_nonzero((age >= low) & (age < high)), exposure[name])
            for name, (low, high) in BANDS.items() if name != "65"}  # fmt: skip


def _ceiling(world: World, stays: Columns, deaths: Columns, truth: Truth) -> float | None:
    """AUROC of the true risk at every index date with a whole year to come, pooled."""
    risks, happened = [], []
    for day in sorted(d for d in truth.days if d + YEAR <= world.end):
        people, risk = truth.at(day, "unplanned_admission", YEAR)
        within = (stays["day"] >= day) & (stays["day"] < day + YEAR) if stays else np.zeros(0, bool)
        admitted = np.zeros(world.people, bool)
        admitted[stays["person"][within]] = True
        # Whoever left the area in the year cannot be told.
        stayed = world.state.present[people] | (world.state.dies[people] != NEVER) | admitted[people]
        risks.append(risk[stayed])
        happened.append(admitted[people][stayed])
    return auroc(np.concatenate(risks), np.concatenate(happened)) if risks else None


def auroc(score: np.ndarray, happened: np.ndarray) -> float | None:
    """Chance that a random person with the event scores above a random one without; ties count half."""
    positive = np.count_nonzero(happened)
    if positive in (0, len(happened)):
        return None
    _, inverse, counts = np.unique(score, return_inverse=True, return_counts=True)
    rank = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return float((rank[happened].sum() - positive * (positive + 1) / 2) / (positive * (len(happened) - positive)))
