"""Errors as declared: how often, whose, and what the key is told; names and places that nobody has."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pyarrow as arrow
import pytest

from features.coding import NHS_NUMBER
from features.population import names
from features.population.geography import ETHNICITY
from features.population.identifiers import nhs_numbers
from features.population.particulars import addresses
from features.population.writing import misspelling
from features.population.writing.dirt import CLEAN, MORE_OFTEN, Dirt
from features.population.writing.register import Register

MANY = 20_000


def rng() -> np.random.Generator:
    return np.random.default_rng(1)


@pytest.fixture(scope="module")
def people() -> arrow.Table:
    numbers = nhs_numbers(MANY, rng())
    return arrow.table({
        "person": np.arange(MANY, dtype=np.int32), "nhs_number": numbers, "given_name": ["Asha"] * MANY, "family_name": ["Fanah"] * MANY,
        "birth_date": arrow.array(np.full(MANY, -10_009, np.int32)).cast(arrow.date32()), "sex": ["female"] * MANY,
        "ethnicity": ["A", "H"] * (MANY // 2), "address": ["1 Oak Road"] * MANY, "postcode": ["XA1 1AA"] * MANY,
        "address_before": ["2 Elm Road"] * MANY, "postcode_before": ["XA2 2BB"] * MANY,
    })  # fmt: skip


@pytest.fixture(scope="module")
def register(people: arrow.Table) -> Register:
    return Dirt().register(people, "RZ1", rng())


@pytest.mark.parametrize("rate", ["number_missing", "birth_transposed", "name_short", "moved", "sex_wrong"])
def test_errors_are_as_frequent_as_declared_and_more_so_in_other_groups(register: Register, rate: str) -> None:
    said = register.entries["error"].fillna("").str.split().map(lambda errors: rate in errors)
    groups = register.entries["ethnicity"] == "H"
    declared = getattr(Dirt(), rate)
    for share, expected in ((said[~groups].mean(), declared), (said[groups].mean(), declared * MORE_OFTEN)):
        assert share == pytest.approx(expected, abs=4 * (expected / MANY * 2) ** 0.5)


def test_what_an_entry_says_is_the_truth_unless_its_error_says_otherwise(register: Register) -> None:
    held = register.entries
    whole = held[held["error"].isna()]
    assert (whole["nhs_number"] == whole["true_nhs_number"]).all()
    assert (whole["postcode"] == "XA1 1AA").all()
    wrong = held[held["error"].notna() & held["error"].fillna("").str.contains("number_malformed")]
    assert len(wrong)
    assert not any(NHS_NUMBER.well_formed(number) for number in wrong["nhs_number"].dropna())
    assert (held[held["error"] == "moved"]["postcode"] == "XA2 2BB").all()
    assert (held[held["error"] == "birth_transposed"]["birth_date"] != held["birth_date"].mode()[0]).all()


def test_some_people_have_two_entries_and_no_number_stands_for_two(register: Register) -> None:
    assert register.entries["local_id"].is_unique
    twice = Counter(register.entries["person"])
    assert set(twice.values()) == {1, 2}
    person = np.array([one for one, times in twice.items() if times == 2])
    assert set(register.of(np.repeat(person, 20), rng())["local_id"]) == set(
        register.entries[register.entries["person"].isin(person)]["local_id"]
    )


def test_without_dirt_a_register_is_true(people: arrow.Table) -> None:
    held = CLEAN.register(people, "RZ1", rng()).entries
    assert held["error"].isna().all()
    assert (held["nhs_number"] == held["true_nhs_number"]).all()


def rows(count: int = MANY) -> pd.DataFrame:
    return pd.DataFrame(
        {"delivery": np.arange(count) % 4, "nhs_number": "9990000018", "value": 1, "place": np.arange(count)}
    )


def test_rows_come_late_twice_or_wrong_at_first_and_the_key_can_be_told() -> None:
    dirt = CLEAN.but(late=0.1, duplicate=0.1, corrected=0.1, unnumbered=0.1)
    made = dirt.spoil(rows(), rng(), delivery="delivery", last=3, wrong=lambda some: some.assign(value=2))
    late = made[made["error"] == "late"]
    assert (late["delivery"] == late["place"] % 4 + 1).all(), "the delivery after its own"
    assert (late["delivery"] <= 3).all(), "one of the last delivery stays"
    twice = made[made["error"] == "duplicate"]
    assert (twice.groupby("place").size() == 2).all()
    first = made[(made["error"] == "corrected") & (made["value"] == 2)].set_index("place")["delivery"]
    right = made[(made["error"] == "corrected") & (made["value"] == 1)].set_index("place")["delivery"]
    assert (right.loc[first.index] == first + 1).all()
    assert made[made["error"] == "unnumbered"]["nhs_number"].isna().all()
    untouched = made[made["error"].isna()]
    assert (untouched["delivery"] == untouched["place"] % 4).all()
    assert made["place"].nunique() == MANY, "nothing is lost"


def test_an_error_that_cannot_be_made_is_not_claimed() -> None:
    made = CLEAN.but(corrected=0.3, unnumbered=0.3).spoil(
        rows(), rng(), delivery="delivery", last=3, number="none such"
    )
    assert made["error"].isna().all()


def test_chances_are_chances() -> None:
    with pytest.raises(ValueError, match="late"):
        Dirt(late=1.5)


@pytest.mark.parametrize(
    ("born", "can", "becomes"), [("1940-03-07", True, "1940-07-03"), ("1940-03-03", False, None), ("1940-03-17", False, None)]
)  # fmt: skip
def test_day_and_month_swapped(born: str, can: bool, becomes: str | None) -> None:
    days = np.array([born], "datetime64[D]")
    assert misspelling.can_transpose(days).tolist() == [can]
    if becomes:
        assert str(misspelling.transposed(days)[0]) == becomes


def test_a_misspelling_is_another_name_much_like_it() -> None:
    given = np.array(["Margaret", "Jo", "Aa", "Fanah"] * 50, dtype=object)
    made = misspelling.misspelt(given, rng())
    assert all(one != other for one, other in zip(made, given, strict=True))
    assert all(abs(len(one) - len(other)) <= 1 for one, other in zip(made, given, strict=True))


def test_the_commonest_english_family_name_is_borne_by_about_one_in_a_hundred() -> None:
    """Smith: 1.2 in 100 on the NHS Central Register; names of Muslim families are far more concentrated."""
    shares = {}
    for group in ("A", "J"):
        index = next(i for i, row in enumerate(ETHNICITY) if row[0] == group)
        given, family = names.draw(np.full(MANY, index), np.zeros(MANY, bool), np.full(MANY, 1950), rng())
        assert all(given)
        shares[group] = Counter(family).most_common(1)[0][1] / MANY
    assert 0.008 < shares["A"] < 0.016
    assert shares["J"] > 5 * shares["A"]


def test_given_names_of_the_old_are_more_concentrated() -> None:
    """Office for National Statistics, Baby names: the commonest boy's name of 2014 was given to 1.9 in 100."""
    top = [
        Counter(names.draw(np.zeros(MANY, int), np.zeros(MANY, bool), np.full(MANY, year), rng())[0]).most_common(1)[0][
            1
        ]
        for year in (1935, 2014)
    ]
    assert top[0] > 2 * top[1]


def test_places_are_nobodys_and_a_home_shares_its_postcode() -> None:
    n = 4_000
    residences = arrow.table({
        "person": np.arange(n), "event_date": arrow.array(np.zeros(n, np.int32)).cast(arrow.date32()),
        "end_date": arrow.nulls(n, arrow.date32()), "lsoa": [f"E0199{i % 40:04d}" for i in range(n)],
        "kind": ["care_home" if i % 100 == 0 else "own_home" for i in range(n)],
    })  # fmt: skip
    held = addresses(residences, 1).to_pandas()
    assert held["postcode"].str.fullmatch(r"X[A-Z]\d{1,2} \d[A-Z]{2}").all()
    assert held["uprn"].str.startswith("999").all()
    assert held.groupby("postcode")["lsoa"].nunique().max() == 1
    homes = held[held["home"].notna()]
    assert (homes.groupby("home")[["uprn", "address", "postcode"]].nunique() == 1).all().all()
    assert set(homes["postcode"]) <= set(held[held["home"].isna()]["postcode"]), "never found by its postcode alone"
    assert not set(homes["uprn"]) & set(held[held["home"].isna()]["uprn"])
