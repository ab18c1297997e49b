"""Codes to fill generated rows with: those of the house's code sets, and a larger share that are in no set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as arrow

from benchmarks.columns import Pool
from features.codelists import load, names
from features.coding import BNF, ICD10, SYSTEMS, verhoeff_ok

#: Share of rows whose code is in a set that a predictor may ask for.
LISTED = 0.35
#: How many different codes of a system are in no set.
OTHERS = 20_000
#: The systems that a table's rows are coded in, with their shares; a table not named takes the default's.
SYSTEM_OF = {"prescription": {"bnf": 0.97, "dmd": 0.03}, "diagnosis": {"icd10": 1.0}}
DEFAULT = {"snomed": 0.98, "local": 0.02}
#: Codes of these sets carry a number.
MEASURED = "measurements_snomed"


@dataclass(frozen=True)
class Coded:
    """``code`` to draw, with the ``system`` of each and whether it is of a measurement (bool)."""

    code: Pool
    system: arrow.Array
    measured: npt.NDArray[np.bool_]


@cache
def coded(table: str) -> Coded:
    """The codes of a table's rows."""
    rng = np.random.default_rng(5)
    codes: list[str] = []
    systems: list[str] = []
    weights: list[float] = []
    for system, share in SYSTEM_OF.get(table, DEFAULT).items():
        listed, others = _listed(system, rng), _others(system, rng)
        for lot, of_lot in ((listed, LISTED), (others, 1 - LISTED)):
            # Few codes make most rows: the k-th most common is 1 / (k + 20) as common as the first.
            rank = 1 / (20 + rng.permutation(len(lot)))
            weights += list(rank / rank.sum() * share * (of_lot if listed else 1)) if lot else []
            codes += lot
            systems += [system] * len(lot)
    measured = set(load(MEASURED).codes)
    return Coded(
        Pool.of(arrow.array(codes), weights), arrow.array(systems), np.array([code in measured for code in codes])
    )


def _listed(system: str, rng: np.random.Generator) -> list[str]:
    """Codes of every set of a system but those that ingest turns away, as a record carries them."""
    held = {code for name in names() if not name.startswith("restricted") for code in load(name).codes
            if load(name).system.name == system}  # fmt: skip
    if system == "bnf":
        return sorted({_presentation(code, rng) for code in held for _ in range(4)})
    return sorted({code + "X" if system == "icd10" and len(code) == 3 else code for code in held})


def _others(system: str, rng: np.random.Generator) -> list[str]:
    making: dict[str, Callable[[], str]] = {
        "snomed": lambda: _checked(rng), "dmd": lambda: _checked(rng), "bnf": lambda: _presentation("", rng),
        "icd10": lambda: ICD10.check(f"{chr(65 + rng.integers(26))}{rng.integers(100):02d}{rng.integers(10)}"),
        "local": lambda: f"LOC{rng.integers(1000)}",
    }  # fmt: skip
    held = {code for name in names() for code in load(name).codes}
    made = {making[system]() for _ in range(OTHERS if system != "local" else 200)}
    return sorted(made - held)


def _checked(rng: np.random.Generator) -> str:
    """A SNOMED CT identifier that stands for nothing, its check digit right."""
    stem = str(rng.integers(10**6, 10**9))
    return SYSTEMS["snomed"].check(next(f"{stem}{digit}" for digit in range(10) if verhoeff_ok(f"{stem}{digit}")))


def _presentation(prefix: str, rng: np.random.Generator) -> str:
    """A BNF presentation (15 characters) beneath a prefix."""
    chapter = prefix or f"{rng.integers(1, 24):02d}"
    digits = "".join(str(digit) for digit in rng.integers(0, 10, max(0, 7 - len(chapter))))
    letters = "".join(chr(65 + letter) for letter in rng.integers(0, 26, 15))
    return BNF.check((chapter + digits + letters)[:15])
