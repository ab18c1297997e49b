"""People who do not exist, for the tests of linkage: an area's register, and a council's with errors and without NHS numbers.

Families share a family name and an address; some children are twins; some sons have their father's given name; old people
share the postcode of a care home. What the council has wrong is drawn by the simulated area's own
:class:`~features.population.writing.dirt.Dirt`. Some of the council's people are not in the area's register at all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as arrow

from features.population.geography import ETHNICITY
from features.population.names import draw
from features.population.writing.dirt import Dirt

#: Share of the council's people whom the area's register does not hold; share of second children born with the first;
#: share of sons named after their father; share of people of 80 and over in a care home.
ELSEWHERE, TWINS, NAMESAKES, IN_HOMES = 0.05, 0.015, 0.03, 0.12
_LETTERS = np.array(list("ABDEFGHJLNPQRSTUWXYZ"))


@dataclass(frozen=True)
class People:
    """``area``: ``person``, ``given_name``, ``family_name``, ``birth_date``, ``sex``, ``postcode``, ``ethnicity``, ``care_home``.
    ``council``: the same as the council has it (without ``care_home``), with ``local_id``; ``person`` is the key, -1 for
    whoever is not in ``area``."""

    area: pd.DataFrame
    council: pd.DataFrame


def people(count: int, clients: int, seed: int, dirt: Dirt | None = None) -> People:
    """``count`` people of the area, and about ``clients`` of the council's."""
    rng = np.random.default_rng(seed)
    spare = int(clients * ELSEWHERE)
    everyone = _families(count + spare, rng)
    elsewhere = rng.permutation(count + spare)[:spare]
    everyone["elsewhere"] = np.isin(everyone["person"], elsewhere)
    area = everyone[~everyone["elsewhere"]].drop(columns="elsewhere")
    weight = np.where(area["birth_date"] < np.datetime64("1960-01-01"), 6.0, 1.0)
    chosen = rng.choice(area["person"], clients - spare, replace=False, p=weight / weight.sum())
    known = everyone[everyone["elsewhere"] | everyone["person"].isin(chosen)]
    told = known.assign(address="", address_before="", nhs_number=[f"{n:010d}" for n in known["person"]])
    entries = (
        (dirt or Dirt())
        .register(arrow.Table.from_pandas(told.drop(columns=["elsewhere", "care_home"])), "council", rng)
        .entries
    )
    entries["person"] = np.where(np.isin(entries["person"], elsewhere), -1, entries["person"])
    columns = ["person", "local_id", "given_name", "family_name", "birth_date", "sex", "postcode", "ethnicity"]
    return People(area.reset_index(drop=True), entries[columns])


def _families(count: int, rng: np.random.Generator) -> pd.DataFrame:
    """Households of one to five: one or two parents, and children."""
    size = rng.choice([1, 2, 3, 4, 5], count, p=[0.42, 0.33, 0.11, 0.1, 0.04])
    household = np.repeat(np.arange(count), size)[:count]
    place = np.arange(count) - np.searchsorted(household, household)
    head = np.searchsorted(household, household)
    age = np.clip(rng.gamma(7, 8, count), 19, 101)
    partner = np.clip(age[head] + rng.normal(0, 3, count), 19, 101)
    child = np.clip(age[head] - rng.uniform(18, 40, count), 0, 70)
    age = np.select([place == 0, place == 1], [age, partner], child)
    born = np.datetime64("2024-06-01") - (age * 365.25).astype("timedelta64[D]")
    twin = np.flatnonzero((place >= 3) & (rng.random(count) < TWINS * 4))
    born[twin] = born[twin - 1]
    shares = np.array([(low + high) / 2 for _, low, high in ETHNICITY])
    ethnicity = rng.choice(len(ETHNICITY), count, p=shares / shares.sum())[head]
    female = rng.random(count) < 0.51
    given, family = draw(ethnicity, female, born.astype("datetime64[Y]").astype(int) + 1970, rng)
    family = np.where((place != 1) | (rng.random(count) < 0.7), family[head], family)
    son = (place >= 2) & ~female & ~female[head] & (rng.random(count) < NAMESAKES)
    given = np.where(son, given[head], given)
    at_home = rng.integers(0, count // 14 + 1, count)[household]
    care_home = (age >= 80) & (rng.random(count) < IN_HOMES)
    at_home = np.where(care_home, rng.integers(0, count // 1500 + 1, count), at_home)
    before = rng.integers(0, count // 14 + 1, count)
    codes = np.array([group for group, _, _ in ETHNICITY])
    return pd.DataFrame({
        "person": np.arange(count), "given_name": given, "family_name": family,
        "birth_date": born.astype("datetime64[s]"), "sex": np.where(female, "female", "male"), "postcode": _postcodes(at_home),
        "postcode_before": _postcodes(before), "ethnicity": codes[ethnicity], "care_home": care_home,
    })  # fmt: skip


def _postcodes(place: np.ndarray) -> np.ndarray:
    """A postcode a place, some twenty of them to a sector."""
    district = np.char.add(
        np.char.add("X", _LETTERS[place // 20 // 9 // 20 % 20]), (place // 20 // 9 % 20 + 1).astype(str)
    )
    sector = (place // 20 % 9).astype(str)
    end = np.char.add(_LETTERS[place % 20], _LETTERS[place * 7 % 20])
    return np.char.add(np.char.add(district, " "), np.char.add(sector, end))
