"""``frailty codelists``: the code sets, whose they are, and what is wrong or unsure about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from features.errors import BadInput, WrongUsage
from risk import settings
from risk.console import results, show

if TYPE_CHECKING:
    from features.codelists import CodeSet
    from features.engine.language import Declared


def register(app: typer.Typer) -> None:
    app.command("codelists")(list_code_sets)


def list_code_sets(
    name: Annotated[str | None, typer.Argument(help="show the codes of one set", metavar="[NAME]")] = None,
    check: Annotated[bool, typer.Option("--check", help="check every set and say what is wrong or unsure")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print as JSON")] = False,
) -> None:
    """List the code sets, the codes of one, or what a check of all of them finds.

    The house's own sets are in the package; a file of the same name in the folder of the setting `codelists` stands in the place of one.
    The check tells malformed codes, codes given twice, codes in two categories or in two sets, codes not yet checked against
    a published list, and which sets are the area's. It ends with exit code 3 when a set cannot be used.

    Example: frailty codelists --check
    """
    from features.codelists import load, names

    settings.load()
    if check:
        if name is not None:
            raise WrongUsage("--check is of every code set: leave the name out")
        _check(as_json)
        return
    users = _users()
    sets = [load(each) for each in ([name] if name else names())]
    rows = [_row(held, users.get(held.name.split(":")[0], []), whole=name is not None) for held in sets]
    show({"code_sets": rows}, as_json, _say_code_sets)


def _check(as_json: bool) -> None:
    from features.codelists.checking import check_all

    found = check_all()
    show(found.to_json(), as_json, _say_found)
    if found.faults:
        raise BadInput(f"{len(found.faults)} code sets cannot be used; see above")


def _row(held: CodeSet, users: list[str], *, whole: bool) -> dict[str, Any]:
    row = {"name": held.name, "system": held.system.title, "codes": len(held.codes), "categories": list(held.points),
           "origin": held.origin or None, "sources": list(held.sources), "fingerprint": held.fingerprint, "predictors": users}  # fmt: skip
    if held.weighed:
        row["points"] = held.points
    return {**row, "terms": held.terms} if whole else row


def _users() -> dict[str, list[str]]:
    """Names of the predictors that read each set, of itself or in a part."""
    from features.predictors import CATALOGUE

    users: dict[str, list[str]] = {}
    for predictor in CATALOGUE:
        for name in sorted(_sets_of(predictor)):
            users.setdefault(name, []).append(predictor.name)
    return users


def _sets_of(predictor: Declared) -> set[str]:
    codes = getattr(getattr(predictor, "of", None), "codes", None)
    own = {codes.split(":")[0]} if codes else set()
    return own.union(*(_sets_of(part) for part in getattr(predictor, "parts", ())))


def _say_code_sets(result: dict[str, Any]) -> None:
    table = Table("code set", "system", "codes", "categories", "predictors", "from", box=None)
    for row in result["code_sets"]:
        table.add_row(row["name"], row["system"], str(row["codes"]), str(len(row["categories"])), str(len(row["predictors"])),
                      row["origin"] or "the house")  # fmt: skip
    results.print(table)
    for row in result["code_sets"]:
        for code, term in row.get("terms", {}).items():
            results.print(f"  {code:<18}{term}", markup=False)
        if "terms" in row:
            results.print("Source: " + "; ".join(row["sources"]), markup=False)


def _say_found(result: dict[str, Any]) -> None:
    for title, key in (
        ("cannot be used", "faults"), ("replaced by the area's own", "replaced"), ("in two categories by their prefix", "nested"),
        ("in two sets that should be apart", "shared"), ("not yet checked", "unchecked"),
    ):  # fmt: skip
        results.print(f"{title}: {len(result[key])}", markup=False)
        for line in result[key]:
            results.print(f"  {line}", markup=False)
    descendants = result["descendants"] or "none: a SNOMED CT code stands for itself alone"
    results.print(f"SNOMED CT descendants: {descendants}", markup=False)
    results.print(f"{result['sets']} code sets, {result['codes']} codes", markup=False)
