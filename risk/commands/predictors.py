"""``frailty predictors``, ``frailty explain-predictor`` and ``frailty codelists``: what is declared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from features.errors import WrongUsage
from risk.console import results, show

if TYPE_CHECKING:
    from features.engine.language import Predictor


def register(app: typer.Typer) -> None:
    app.command("predictors")(list_predictors)
    app.command("explain-predictor")(explain_predictor)
    app.command("codelists")(list_code_sets)


def list_predictors(
    family: Annotated[str | None, typer.Option("--family", help="one family only")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print as JSON")] = False,
) -> None:
    """List the predictors: what is counted of whom, over which window, and the words in which it is said.

    Example: frailty predictors --family hospital
    """
    from features.predictors import FAMILIES

    if family is not None and family not in FAMILIES:
        raise WrongUsage(f"expected a family among {', '.join(FAMILIES)}, found {family!r}")
    rows = [{"family": name, **_told(predictor)} for name, predictors in FAMILIES.items()
            if family in (None, name) for predictor in predictors]  # fmt: skip
    show({"predictors": rows}, as_json, _say_predictors)


def explain_predictor(
    name: Annotated[str, typer.Argument(help="name of the predictor", metavar="NAME")],
    as_json: Annotated[bool, typer.Option("--json", help="print as JSON")] = False,
) -> None:
    """What a predictor means: facts, window, code set, what is said of it, and what makes it absent.

    Example: frailty explain-predictor emergency_admissions_1y
    """
    from difflib import get_close_matches

    from features.codelists import load
    from features.predictors import CATALOGUE

    found = {predictor.name: predictor for predictor in CATALOGUE}.get(name)
    if found is None:
        near = get_close_matches(name, [predictor.name for predictor in CATALOGUE], 3)
        raise WrongUsage(f"no predictor is called {name!r}" + (f"; near it: {', '.join(near)}" if near else
                         "; `frailty predictors` lists them"))  # fmt: skip
    result = _told(found)
    if found.of.codes:
        held = load(found.of.codes)
        result["code_set"] = {"name": held.name, "system": held.system.title, "sources": list(held.sources),
                              "codes": held.terms}  # fmt: skip
    show(result, as_json, _say_one)


def list_code_sets(
    name: Annotated[str | None, typer.Argument(help="show the codes of one set", metavar="[NAME]")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print as JSON")] = False,
) -> None:
    """List the code sets, or the codes of one. Each is checked as it is read: shapes, check digits, codes given twice.

    Example: frailty codelists fall_icd10
    """
    from features.codelists import load, names
    from features.predictors import CATALOGUE

    sets = [load(each) for each in ([name] if name else names())]
    rows = []
    for held in sets:
        users = [p.name for p in CATALOGUE if p.of.codes and p.of.codes.split(":")[0] == held.name.split(":")[0]]
        rows.append({"name": held.name, "system": held.system.title, "codes": len(held.codes),
                     "categories": list(dict.fromkeys(held.categories.values())), "sources": list(held.sources),
                     "fingerprint": held.fingerprint, "predictors": users,
                     **({"terms": held.terms} if name else {})})  # fmt: skip
    show({"code_sets": rows}, as_json, _say_code_sets)


def _told(predictor: Predictor) -> dict[str, Any]:
    of = predictor.of
    return {
        "name": predictor.name, "domain": predictor.domain, "kind": predictor.kind.name.lower(), "table": of.table,
        "where": {column: list(values) for column, values in of.where}, "codes": of.codes, "value": of.value,
        "distinct": of.distinct, "prefix": of.prefix, "within": predictor.within, "lasting": predictor.lasting or None,
        "says": predictor.says, "says_none": predictor.says_none or None, "says_absent": predictor.phrase(float("nan")),
        "missing": f"absent where the feed of {of.table} does not reach the person", "actionable": predictor.actionable,
        "reference": predictor.reference or None, "fingerprint": predictor.fingerprint,
    }  # fmt: skip


def _say_predictors(result: dict[str, Any]) -> None:
    table = Table("predictor", "domain", "days", "a team can act", "said as", box=None)
    for row in result["predictors"]:
        table.add_row(
            row["name"], row["domain"], _window(row["within"]), "yes" if row["actionable"] else "", row["says"]
        )
    results.print(table)
    results.print(f"{len(result['predictors'])} predictors")


def _say_one(result: dict[str, Any]) -> None:
    where = "; ".join(f"{column} is {' or '.join(map(str, values))}" for column, values in result["where"].items())
    lines = {
        "name": result["name"], "domain": result["domain"], "kind": result["kind"],
        "facts": result["table"] + (f", where {where}" if where else ""),
        "value": result["value"] or result["distinct"], "lasting at least": result["lasting"],
        "window": "no beginning: all that went before the date" if result["within"] is None
        else f"the {result['within']} days before the date, the date itself left out",
        "said": result["says"], "said of zero": result["says_none"], "said when absent": result["says_absent"],
        "missing": result["missing"], "a team can act": "yes" if result["actionable"] else "no",
        "reference": result["reference"], "fingerprint": result["fingerprint"],
    }  # fmt: skip
    for label, value in lines.items():
        if value is not None:
            results.print(f"{label + ':':<18}{value}", markup=False)
    if "code_set" in result:
        results.print(f"code set:         {result['code_set']['name']} ({result['code_set']['system']})", markup=False)
        _say_codes(result["code_set"]["codes"])


def _say_code_sets(result: dict[str, Any]) -> None:
    table = Table("code set", "system", "codes", "categories", "predictors", box=None)
    for row in result["code_sets"]:
        table.add_row(row["name"], row["system"], str(row["codes"]), str(len(row["categories"])),
                      str(len(row["predictors"])))  # fmt: skip
    results.print(table)
    for row in result["code_sets"]:
        if "terms" in row:
            _say_codes(row["terms"])
            results.print("Source: " + "; ".join(row["sources"]), markup=False)


def _say_codes(terms: dict[str, str]) -> None:
    for code, term in terms.items():
        results.print(f"  {code:<18}{term}", markup=False)


def _window(within: int | None) -> str:
    return "ever" if within is None else str(within)
