"""What identifies the simulated people beyond their numbers: names, whole birth dates, addresses.

Two small tables, written beside the truth and read by the writers of extracts: ``people`` (``person`` is the index) and
``addresses`` (each person's, in order, half-open). Postcodes begin with X, as none in the United Kingdom does; UPRNs begin
with 999. People live some thirty to a postcode and a few to a house number; a care home shares its postcode with its
neighbours, and only its UPRN and its own first address line are its alone.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as arrow
import pyarrow.parquet as parquet

from features.population.geography import ETHNICITY
from features.population.happening.history import World, stream
from features.population.names import draw

PEOPLE, ADDRESSES = "people.parquet", "addresses.parquet"
#: Postcodes of a small area (about 1,600 people), and houses of a postcode.
POSTCODES, HOUSES = 48, 15
_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"
_STREETS = ("Alder", "Beech", "Cedar", "Elm", "Hazel", "Larch", "Maple", "Oak", "Rowan", "Willow")
_ROADS = ("Road", "Street", "Close", "Lane", "Avenue", "Way")
CARE_HOME = ("care_home", "nursing_home")


def write_people(world: World, nhs_numbers: arrow.Array, folder: Path) -> None:
    """``people.parquet``: ``person``, ``nhs_number``, ``given_name``, ``family_name``, ``birth_date``, ``sex``,
    ``ethnicity`` (as it is, whether or not anybody recorded it)."""
    rng = stream(world.seed, "particulars")
    month = world.state.birth.astype("datetime64[D]")
    following = (month.astype("datetime64[M]") + 1).astype("datetime64[D]")
    born = month.astype(np.int64) + (rng.random(world.people) * (following - month).astype(np.int64)).astype(np.int64)
    year = month.astype("datetime64[Y]").astype(np.int64) + 1970
    given, family = draw(world.lives.ethnicity, world.state.female, year, rng)
    groups = np.array([row[0] for row in ETHNICITY])
    folder.mkdir(parents=True, exist_ok=True)
    parquet.write_table(arrow.table({
        "person": arrow.array(np.arange(world.people, dtype=np.int32)), "nhs_number": nhs_numbers,
        "given_name": arrow.array(given, arrow.string()), "family_name": arrow.array(family, arrow.string()),
        "birth_date": arrow.array(born.astype(np.int32)).cast(arrow.date32()),
        "sex": arrow.array(np.where(world.state.female, "female", "male")),
        "ethnicity": arrow.array(groups[world.lives.ethnicity]),
    }), folder / PEOPLE, compression="zstd")  # fmt: skip


def addresses(residences: arrow.Table, seed: int) -> arrow.Table:
    """The addresses of ``residences`` (``person``, ``event_date``, ``end_date``, ``lsoa``, ``kind``, one row a residence, in
    order): the same with ``address``, ``postcode``, ``uprn`` and ``home`` (number of the care home; null elsewhere)."""
    rng = stream(seed, "addresses")
    n = residences.num_rows
    area = np.array([int((code or "E01990000")[-4:]) for code in residences["lsoa"].to_pylist()], np.int64)
    home = np.isin(np.array(residences["kind"].to_pylist(), object), CARE_HOME)
    nursing = np.array(residences["kind"].to_pylist(), object) == CARE_HOME[1]
    place = np.where(home, nursing, rng.integers(0, POSTCODES, n))
    house = np.where(home, 1, 2 + rng.integers(0, HOUSES, n))
    letters = np.array(list(_LETTERS))
    street = np.array([f"{s} {r}" for s in _STREETS for r in _ROADS])[(place * 7 + area * 11) % 60]
    number = area * 2 + nursing
    uprn = 999_000_000_000 + area * 100_000 + place * 1_000 + house
    line = [
        f"{name.split()[0]} {'Nursing' if care else 'Residential'} Home, 1 {name}" if at_home else f"{door} {name}"
        for name, door, at_home, care in zip(street, house, home, nursing, strict=True)
    ]
    outward = np.char.add(np.char.add("X", letters[(area // 20) % 20]), (area % 20 + 1).astype(str))
    inward = np.char.add((place % 10).astype(str), np.char.add(letters[(place * 3 + area) % 20], letters[place // 10]))
    return (
        residences.append_column("address", arrow.array(line))
        .append_column("postcode", arrow.array(np.char.add(np.char.add(outward, " "), inward)))
        .append_column("uprn", arrow.array(uprn.astype(str)))
        .append_column("home", arrow.array(number.astype(np.int32), mask=~home))
    )
