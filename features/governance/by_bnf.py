"""dm+d codes by the BNF codes that an area's mapping gives them, so that a set of BNF codes speaks of dm+d codes too.

The mapping is the area's own file ``dmd_bnf.csv`` (columns ``code``, a dm+d code, and ``bnf``) in its folder of code sets, made from the mapping that
the NHS Business Services Authority publishes each month. Without it only the dm+d codes that the sets ``…_dmd`` list are known.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from features.codelists import area_folder
from features.codelists.place import DMD_BNF
from features.coding import BNF, DMD
from features.errors import BadInput

COLUMNS = ["code", "bnf"]


def bnf_of_dmd() -> Mapping[str, str]:
    """BNF codes by dm+d code; empty where the area has no such file. :class:`BadInput` where the file is no such list."""
    area = area_folder()
    return _read(area / f"{DMD_BNF}.csv") if area is not None and (area / f"{DMD_BNF}.csv").is_file() else {}


@cache
def _read(path: Path) -> Mapping[str, str]:
    found = {}
    with path.open(encoding="utf-8-sig", newline="") as opened:
        rows = csv.DictReader(opened)
        if rows.fieldnames is None or list(rows.fieldnames) != COLUMNS:
            raise BadInput(f"{path}: expected the columns {','.join(COLUMNS)}, found {','.join(rows.fieldnames or [])}")
        for row in rows:
            for system, code in ((DMD, row["code"]), (BNF, row["bnf"])):
                if not code or not system.well_formed(code):
                    raise BadInput(f"{path}, line {rows.line_num}: {code!r} is not {system.shape}")
            found[row["code"]] = row["bnf"]
    return found
