"""Where code sets are: in the package, or in the folder of an area that keeps its own.

An area puts a file of the same name, columns and categories into the folder that the setting ``codelists`` names (environment:
``FRAILTY_CODELISTS``), and it stands in the place of the house's own; and, if it wishes, ``descendants_snomed.csv``
(code,descendant), by which a SNOMED CT code stands for its descendants too, and ``dmd_bnf.csv`` (code,bnf), by which drugs that
come in dm+d are known as restricted or sensitive by their BNF codes.
"""

from __future__ import annotations

import os
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from features.coding import SYSTEMS
from features.errors import BadInput

#: Names the folder of the area's own sets; the environment, so that a process and its children read the same.
VARIABLE = "FRAILTY_CODELISTS"
DESCENDANTS = "descendants_snomed"
DMD_BNF = "dmd_bnf"


def use(folder: Path | None) -> None:
    """Take code sets from ``folder`` where it has them (None: the house's alone), here and in processes started from here.

    Called before predictors are imported. :class:`BadInput` where the folder is not there or a file in it replaces nothing.
    """
    if folder is None:
        os.environ.pop(VARIABLE, None)
        return
    if not folder.is_dir():
        raise BadInput(f"expected a folder of code sets (setting codelists), found none at {folder}")
    beside = (DESCENDANTS, DMD_BNF)
    strange = sorted(path.name for path in folder.glob("*.csv") if path.stem not in (*house_names(), *beside))
    if strange:
        raise BadInput(
            f"{', '.join(strange)} in {folder} would replace no code set; the sets are {', '.join(house_names())}, "
            f"and {DESCENDANTS}.csv and {DMD_BNF}.csv may stand beside them"
        )
    os.environ[VARIABLE] = str(folder.absolute())


def area_folder() -> Path | None:
    """The folder of the area's own sets, if there is one."""
    named = os.environ.get(VARIABLE, "")
    return Path(named) if named else None


def house_names() -> list[str]:
    """Every code set of the package."""
    return sorted(entry.name.removesuffix(".csv") for entry in _house().iterdir() if entry.name.endswith(".csv"))


def is_set(name: str) -> bool:
    return name.rsplit("_", 1)[-1] in SYSTEMS and (_house() / f"{name}.csv").is_file()


def house(name: str) -> Traversable:
    """The house's own file of a set."""
    return _house() / f"{name}.csv"


def where(name: str, area: Path | None) -> Traversable | Path:
    """The file that a set is read from."""
    own = None if area is None else area / f"{name}.csv"
    return own if own is not None and own.is_file() else house(name)


def descendants(area: Path | None) -> Path | None:
    """The area's file of SNOMED CT descendants, if there is one."""
    own = None if area is None else area / f"{DESCENDANTS}.csv"
    return own if own is not None and own.is_file() else None


def _house() -> Traversable:
    return resources.files("features.codelists")
