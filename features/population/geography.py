"""Where people live and are registered: small areas with deprivation deciles, practices that draw from them, habits of
coding that differ from practice to practice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.population.identifiers import lsoa_codes, practice_codes

#: NHS ethnic categories with shares in the least and the most deprived areas (order of Census 2021, rounded).
ETHNICITY: tuple[tuple[str, float, float], ...] = (
    ("A", 0.88, 0.62), ("B", 0.008, 0.008), ("C", 0.035, 0.06), ("D", 0.003, 0.010), ("E", 0.001, 0.006),
    ("F", 0.004, 0.005), ("G", 0.003, 0.006), ("H", 0.025, 0.035), ("J", 0.006, 0.065), ("K", 0.001, 0.025),
    ("L", 0.010, 0.022), ("M", 0.003, 0.022), ("N", 0.006, 0.055), ("P", 0.001, 0.009), ("R", 0.008, 0.010),
    ("S", 0.007, 0.040),
)  # fmt: skip
LANGUAGES: dict[str, tuple[str, float]] = {"C": ("pl", 0.4), "H": ("gu", 0.15), "J": ("ur", 0.3), "K": ("bn", 0.4),
                                           "N": ("so", 0.15), "R": ("zh", 0.35), "S": ("ar", 0.3)}  # fmt: skip


@dataclass(frozen=True)
class Practices:
    """``mix`` is each practice's share of patients from each decile; the rest are its habits: ``thorough`` multiplies
    the chance that something is coded, ``frailty`` the chance that a degree of frailty is, ``efi`` whether it runs the
    electronic frailty index yearly, ``entry`` mean days before a letter is coded, ``weekday`` of its weekly extract."""

    codes: list[str]
    mix: np.ndarray
    size: np.ndarray
    thorough: np.ndarray
    frailty: np.ndarray
    efi: np.ndarray
    entry: np.ndarray
    weekday: np.ndarray


def make_practices(people: int, rng: np.random.Generator) -> Practices:
    """Eight practices at least, one more for each 2,500 people beyond 20,000."""
    count = max(8, people // 2500)
    centre = 1 + 9 * (np.arange(count) + 0.5) / count
    mix = np.exp(-0.5 * ((np.arange(1, 11)[None, :] - centre[:, None]) / 2.4) ** 2)
    size = rng.gamma(6.0, 1 / 6.0, count) + 0.15
    return Practices(
        codes=practice_codes(count),
        mix=mix / mix.sum(axis=1, keepdims=True),
        size=size / size.sum(),
        thorough=np.clip(rng.normal(0.93, 0.07, count), 0.7, 1.05),
        frailty=rng.beta(1.4, 1.6, count),
        efi=rng.random(count) < 0.7,
        entry=rng.gamma(4, 1.0, count) + 1,
        weekday=rng.integers(0, 5, count),
    )


@dataclass(frozen=True)
class SmallAreas:
    """Small areas: their codes, and the areas of each decile (about 1,500 people an area)."""

    codes: list[str]
    decile: np.ndarray

    def draw(self, decile: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """An area of each person's decile."""
        each = len(self.codes) // 10
        return ((decile - 1) * each + rng.integers(0, each, len(decile))).astype(np.int32)


def make_areas(people: int) -> SmallAreas:
    each = max(2, people // 15_000)
    return SmallAreas(lsoa_codes(each * 10), np.repeat(np.arange(1, 11), each))


def draw_ethnicity(deprivation: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Index into ``ETHNICITY`` by deprivation (-0.5 to 0.5)."""
    low, high = (np.cumsum([row[i] for row in ETHNICITY]) for i in (1, 2))
    weight = (deprivation + 0.5)[:, None]
    cumulative = low[None, :] * (1 - weight) + high[None, :] * weight
    draw = rng.random(len(deprivation)) * cumulative[:, -1]
    return (cumulative <= draw[:, None]).sum(axis=1).clip(0, len(ETHNICITY) - 1).astype(np.int8)
