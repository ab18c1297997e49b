"""Corrupting any one file of an extract never corrupts the record: it is refused whole, or its bad rows are set aside, and nothing
that the record held before is lost or changed."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from features.errors import BadInput
from features.record.reader import Record
from features.record.tables import PERSON_TABLES, TABLES
from tests.deliveries import Sent
from tests.extracts import nhs
from tests.spec.test_olids import USUAL as OLIDS

FIRST, SECOND = "2024-10-14", "2024-11-14"

WAYS: dict[str, Callable[[bytes], bytes]] = {
    "cut in the middle of a row": lambda held: held[: len(held) * 2 // 3],
    "empty": lambda held: b"",
    "the names of the columns alone": lambda held: held.split(b"\n", 1)[0] + b"\n",
    "no names of columns": lambda held: held.split(b"\n", 1)[1],
    "columns parted by semicolons": lambda held: held.replace(b",", b";"),
    "in another encoding": lambda held: held.decode().encode("utf-16"),
    "noise in the middle": lambda held: held[: len(held) // 2] + bytes(range(128, 256)) + held[len(held) // 2 :],
    "noughts in the middle": lambda held: held[: len(held) // 2] + b"\0" * 64 + held[len(held) // 2 :],
    "a quotation mark that is not closed": lambda held: held.replace(b"\n", b'\n"', 2),
    "a column too many in each row": lambda held: held.replace(b"\r\n", b",x\r\n").replace(b",x\r\n", b"\r\n", 1),
    "a name of a column misspelt": lambda held: held.replace(b"DATE", b"DTAE", 1).replace(b"date", b"dtae", 1),
    "two columns of one name": lambda held: held.replace(b",", b",NHS_NUMBER,", 1).replace(b"NHS_NUMBER,", b"NHS_NUMBER,NHS_NUMBER,", 1),
    "rows in columns one to the left": lambda held: b"\n".join(
        line if not n else line.split(b",", 1)[-1] + b"," for n, line in enumerate(held.split(b"\n"))
    ),
    "compressed": gzip.compress,
}  # fmt: skip


def person(n: int) -> dict[str, Any]:
    return {"NHS_NUMBER": nhs(n)}


#: Of each kind of extract: what a row says, and two rows, of the file that is corrupted; and files that come whole beside it.
EXTRACTS: dict[str, tuple[str, dict[str, dict[str, Any]], list[dict[str, Any]], dict[str, list[dict[str, Any]]]]] = {
    "gdppr": ("gdppr", {"gdppr": {"PRACTICE": "B86022", "SEX": "1", "YEAR_OF_BIRTH": "1950", "DATE": "2024-03-01", "RECORD_DATE": "2024-03-01", "CODE": "73211009"}}, [person(1), person(2)], {}),
    "olids": ("observation", OLIDS, [{}, {"id": "2", "mapped_concept_code": "38341003"}], {"patient": [{}]}),
    "demographics": ("demographics", {"demographics": {"BIRTH_DATE": "1950-04-01", "GENDER": "1", "GP_PRACTICE": "B86022", "GP_FROM": "2010-01-01", "LSOA": "E01000001"}}, [person(1), person(2)], {}),
    "deaths": ("deaths", {"deaths": {"REG_DATE": "2024-09-10", "REG_DATE_OF_DEATH": "2024-09-01", "S_UNDERLYING_COD_ICD10": "I219"}}, [{"DEC_CONF_NHS_NUMBER": nhs(1)}, {"DEC_CONF_NHS_NUMBER": nhs(2)}], {}),
    "preferences": ("preferences", {"preferences": {"ITEM": "ReSPECT", "ANSWER": "Yes", "RECORDED_DATE": "2024-03-01"}}, [person(1), person(2)], {}),
    "care_homes": ("addresses", {"addresses": {"UPRN": "7", "ADDRESS_FROM": "2024-01-01"}, "locations": {"LOCATION_ID": "H1", "ADDRESS": "1 Elm Road", "POSTCODE": "XA1 1AA", "UPRN": "7", "SERVICE_TYPE": "residential"}}, [person(1), person(2)], {"locations": [{}]}),
    "caseloads": ("caseloads", {"caseloads": {"TEAM_TYPE": "falls", "TEAM_ID": "F1", "CASELOAD_FROM": "2024-10-01"}}, [person(1), person(2)], {}),
    "mental_health": ("care_contact", {"care_contact": {"CareContDate": "2024-09-01", "AttendStatus": "5"}}, [{"NHSNumber": nhs(1), "UniqCareContID": "1"}, {"NHSNumber": nhs(2), "UniqCareContID": "2"}], {}),
    "out_of_hours": ("out_of_hours", {"out_of_hours": {"CONTACT_DATE": "2024-09-01"}}, [{**person(1), "CASE_REFERENCE": "1"}, {**person(2), "CASE_REFERENCE": "2"}], {}),
}  # fmt: skip
#: Every way for the kind of several files, and for each other kind two ways in turn.
NAMES = list(WAYS)
TRIED = [("olids", way) for way in NAMES] + [
    (kind, NAMES[(2 * n + m) % len(NAMES)])
    for n, kind in enumerate(kind for kind in EXTRACTS if kind != "olids")
    for m in range(2)
]


def rows(held: Path) -> dict[str, set[tuple[Any, ...]]]:
    """Every version that the record holds, without the day on which a later one took its place; each table fits its schema."""
    found = {}
    with Record(held, purpose="ingest") as opened:
        for name in PERSON_TABLES:
            table = opened.connection.sql(f"SELECT * FROM {name}").to_arrow_table()
            if table.num_rows:
                TABLES[name].schema.validate(table.to_pandas(types_mapper=pd.ArrowDtype))
            found[name] = {tuple(row.values()) for row in table.drop_columns(["known_until"]).to_pylist()}
    return found


@pytest.mark.parametrize(("kind", "way"), TRIED, ids=[f"{kind}: {way}" for kind, way in TRIED])
def test_a_corrupted_file_leaves_what_was_held(tmp_path: Path, kind: str, way: str) -> None:
    name, usual, given, beside = EXTRACTS[kind]
    sent = Sent(tmp_path, kind, usual)
    for received in (FIRST, SECOND):
        for other, its in beside.items():
            sent.file(other, received, *its)
    sent.file(name, FIRST, given[0]).take()
    before, files = rows(sent.record), sent.contents()
    assert any(before.values())
    sent.file(name, SECOND, *given)
    path = sent.sent / f"{name}_{SECOND}.csv"
    path.write_bytes(WAYS[way](path.read_bytes()))
    refused = ""
    try:
        sent.take()
    except BadInput as error:
        refused = str(error)
    assert nhs(1) not in refused
    assert nhs(2) not in refused
    if refused:
        assert sent.contents() == files
        return
    after = rows(sent.record)
    assert {table: before[table] - after[table] for table in before if before[table] - after[table]} == {}
    assert all(len(after[table]) <= len(before[table]) + len(given) for table in after)
