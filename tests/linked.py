"""The people of :mod:`tests.people_to_link` as extracts of an area and of a council, taken into a record: the council's come
without NHS numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as arrow
import pyarrow.parquet as parquet

from features.linkage.identity import IdentityStore
from features.population.identifiers import nhs_numbers
from tests.extracts import Place, extract, feed
from tests.people_to_link import People
from tests.records import PRACTICE

HELD_APART = ["given_name", "family_name", "birth_date", "postcode"]


def taken(folder: Path, told: People) -> Place:
    """A record of everybody, and the identity store that knows them; the key beside it, in ``key.parquet``."""
    place = Place(folder)
    numbers = nhs_numbers(len(told.area), np.random.default_rng(5)).to_pylist()
    of = dict(zip(told.area["person"], numbers, strict=True))
    area = _person(told.area).assign(nhs_number=numbers)
    registered = pd.DataFrame({"nhs_number": numbers, "feed": "registration", "practice": PRACTICE, "practice_scheme": "ods",
                               "kind": "regular", "event_date": "2000-01-01", "known_at": "2024-11-01"})  # fmt: skip
    homes = pd.DataFrame({"nhs_number": numbers, "feed": "residence", "event_date": "2020-01-01", "known_at": "2024-11-01",
                          "kind": np.where(told.area["care_home"], "care_home", "own_home")})  # fmt: skip
    place.take(_written(folder / "area", person=area, registration=registered, residence=homes))
    clients = _person(told.council).assign(local_id=told.council["local_id"])
    served = pd.DataFrame({"local_id": told.council["local_id"], "feed": "social_care", "event": "service",
                           "event_date": "2024-09-01", "known_at": "2024-11-01"})  # fmt: skip
    place.take(_written(folder / "council", person=clients, social_care=served))
    key = pd.DataFrame(
        {"local_id": told.council["local_id"], "nhs_number": [of.get(person) for person in told.council["person"]]}
    )
    key.to_parquet(folder / "key.parquet")
    return place


def _person(frame: pd.DataFrame) -> pd.DataFrame:
    born = frame["birth_date"].to_numpy().astype("datetime64[D]")
    return frame[["given_name", "family_name", "postcode", "sex", "ethnicity"]].assign(
        birth_month=born.astype("datetime64[M]").astype("datetime64[D]").astype(str), birth_date=born.astype(str),
        feed="person", known_at="2024-11-01",
    )  # fmt: skip


def _written(folder: Path, **tables: pd.DataFrame) -> Path:
    extract(folder, suffix="parquet", about="simulated", feeds=[feed(name) for name in tables])
    for name, frame in tables.items():
        table = arrow.Table.from_pandas(frame, preserve_index=False)
        parquet.write_table(table, folder / f"{name}.parquet")
    return folder


def key_of(place: Place, identity: IdentityStore) -> dict[int, int]:
    """Who each of the council's people truly is: ``person_id`` by ``person_id``, 0 where the area does not hold them."""
    key = parquet.read_table(place.folder / "key.parquet")
    local = identity.find(arrow.nulls(len(key), arrow.string()), "native", key["local_id"])
    true = identity.find(key["nhs_number"], "native", arrow.nulls(len(key), arrow.string()))
    return dict(zip(local.tolist(), true.tolist(), strict=True))
