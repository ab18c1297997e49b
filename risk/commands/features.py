"""``frailty features``."""

from __future__ import annotations

import json
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from features.errors import WrongUsage
from risk.console import Shown, results, show
from risk.settings import load

if TYPE_CHECKING:
    from features.matrix import Written


class Engine(StrEnum):
    """What makes the facts."""

    BEST = "best"
    FILES = "files"
    DUCKDB = "duckdb"


def register(app: typer.Typer) -> None:
    app.command("features")(build_features)


def build_features(
    record: Annotated[Path, typer.Option("--record", help="folder of the record")],
    at: Annotated[str, typer.Option("--at", help="index dates, separated by commas", metavar="DATE[,DATE…]")],
    out: Annotated[Path, typer.Option("--out", help="Parquet file for the matrix", metavar="FILE")],
    engine: Annotated[
        Engine,
        typer.Option(
            help="where the facts come from: made ahead by `frailty prepare` where they are of this record as it is and else from its files (best), from the files, or by DuckDB through the reader's views; all give the same file"
        ),
    ] = Engine.BEST,
    as_json: Annotated[bool, typer.Option("--json", help="print as JSON")] = False,
) -> None:
    """Work out every declared predictor for everybody who would be scored at each date, and write them as Parquet.

    A predictor whose feed does not reach a person is absent (null), never zero. The same record and dates give the
    same file, byte for byte.

    Example: frailty features --record record --at 2024-11-30 --out matrix.parquet
    """
    from features.cohort import CohortRules, cohort
    from features.engine.blocks import Sourced
    from features.engine.files import Files
    from features.engine.prepared import at_hand
    from features.engine.scan import Scan
    from features.matrix import write
    from features.predictors import CATALOGUE, FAMILIES
    from features.record.reader import Record
    from risk.permissions import permissions

    dates = index_dates(at)
    sources: dict[Engine, Sourced] = {Engine.BEST: at_hand, Engine.FILES: Files, Engine.DUCKDB: Scan}
    if not out.parent.is_dir():
        raise WrongUsage(f"expected a folder to write {out.name} in; {out.parent} does not exist, make it first")
    settings = load()
    permitted = permissions(settings, record)
    with (
        Record(record, purpose="case_finding", permissions=permitted, threads=settings.threads or None) as opened,
        Shown() as progress,
    ):
        progress.stage("cohort")
        people = cohort(opened, dates, CohortRules(objections=opened.objections))
        written = write(opened, people, out, CATALOGUE, families=FAMILIES, progress=progress, source=sources[engine])
        about = json.loads(opened.manifest.notes.get("about", "{}"))
    result = {
        "record": str(record), "about": about, "at": [day.isoformat() for day in dates], "out": str(out),
        "sha256": written.sha256, "rows": written.rows, "people": written.people, "seconds": round(written.seconds, 2),
        "predictors": len(CATALOGUE), "families": _families(written),
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


def _families(written: Written) -> list[dict[str, Any]]:
    """How much of each family is there, how much of that says anything but zero, and the time it took."""
    from features.predictors import CATALOGUE, FAMILIES

    place = {predictor.name: i for i, predictor in enumerate(CATALOGUE)}
    rows = []
    for family, predictors in FAMILIES.items():
        own = [place[predictor.name] for predictor in predictors]
        cells = len(own) * written.rows
        rows.append({"family": family, "predictors": len(own), "seconds": round(written.families[family], 3),
                     "present": int(written.present[own].sum()) / cells if cells else None,
                     "not_zero": int(written.not_zero[own].sum()) / cells if cells else None})  # fmt: skip
    return rows


def _say(result: dict[str, Any]) -> None:
    table = Table("family", "predictors", "present", "not zero", "seconds", box=None)
    for row in result["families"]:
        table.add_row(row["family"], str(row["predictors"]), *(
            "no rows" if row[share] is None else f"{row[share]:.1%}" for share in ("present", "not_zero")), f"{row['seconds']:.2f}")  # fmt: skip
    results.print(table)
    results.print(
        f"{result['rows']:,} rows of {result['people']:,} people, {result['predictors']} predictors in {result['out']}, "
        f"{result['seconds']:.1f} s (SHA-256 {result['sha256'][:12]}…)",
        markup=False,
    )
    if result["about"]:
        results.print(f"data: {result['about']['kind']}: {result['about']['title']}", markup=False)
