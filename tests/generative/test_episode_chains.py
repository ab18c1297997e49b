"""Chains of consultant episodes against a spell builder written plainly: one person after the other, one episode after the other."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import numpy as np
import pyarrow as arrow
from hypothesis import given, settings
from hypothesis import strategies as st

from features.progress import SILENT
from features.sources import open_source
from features.sources.hospital import spells, telling
from tests.extracts import nhs

BEGAN = date(2024, 1, 1)
COLUMNS = ("NHS_NUMBER", "LOPATID", "PROCODE3", "EPIKEY", "EPISTAT", "EPISTART", "EPIEND", "EPIORDER", "ADMIDATE", "ADMIMETH", "ADMISORC",
           "DISMETH", "DISDEST", "DISDATE", "DIAG_01", "DIAG_02")  # fmt: skip
OTHER = ("51", "52", "53")


@dataclass(frozen=True)
class Episode:
    """An episode; days are counted from 1 January 2024."""

    seq: int
    patient: int
    provider: str
    admitted: int
    starts: int
    ends: int
    order: int | None
    method: str
    source: str
    leaves: str
    goes: str

    @property
    def came(self) -> bool:
        return self.source in OTHER or self.method in ("2B", "81")

    @property
    def went(self) -> bool:
        return self.goes in OTHER

    @property
    def transit(self) -> int:
        return (2 if self.went else 3) if self.came else int(self.went)

    @property
    def place(self) -> tuple[Any, ...]:
        return (self.admitted, self.starts, self.ends, self.order is None, self.order, self.transit, f"{self.seq:04}")


@st.composite
def episodes(draw: st.DrawFn) -> list[Episode]:
    """Some people's episodes: most go on from the one before, some are sent twice."""
    made: list[Episode] = []
    for patient in range(draw(st.integers(1, 3))):
        day = 0
        admitted = 0
        for _ in range(draw(st.integers(1, 7))):
            again = draw(st.booleans())
            starts = max(0, day + draw(st.integers(-4, 6)))
            admitted = min(admitted, starts) if again else starts
            ends = starts + draw(st.integers(0, 8))
            made.append(Episode(
                seq=len(made), patient=patient, provider=draw(st.sampled_from(["RZ1", "RZ2"])), admitted=admitted, starts=starts, ends=ends,
                order=draw(st.sampled_from([1, 2, None])), method=draw(st.sampled_from(["21", "11", "2B", "81"])),
                source=draw(st.sampled_from(["19", "19", "51"])), leaves=draw(st.sampled_from(["1", "8", "9", "4"])),
                goes=draw(st.sampled_from(["19", "51", "79", "54"])),
            ))  # fmt: skip
            day = ends
    return made + [replace(one, seq=len(made) + n) for n, one in enumerate(made) if draw(st.integers(0, 9)) == 0]


def plainly(told: list[Episode]) -> set[tuple[int, ...]]:
    """The stays, each as the numbers of its episodes in their order."""
    kept: dict[tuple[Any, ...], Episode] = {}
    for one in told:
        kept[one.patient, one.provider, one.admitted, one.starts, one.ends, one.order] = one
    by_patient: dict[int, list[Episode]] = defaultdict(list)
    for one in kept.values():
        by_patient[one.patient].append(one)
    found = set()
    for of_patient in by_patient.values():
        visits: list[list[Episode]] = []
        for provider in ("RZ1", "RZ2"):
            last: Episode | None = None
            for one in sorted((one for one in of_patient if one.provider == provider), key=lambda one: one.place):
                goes_on = last is not None and (
                    one.admitted == last.admitted
                    or one.starts == last.starts
                    or (last.leaves in ("8", "9") and one.starts == last.ends)
                )
                if goes_on:
                    visits[-1].append(one)
                else:
                    visits.append([one])
                last = one
        visits.sort(key=lambda v: (v[0].admitted, v[0].transit, max(one.ends for one in v), v[0].provider))
        stays: list[list[list[Episode]]] = []
        of_visit: dict[int, list[list[Episode]]] = {}
        for place, visit in enumerate(visits):
            if place:
                # of those before, the one that ended last, and of several the last in the order
                before = max(range(place), key=lambda n: (max(one.ends for one in visits[n]), n))
                apart = visit[0].starts - max(one.ends for one in visits[before])
                if apart <= 3 and (visit[0].came or (visits[before][-1].went and apart >= -3)):
                    of_visit[place] = of_visit[before]
                    of_visit[place].append(visit)
                    continue
            stays.append([visit])
            of_visit[place] = stays[-1]
        found |= {tuple(one.seq for visit in stay for one in visit) for stay in stays}
    return found


def built(told: list[Episode]) -> set[tuple[int, ...]]:
    with duckdb.connect(config={"threads": 1}) as connection:
        for statement in telling.HELD:
            connection.execute(statement)
        rows = [
            {"seq": one.seq, "eid": f"{one.seq:04}", "nhs": str(one.patient), "provider": one.provider, "admidate": _day(one.admitted),
             "epistart": _day(one.starts), "epiend": _day(one.ends), "epiorder": one.order, "method": one.method, "source": one.source,
             "leaves": one.leaves, "goes": one.goes, "void": False}
            for one in told
        ]  # fmt: skip
        connection.register("rows", arrow.Table.from_pylist(rows))
        connection.execute("INSERT INTO episode BY NAME SELECT * FROM rows")
        connection.execute("CREATE TEMP TABLE touched AS SELECT DISTINCT nhs AS who FROM episode")
        spells.build(connection)
        found = connection.execute("SELECT list(seq ORDER BY step) FROM parts GROUP BY stay").fetchall()
    return {tuple(stay) for (stay,) in found}


def _day(number: int) -> date:
    return BEGAN + timedelta(days=number)


@given(episodes())
def test_stays_are_those_of_the_plain_builder(told: list[Episode]) -> None:
    assert built(told) == plainly(told)


@settings(max_examples=10)
@given(episodes(), st.data())
def test_the_stays_are_the_same_however_the_episodes_are_delivered(told: list[Episode], data: st.DataObject) -> None:
    """All at once, or month by month in any order: in the end the same stays stand, with the same diagnoses."""
    kept = list(
        {(one.patient, one.provider, one.admitted, one.starts, one.ends, one.order): one for one in told}.values()
    )
    months = [data.draw(st.integers(0, 2)) for _ in kept]
    assert _standing([kept]) == _standing(
        [[one for one, month in zip(kept, months, strict=True) if month == n] for n in range(3)]
    )


def _standing(deliveries: list[list[Episode]]) -> dict[str, dict[str, Any]]:
    """Rows of spells and diagnoses that hold after the last delivery, by table and key, but for when they were known."""
    standing: dict[str, dict[str, Any]] = {}
    with TemporaryDirectory() as folder:
        for month, told in enumerate(deliveries):
            with (Path(folder) / f"apc_2024-0{month + 5}-20.csv").open("w", newline="") as out:
                writer = csv.DictWriter(out, COLUMNS)
                writer.writeheader()
                writer.writerows(_row(one) for one in told)
        source = open_source("hes", Path(folder))
        for batch in source.batches(SILENT):
            for row in batch.frame.to_pylist():
                key = f"{batch.table} {row['row_key']}"
                row = {
                    name: value
                    for name, value in row.items()
                    if name not in ("source_row", "feed", "known_at") and value is not None
                }
                if "known_until" in row:
                    standing.pop(key, None)
                else:
                    standing[key] = row
    return standing


def _row(one: Episode) -> dict[str, Any]:
    return {"NHS_NUMBER": nhs(one.patient), "LOPATID": f"{one.patient}", "PROCODE3": one.provider, "EPIKEY": f"{one.seq}", "EPISTAT": "3",
            "EPISTART": _day(one.starts), "EPIEND": _day(one.ends), "EPIORDER": one.order, "ADMIDATE": _day(one.admitted), "ADMIMETH": one.method,
            "ADMISORC": one.source, "DISMETH": one.leaves, "DISDEST": one.goes, "DISDATE": "" if one.leaves in ("8", "9") else _day(one.ends),
            "DIAG_01": f"J{one.seq:02}", "DIAG_02": "I10X"}  # fmt: skip


@given(st.lists(st.integers(0, 30), min_size=1, max_size=40))
def test_every_chain_is_followed_to_its_root(back: list[int]) -> None:
    parent = np.array([max(place - step, 0) if step else place for place, step in enumerate(back)])
    found = spells.roots(parent)
    for place in range(len(back)):
        root = place
        while parent[root] != root:
            root = parent[root]
        assert found[place] == root
