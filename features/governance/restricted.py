"""Codes that the law keeps from being shared, and what gives them away: none of it enters the record, from any source.

Gender recognition (Gender Recognition Act 2004 section 22), assisted conception (Human Fertilisation and Embryology Act 1990
section 33A), sexually transmitted infection (NHS Trusts and Primary Care Trusts (Sexually Transmitted Diseases) Directions
2000). Proxies are closed with them: drugs given for little else, and clinics that see people for nothing else. A row that says
nothing but such a code is dropped. Where the code is one field of something else (a death's cause, a stay's specialty, an
attendance's complaint) the field is left empty and the row stays, since a death or an emergency admission that is
missing would say of somebody what is not so.

An area's own file of a set adds to the house's set and takes nothing from it. A dm+d code is a SNOMED CT identifier, so the sets of
either speak of both; and a drug in dm+d is known by its BNF code too where the area has a mapping (:mod:`features.governance.by_bnf`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
import pyarrow as arrow
import pyarrow.compute as pc

from features.codelists import CodeSet, area_folder, load
from features.codelists.place import where
from features.codelists.reading import read
from features.governance.by_bnf import bnf_of_dmd

#: Sets by the system of the codes that are asked about; ``local`` stands for specialties.
SETS = {
    "snomed": ("restricted_snomed", "restricted_dmd"),
    "dmd": ("restricted_snomed", "restricted_dmd"),
    "icd10": ("restricted_icd10",),
    "bnf": ("restricted_bnf",),
    "specialty": ("restricted_specialty_local",),
}
#: Columns that hold a code of one system, in tables without columns ``system`` and ``code``.
CODED_COLUMNS = {"chief_complaint": "snomed", "cause": "icd10", "specialty": "specialty"}
#: Tables in which such a column tells of the whole row: seen in such a clinic, and nothing else.
WHOLE_ROW = frozenset({"outpatient"})
DROPPED = "legally_restricted"
LEFT_EMPTY = "legally_restricted_field_left_empty"


@dataclass(frozen=True)
class Screened:
    """What of a batch may go on: ``frame``, ``kept`` (a flag a row of what was given), and rows with a field emptied."""

    frame: arrow.Table
    kept: np.ndarray
    left_empty: int

    @property
    def dropped(self) -> int:
        return int((~self.kept).sum())


def screen(table: str, frame: arrow.Table) -> Screened:
    """Rows of ``table`` in the native shape, without what is legally restricted."""
    kept = np.ones(frame.num_rows, dtype=bool)
    emptied = np.zeros(frame.num_rows, dtype=bool)
    if {"system", "code"} <= set(frame.column_names):
        systems = frame["system"].cast(arrow.string())
        for system in SETS:
            of_system = _flags(pc.equal(systems, system))
            if of_system.any():
                kept &= ~(of_system & _restricted(system, frame["code"]))
    for name, system in CODED_COLUMNS.items():
        if name in frame.column_names:
            found = _restricted(system, frame[name])
            if table in WHOLE_ROW:
                kept &= ~found
            elif found.any():
                emptied |= found
                text = frame[name].cast(arrow.string())
                empty = pc.if_else(arrow.array(found), arrow.scalar(None, arrow.string()), text)
                frame = frame.set_column(frame.column_names.index(name), name, empty)
    left_empty = int((emptied & kept).sum())
    return Screened(frame if kept.all() else frame.filter(arrow.array(kept)), kept, left_empty)


def is_restricted(system: str, code: str) -> bool:
    """Whether a code is legally restricted, however carelessly it is written; ``specialty`` is the system of specialties."""
    return _judged(system, code, area_folder())


@lru_cache(maxsize=100_000)
def _judged(system: str, code: str, area: Path | None) -> bool:
    """As :func:`is_restricted`, remembered for the folder that the area's sets are in."""
    bare = code.strip().upper()
    by_bnf = bnf_of_dmd().get(bare) if system in ("dmd", "snomed") else None
    return any(held.holds(held.system.name, bare) for held in sets(system)) or (
        by_bnf is not None and _judged("bnf", by_bnf, area)
    )


def _restricted(system: str, codes: arrow.ChunkedArray) -> np.ndarray:
    encoded = codes.cast(arrow.string()).combine_chunks().dictionary_encode()
    if isinstance(encoded, arrow.ChunkedArray):
        encoded = encoded.combine_chunks()
    judged = np.array([*(is_restricted(system, code) for code in encoded.dictionary.to_pylist()), False])
    return judged[pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False)]


def sets(system: str) -> tuple[CodeSet, ...]:
    """Every set that says which codes of ``system`` are restricted: the house's, and the area's own."""
    return tuple(held for name in SETS[system] for held in (_house(name), load(name)))


@cache
def _house(name: str) -> CodeSet:
    return read(name, where(name, None), None)


def _flags(marks: arrow.Array) -> np.ndarray:
    return pc.fill_null(marks, False).to_numpy(zero_copy_only=False).astype(bool)
