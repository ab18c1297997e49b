"""``frailty train`` and ``frailty validate``."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from features.errors import WrongUsage
from risk.console import Shown, results, show
from risk.settings import load

RecordFolder = Annotated[Path, typer.Option("--record", help="folder of the linked record")]
At = Annotated[str | None, typer.Option("--at", metavar="DATE[,DATE…]", help="index dates; all that the record can tell when left out")]  # fmt: skip
TruthFolder = Annotated[Path | None, typer.Option("--truth", help="folder of simulated people's true risk, to be shown beside ours")]  # fmt: skip
Json = Annotated[bool, typer.Option("--json", help="print as JSON")]


def register(app: typer.Typer) -> None:
    app.command("train")(train)
    app.command("validate")(validate)


def train(
    record: RecordFolder,
    outcome: Annotated[str, typer.Option(help="what to predict; `frailty outcomes` lists them")],
    horizon: Annotated[int | None, typer.Option(help="days; the outcome's own when left out")] = None,
    at: At = None,
    minimum_age: Annotated[int | None, typer.Option(help="youngest age; can only raise the setting")] = None,
    folds: Annotated[int, typer.Option(help="also cross-validate over so many groups of people; 0 for not")] = 0,
    truth: TruthFolder = None,
    search: Annotated[
        float,
        typer.Option(
            metavar="MINUTES", help="look for a better recipe for so long, on at most 300,000 rows; 0 for not"
        ),
    ] = 0,
    recipe: Annotated[
        Path | None,
        typer.Option(
            help="file of a recipe as JSON: one that a search found, or choices of your own",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    acted: Annotated[
        str | None,
        typer.Option(
            metavar="published|decisions|FILE",
            help="people acted on, from whose outcomes it must not learn: the published lists (published), what meetings decided (decisions), or a CSV of nhs_number and acted_on",
        ),
    ] = None,
    acted_as: Annotated[
        str,
        typer.Option(
            help="exclude: leave their rows out; weight: and let those like them who were not acted on stand for them"
        ),
    ] = "exclude",
    as_json: Json = False,
) -> None:
    """Train, calibrate and test a model, and keep it as a candidate.

    Example: frailty train --record record --outcome unplanned_admission --search 30
    """
    from models.recipe import Recipe
    from risk.training import Asked, train_model

    settings = load()
    chosen = Recipe.read(recipe) if recipe else Recipe()
    with Shown() as progress:
        bundle, report = train_model(
            Asked(
                record, outcome, horizon, dates(at), minimum_age, folds, truth, chosen, search, acted, _way(acted_as)
            ),
            settings,
            progress=progress,
        )
    result = {"name": bundle.name, "version": bundle.version, "folder": str(bundle.folder), "sha256": bundle.sha256,
              **{key: bundle.provenance[key] for key in ("recipe", "search", "acted_on") if key in bundle.provenance}}  # fmt: skip
    show({**result, **_told(report)}, as_json, _say)


def validate(
    record: RecordFolder,
    model: Annotated[
        str, typer.Option(help="NAME, NAME@VERSION, NAME@live, NAME@challenger or NAME@ALIAS", metavar="NAME[@WHICH]")
    ],
    out: Annotated[Path, typer.Option(help="folder for report.html, report.json and card.md")],
    at: At = None,
    truth: TruthFolder = None,
    public: Annotated[
        bool,
        typer.Option(
            "--public", help="write as well, into OUT/public, what may leave the analyst's role: without small counts"
        ),
    ] = False,
    thorough: Annotated[
        bool,
        typer.Option(
            "--thorough",
            help="also what takes long: what each feed adds, practices left out, glass-box challengers, every date, PARR-30",
        ),
    ] = False,
    rows: Annotated[
        int, typer.Option(min=1000, max=100_000, help="training rows at most of each comparison of --thorough")
    ] = 100_000,
    as_json: Json = False,
) -> None:
    """Judge a model on people who never train, and write the report: a page, JSON and a card.

    Example: frailty validate --record record --model unplanned_admission_365 --out report
    """
    from risk import validation

    settings = load()
    with Shown() as progress:
        report = validation.validate(
            validation.Judged(record, model, dates(at), truth, thorough, rows), settings, progress=progress
        )
        written = [str(path) for path in validation.write(report, out, for_all=public)]
    result = {"name": report["model"]["name"], "version": report["model"]["version"], "written": written}
    show({**result, **_told(report)}, as_json, _say)


def _way(given: str) -> Any:
    from models.acted import WAYS

    if given not in WAYS:
        raise WrongUsage(f"expected --acted-as as one of {', '.join(WAYS)}; found {given!r}")
    return given


def dates(given: str | None) -> tuple[date, ...]:
    """Dates separated by commas; :class:`WrongUsage` where one is none."""
    if not given:
        return ()
    try:
        return tuple(date.fromisoformat(day.strip()) for day in given.split(","))
    except ValueError as error:
        raise WrongUsage(f"expected dates as YYYY-MM-DD, separated by commas; found {given!r}") from error


_TOLD = (
    "first_line",
    "about",
    "test",
    "prior",
    "performance",
    "differences",
    "of_best",
    "cross_validation",
    "not_validated",
)


def _told(report: dict[str, Any]) -> dict[str, Any]:
    told = {key: report[key] for key in _TOLD if report.get(key) is not None}
    parts = {name: report["flow"]["parts"][name] for name in ("train", "calibrate", "test")}
    model = report["model"]
    return {**told, "split": report["split"], "parts": parts, "bands": model["bands"], "trees": model["recipe"]["trees"],
            "calibration": model["calibration"]["method"]}  # fmt: skip


def _say(result: dict[str, Any]) -> None:
    from models.wording import WAYS, figure

    results.print(f"[bold]{escape(result['first_line'])}[/bold]")
    parts = "; ".join(f"{name} {held['people']:,} people, {held['rows']:,} rows, {held['events']:,} events"
                      for name, held in result["parts"].items())  # fmt: skip
    results.print(f"{result['name']} version {result['version']}, {result['trees']} trees, calibration {result['calibration']}: {parts}")  # fmt: skip
    results.print(f"{result['split']['says'][:1].upper()}{result['split']['says'][1:]}.")
    if "search" in result:
        held = result["search"]
        results.print(f"Recipe searched for {held['minutes']:.1f} minutes on {held['rows']:,} rows, {held['trials']} trials ({held['given_up']} given up): log loss {held['before']:.5f} before, {held['loss']:.5f} found")  # fmt: skip
    if "not_validated" in result:
        results.print(f"Not validated: {result['not_validated']}")
    if "performance" in result:
        _say_performance(result["performance"], result["prior"])
    for way, held in result.get("differences", {}).items():
        results.print(
            f"Ours less {WAYS[way].lower()}: AUROC {figure(held['auroc'])}, PPV top 2% {figure(held['ppv_2'], 2)}"
        )
    if result.get("of_best"):
        best = result["of_best"]
        results.print(
            f"Of what the true risk gets: AUROC {figure(best['auroc'], 2)}, PPV top 2% {figure(best['ppv_2'], 2)}"
        )
    pooled = result.get("cross_validation")
    if pooled:
        results.print(f"{pooled['folds']} folds of people, pooled out of fold: AUROC {figure(pooled['auroc'])}, AUPRC {figure(pooled['auprc'])}, Brier {figure(pooled['brier'], 4)}")  # fmt: skip
    for path in result.get("written", []):
        results.print(path, markup=False)


def _say_performance(performance: dict[str, Any], prior: str) -> None:
    from models.wording import WAYS, figure

    table = Table("same test people", "AUROC", "PPV top 2%", "sensitivity", box=None, pad_edge=False)
    for way, held in performance.items():
        top = held["top"][2]
        table.add_row(WAYS[way].split(" (")[0], *(_short(figure(held_figure, places)) for held_figure, places in
                      ((held["auroc"], 3), (top["ppv"], 2), (top["sensitivity"], 2))))  # fmt: skip
    results.print(table)
    ours = performance["ours"]
    results.print(f"This model: AUPRC {figure(ours['auprc'])}, Brier {figure(ours['brier'], 4)}, calibration slope {figure(ours['slope'], 2)}, intercept {figure(ours['intercept'], 2)}, ICI {figure(ours['ici'], 4)}")  # fmt: skip
    drawn = ours["per_practice"]
    results.print(f"Top 2% of each practice: PPV {figure(drawn['ppv'], 2)}; {figure(drawn['new_share_of_list'], 2)} of them with no {prior} in two years, PPV {figure(drawn['new_ppv'], 2)}")  # fmt: skip


def _short(told: str) -> str:
    return told.replace(" to ", "–")
