"""``frailty features``."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from features.errors import WrongUsage
from risk.console import Shown, results, show
from risk.settings import load

if TYPE_CHECKING:
    from features.matrix import Matrix


def register(app: typer.Typer) -> None:
    app.command("features")(build_features)


def build_features(
    record: Annotated[Path, typer.Option("--record", help="folder of the record")],
    at: Annotated[str, typer.Option("--at", help="index dates, separated by commas", metavar="DATE[,DATE…]")],
    out: Annotated[Path, typer.Option("--out", help="Parquet file for the matrix", metavar="FILE")],
    as_json: Annotated[bool, typer.Option("--json", help="print as JSON")] = False,
) -> None:
    """Work out every declared predictor for everybody who would be scored at each date, and write them as Parquet.

    A predictor whose feed does not reach a person is absent (null), never zero. The same record and dates give the
    same file, byte for byte.

    Example: frailty features --record record --at 2024-11-30 --out matrix.parquet
    """
    from features.cohort import cohort
    from features.matrix import build
    from features.record.reader import Record

    dates = index_dates(at)
    if not out.parent.is_dir():
        raise WrongUsage(f"expected a folder to write {out.name} in; {out.parent} does not exist, make it first")
    with Record(record, purpose="case_finding", threads=load().threads or None) as opened, Shown() as progress:
        progress.stage("cohort")
        people = cohort(opened, dates)
        matrix = build(opened, people, progress=progress)
        progress.stage("writing")
        sha256 = matrix.write(out)
        about = json.loads(opened.manifest.notes.get("about", "{}"))
    result = {
        "record": str(record), "about": about, "at": [day.isoformat() for day in dates], "out": str(out),
        "sha256": sha256, "rows": len(matrix.rows), "people": int(matrix.rows["person_id"].nunique()),
        "predictors": len(matrix.names), "families": _families(matrix),
    }  # fmt: skip
    show(result, as_json, _say)


def index_dates(text: str) -> list[date]:
    """The dates of ``2024-03-01,2024-06-01``, earliest first; :class:`WrongUsage` for what is no date, or one twice."""
    try:
        dates = sorted(date.fromisoformat(part.strip()) for part in text.split(","))
    except ValueError as no_date:
        raise WrongUsage(f"expected dates such as 2024-11-30 separated by commas, found {text!r}") from no_date
    if len(set(dates)) != len(dates):
        raise WrongUsage(f"expected different dates, found one of them twice in {text!r}")
    return dates


def _families(matrix: Matrix) -> list[dict[str, Any]]:
    """How much of each family is there, and how much of that says anything but zero."""
    import numpy as np

    from features.predictors import FAMILIES

    rows = []
    for family, predictors in FAMILIES.items():
        values = matrix.values[:, [matrix.names.index(predictor.name) for predictor in predictors]]
        present = int(np.count_nonzero(~np.isnan(values)))
        other = present - int(np.count_nonzero(values == 0))
        rows.append({"family": family, "predictors": len(predictors),
                     "present": present / values.size if values.size else None,
                     "not_zero": other / values.size if values.size else None})  # fmt: skip
    return rows


def _say(result: dict[str, Any]) -> None:
    table = Table("family", "predictors", "present", "not zero", box=None)
    for row in result["families"]:
        table.add_row(row["family"], str(row["predictors"]), *(
            "no rows" if row[share] is None else f"{row[share]:.1%}" for share in ("present", "not_zero")))  # fmt: skip
    results.print(table)
    results.print(
        f"{result['rows']:,} rows of {result['people']:,} people, {result['predictors']} predictors in {result['out']} "
        f"(SHA-256 {result['sha256'][:12]}…)",
        markup=False,
    )
    if result["about"]:
        results.print(f"data: {result['about']['kind']}: {result['about']['title']}", markup=False)
