"""Admitted patient care, as Hospital Episode Statistics and the Secondary Uses Service have it: a row a consultant episode.

Column names and values: HES admitted patient care data dictionary. Only finished episodes count (``EPISTAT`` 3); dates of 1800 and 1801
stand for none; an admission date that is missing is the start of the first episode, unless that is a transfer.
"""

from __future__ import annotations

from typing import Any

import pandera.pandas as pa

from features.record.hospital import ADMISSION_METHODS, HOSPITALS
from features.record.versioned import Text, maybe, needed
from features.sources.delivered import Layout, RawFile, Rule, dated
from features.sources.delivered.declared import day
from features.sources.hospital.spells import TRANSFERS
from features.sources.hospital.stays import class_of, stays_of

#: NHS Data Dictionary, PATIENT CLASSIFICATION: 5 is a mother or baby using delivery facilities only.
CLASSES = {"1": "ordinary", "2": "day_case", "3": "regular_day", "4": "regular_night", "5": "maternity"}
#: Methods with a letter as extracts of numbers write them.
NUMERIC = {"66": "2A", "67": "2B", "68": "2C", "69": "2D"}
PLACES = [f"DIAG_{place:02}" for place in range(1, 21)]


class Stay(pa.DataFrameModel):
    """A consultant episode, but for its diagnoses."""

    NHS_NUMBER: Text = maybe("NHS number")
    LOPATID: Text = maybe("the provider's own number of the patient")
    PROCODE3: Text = needed("ODS code of the provider", str_matches=r"^[A-Z0-9]{3,9}$")
    EPIKEY: Text = maybe("the episode's own identifier")
    EPISTAT: Text = needed("1 unfinished, 3 finished", isin=["1", "3"])
    EPISTART: Text = dated("first day of the episode", nullable=False)
    EPIEND: Text = dated("last day of the episode", nullable=False)
    EPIORDER: Text = maybe("number of the episode within its spell", str_matches=r"^\d{1,2}$")
    ADMIDATE: Text = dated("day of admission")
    ADMIMETH: Text = maybe("method of admission")
    ADMISORC: Text = maybe("source of admission")
    DISDATE: Text = dated("day of discharge, on the last episode")
    DISREADYDATE: Text = dated("day on which the patient was ready to leave")
    DISMETH: Text = maybe("method of discharge; 8 where the patient stays")
    DISDEST: Text = maybe("destination on discharge")
    CLASSPAT: Text = maybe("classification of the patient")
    SITETRET: Text = maybe("site of treatment")
    MAINSPEF: Text = maybe("main specialty of the consultant")
    TRETSPEF: Text = maybe("treatment function")


_DIAGNOSES: dict[str, Any] = {name: maybe(f"diagnosis {place}, ICD-10") for place, name in enumerate(PLACES, 1)}
#: The same with its diagnoses, the primary one first.
Episode = type(
    "Episode",
    (Stay,),
    {"__annotations__": dict.fromkeys(PLACES, Text), "__doc__": "A consultant episode.", **_DIAGNOSES},
)

_STARTS, _ENDS, _ADMITTED = day("r.EPISTART"), day("r.EPIEND"), day("r.ADMIDATE")
_METHOD = f"CASE upper(r.ADMIMETH) {' '.join(f'WHEN {old!r} THEN {new!r}' for old, new in NUMERIC.items())} ELSE upper(r.ADMIMETH) END"
_TRANSFER = f"coalesce(r.ADMISORC IN {HOSPITALS} OR {_METHOD} IN {TRANSFERS}, false)"
_FIRST = f"coalesce({_ADMITTED}, CASE WHEN try_cast(r.EPIORDER AS INTEGER) = 1 AND NOT {_TRANSFER} THEN {_STARTS} END)"
#: A trust, whatever site of it the code names.
PROVIDER = "CASE WHEN regexp_full_match({0}, '[RT][A-Z0-9]{{4}}') THEN {0}[:3] ELSE {0} END"
_PROVIDER = PROVIDER.format("r.PROCODE3")
_CODE = r"regexp_extract(replace(upper(r.{0}), '.', ''), '^[A-Z]\d{{2}}[0-9X]?')"
#: A blank primary diagnosis keeps its place.
_CODES = f"[coalesce({_CODE.format(PLACES[0])}, '')] || list_filter([{', '.join(_CODE.format(name) for name in PLACES[1:])}], lambda code: code IS NOT NULL)"


def two_digits(column: str) -> str:
    """SQL of a source of admission or destination, without those that stand for none (98, 99)."""
    return rf"CASE WHEN regexp_full_match({column}, '\d{{2}}') AND {column} NOT IN ('98', '99') THEN {column} END"


def among(column: str, words: dict[str, str], otherwise: str) -> str:
    """SQL of a code's meaning."""
    return f"CASE {column} {' '.join(f'WHEN {code!r} THEN {word!r}' for code, word in words.items())} ELSE {otherwise!r} END"


_METHODS = f"CASE WHEN {_METHOD} IN {tuple(ADMISSION_METHODS)} THEN {_METHOD} WHEN r.ADMIMETH IS NOT NULL THEN '99' END"
_SPECIALTY = " ".join(
    f"WHEN regexp_full_match(r.{name}, '[0-9A-Z]{{3}}') THEN r.{name}" for name in ("MAINSPEF", "TRETSPEF")
)

LAYOUT = Layout(
    name="hes",
    title="Admitted patient care",
    lag_days=45,
    delimiters=(",", "|"),
    files=(RawFile("apc", Episode, may_lack=("NHS_NUMBER", "LOPATID", "EPIKEY", "DISREADYDATE", "CLASSPAT", "SITETRET", "MAINSPEF", "TRETSPEF", *PLACES[1:]), also={
        "NHS_NUMBER": ("NEWNHSNO", "spell_patient_identity_nhs_number_value_pseudo"), "LOPATID": ("LOCAL_PATIENT_ID",), "PROCODE3": ("PROCODET", "PROCODE"),
        **{name: (name.replace("DIAG_", "DIAG_4_"),) for name in PLACES}}),),
    rules=(
        Rule("stays", "apc", "spell",
             {"nhs": r"nullif(regexp_replace(r.NHS_NUMBER, '[\s-]', '', 'g'), '')", "local": f"{_PROVIDER} || '/' || r.LOPATID", "provider": _PROVIDER,
              "eid": f"{_PROVIDER} || '/' || r.EPIKEY", "admidate": _FIRST, "epistart": _STARTS,
              "epiend": _ENDS, "epiorder": "nullif(nullif(try_cast(r.EPIORDER AS INTEGER), 98), 99)", "method": _METHODS,
              "source": two_digits("r.ADMISORC"), "leaves": r"CASE WHEN regexp_full_match(r.DISMETH, '\d') THEN r.DISMETH END",
              "goes": two_digits("r.DISDEST"), "disdate": day("r.DISDATE"), "ready": day("r.DISREADYDATE"), "class": class_of("r.SITETRET", among("r.CLASSPAT", CLASSES, "ordinary")),
              "specialty": f"CASE {_SPECIALTY} END", "diagnoses": _CODES, "void": "false", "happened": "0"},
             drops=(("unfinished", "r.EPISTAT = '1'"),),
             refusals=(("NHS_NUMBER", "no_identifier", "r.NHS_NUMBER IS NULL AND r.LOPATID IS NULL"),
                       ("EPISTART", "null_date", "left(r.EPISTART, 4) IN ('1800', '1801')"), ("EPIEND", "null_date", "left(r.EPIEND, 4) IN ('1800', '1801')"),
                       ("EPIEND", "end_before_start", f"{_ENDS} < {_STARTS}"), ("EPIEND", "after_receipt", f"{_ENDS} > r.received"),
                       ("ADMIDATE", "after_its_episode", f"{_ADMITTED} > {_STARTS}"),
                       ("ADMIDATE", "missing", f"{_FIRST} IS NULL AND {_STARTS} IS NOT NULL AND coalesce(left(r.ADMIDATE, 4) IN ('1800', '1801'), true)"))),
        # Diagnoses come with their stays.
        Rule("diagnoses", "apc", "diagnosis", {}),
    ),
)  # fmt: skip
open_source = stays_of(LAYOUT)
