"""``frailty simulate``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from features.errors import WrongUsage
from risk.console import Shown, results, show

SHAPES = ("record", "extracts")


def register(app: typer.Typer) -> None:
    app.command("simulate")(simulate)


def simulate(
    people: Annotated[int, typer.Option(help="how many people ever live in the area", min=1)],
    out: Annotated[Path, typer.Option(help="folder for the extract; new or empty")],
    seed: Annotated[int, typer.Option(help="the same seed gives the same files", min=0)] = 1,
    years: Annotated[int, typer.Option(help="years of history, up to 30 November 2024")] = 5,
    truth: Annotated[Path | None, typer.Option(help="folder for the true risks, outside the extract")] = None,
    shape: Annotated[
        str,
        typer.Option(help="record: the record's own shape; extracts: those that real systems send, errors included"),
    ] = "record",
    as_json: Annotated[bool, typer.Option("--json", help="print as JSON")] = False,
) -> None:
    """Simulate an area and write what its organisations recorded; says how near it comes to published figures.

    With --shape extracts, OUT holds a folder a shape, area.toml for `frailty ingest area`, and in key/ what is true.

    Example: frailty simulate --people 20000 --seed 7 --out extract --truth truth
    """
    from features.population.area import simulate as simulate_record
    from features.population.writing.extracts import simulate_extracts

    if shape not in SHAPES:
        raise WrongUsage(f"expected a shape among {', '.join(SHAPES)}, found {shape!r}")
    with Shown() as progress:
        simulate_area = simulate_record if shape == "record" else simulate_extracts
        done = simulate_area(people, seed, years, out=out, truth=truth, progress=progress)
    result = {
        "people": done.people, "seed": seed, "years": years, "person_years": round(done.person_years),
        "out": str(out), "truth": str(truth) if truth else None, "rows": done.rows,
        "calibration": [figure.as_row() for figure in done.figures],
    }  # fmt: skip
    show(result, as_json, _say)


def _say(result: dict[str, Any]) -> None:
    table = Table("figure (simulated)", "target", "achieved", "off", "source", box=None)
    for row in result["calibration"]:
        target = "" if row["target"] is None else f"{row['target']:g}" + (f"-{row['to']:g}" if row["to"] else "")
        achieved = "too few to tell" if row["achieved"] is None else f"{row['achieved']:.3g}"
        off = "" if row["off"] is None else f"{row['off']:+.0%}" + ("" if row["within"] else " (beyond tolerance)")
        table.add_row(row["says"], target, achieved, off, row["source"])
    results.print(table)
    if result["people"] < 20_000:
        results.print("Below 20,000 people chance alone takes several figures beyond their tolerance.")
    rows = sum(result["rows"].values())
    results.print(f"{rows:,} rows of {result['people']:,} people in {result['out']}: simulated, nobody in it exists")
