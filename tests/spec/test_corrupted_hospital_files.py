"""Ten ways in which a hospital's file can be broken: it is refused whole and the record is as it was, or the rows that cannot be read are
left out by name. Never is a row made that the sound file would not have made."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from features.errors import BadInput
from tests.deliveries import Sent
from tests.extracts import nhs
from tests.spec.test_admissions_now import USUAL as STAY
from tests.spec.test_hes import USUAL as EPISODE
from tests.spec.test_urgent_and_outpatients import APPOINTMENT, ATTENDANCE, INCIDENT

RECEIVED = "2024-11-20"
PEOPLE = range(1, 25)
#: Source: kind of file, its usual row, columns that differ by person, table and columns that tell its rows apart, two dates.
KINDS: dict[str, tuple[str, dict[str, str], Callable[[int], dict[str, str]], str, str, tuple[str, str]]] = {
    "hes": ("apc", EPISODE | {"DISDATE": "2024-03-20", "EPIEND": "2024-03-20"}, lambda n: {
        "NHS_NUMBER": nhs(n), "LOPATID": f"{n}", "EPIKEY": f"{n}", "ADMIDATE": f"2024-03-{n % 19 + 1:02}", "EPISTART": f"2024-03-{n % 19 + 1:02}", "DIAG_01": "J181"},
        "spell", "event_date end_date provider admission_method", ("EPISTART", "NHS_NUMBER")),
    "admissions_now": ("admissions", STAY | {"EVENT_TYPE": "admitted"}, lambda n: {
        "NHS_NUMBER": nhs(n), "LOCAL_PATIENT_ID": f"{n}", "ADMISSION_DATE": f"2024-03-{n:02}", "EVENT_DATE": f"2024-03-{n:02}"},
        "spell", "event_date end_date provider admission_method", ("EVENT_DATE", "NHS_NUMBER")),
    "ecds": ("ecds", ATTENDANCE, lambda n: {"NHS_Number": nhs(n), "EC_Ident": f"{n}", "Arrival_Date": f"2024-03-{n:02}"},
        "ed_attendance", "event_date event_time department", ("Arrival_Date", "NHS_Number")),
    "outpatients": ("outpatients", APPOINTMENT, lambda n: {"NHS_NUMBER": nhs(n), "ATTENDKEY": f"{n}", "APPTDATE": f"2024-03-{n:02}"},
        "outpatient", "event_date status specialty", ("APPTDATE", "NHS_NUMBER")),
    "ambulance": ("incidents", INCIDENT, lambda n: {"NHS_NUMBER": nhs(n), "INCIDENT_NUMBER": f"{n}", "CALL_DATE": f"2024-03-{n:02} 10:00:00"},
        "ambulance", "event_date event_time service", ("CALL_DATE", "NHS_NUMBER")),
}  # fmt: skip


def _rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def _text(rows: list[list[str]], delimiter: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return out.getvalue()


def _shuffled(text: str, of: str, with_: str) -> bytes:
    head, *rest = _rows(text)
    return _text([head[::-1], *(row[::-1] for row in rest)]).encode()


def _without(text: str, of: str, with_: str) -> bytes:
    rows = _rows(text)
    place = rows[0].index(of)
    return _text([row[:place] + row[place + 1 :] for row in rows]).encode()


def _bad_dates(text: str, of: str, with_: str) -> bytes:
    head, *rest = _rows(text)
    place = head.index(of)
    for row in rest[::2]:
        row[place] = "31/02/2024"
    return _text([head, *rest]).encode()


def _swapped(text: str, of: str, with_: str) -> bytes:
    head, *rest = _rows(text)
    a, b = head.index(of), head.index(with_)
    head[a], head[b] = head[b], head[a]
    return _text([head, *rest]).encode()


def _truncated(text: str, of: str, with_: str) -> bytes:
    lines = text.splitlines(keepends=True)
    return "".join([*lines[:15], lines[15][: len(lines[15]) // 3]]).encode()


def _junk(text: str, of: str, with_: str) -> bytes:
    lines = text.encode().splitlines(keepends=True)
    return b"".join([*lines[:9], b"\x00\xff\xfe\x9c\x81" * 40, *lines[9:]])


def _twice(text: str, of: str, with_: str) -> bytes:
    head, *rest = text.splitlines(keepends=True)
    return "".join([head, *rest, *rest[3:9]]).encode()


WAYS: dict[str, Callable[[str, str, str], bytes]] = {
    "truncated": _truncated,
    "wrong_delimiter": lambda text, *_: _text(_rows(text), ";").encode(),
    "shuffled_header": _shuffled,
    "missing_column": _without,
    "wrong_encoding": lambda text, *_: text.encode("utf-16"),
    "duplicated_rows": _twice,
    "bad_dates": _bad_dates,
    "swapped_columns": _swapped,
    "empty": lambda *_: b"",
    "binary_junk": _junk,
}
REFUSED = {"wrong_delimiter", "missing_column", "wrong_encoding", "swapped_columns", "empty", "binary_junk"}
WHOLE = {"shuffled_header", "duplicated_rows"}


def sent(folder: Path, kind: str) -> tuple[Sent, Path]:
    """The source with one sound file."""
    file, usual, of_person, *_ = KINDS[kind]
    made = Sent(folder, kind, {file: usual}).file(file, RECEIVED, *(of_person(n) for n in PEOPLE))
    return made, made.sent / f"{file}_{RECEIVED}.csv"


def told(made: Sent, kind: str) -> list[tuple[Any, ...]]:
    _, _, _, table, columns, _ = KINDS[kind]
    return made.rows(table, columns)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[Any, ...]]]:
    found = {}
    for kind in KINDS:
        made, _ = sent(tmp_path_factory.mktemp(kind), kind)
        made.take()
        found[kind] = told(made, kind)
        assert len(found[kind]) == len(PEOPLE)
    return found


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_broken_file_never_breaks_the_record(
    tmp_path: Path, sound: dict[str, list[tuple[Any, ...]]], kind: str, way: str
) -> None:
    made, path = sent(tmp_path, kind)
    path.write_bytes(WAYS[way](path.read_text(), *KINDS[kind][5]))
    if way in REFUSED:
        with pytest.raises(BadInput) as refused:
            made.take()
        assert path.name in str(refused.value)
        assert nhs(3) not in str(refused.value)
        assert not (made.record / "manifest.json").exists()
        return
    ledger = made.take()
    left_out = sum(
        sum(entry.quarantined.values()) for entry in ledger.entries if entry.rule not in ("native", "diagnoses")
    )
    held = told(made, kind)
    assert all(row in sound[kind] for row in held)
    if way in WHOLE:
        assert held == sound[kind]
        assert left_out == 0
    elif way == "truncated":
        assert len(held) == 14  # the header and 14 whole rows
        assert left_out == 1
    else:
        assert len(held) == left_out == len(PEOPLE) // 2
