"""``frailty predictors`` and ``frailty explain-predictor``: what is declared."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from features.errors import WrongUsage
from risk.console import results, show

if TYPE_CHECKING:
    from features.engine.language import Declared


def register(app: typer.Typer) -> None:
    app.command("predictors")(list_predictors)
    app.command("explain-predictor")(explain_predictor)


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
    person: Annotated[
        str | None, typer.Option("--person", help="opaque id of a person, as `frailty list` shows it")
    ] = None,
    at: Annotated[
        datetime | None, typer.Option("--at", help="the date that it is worked out for", formats=["%Y-%m-%d"])
    ] = None,
    record: Annotated[Path | None, typer.Option("--record", help="folder of the record")] = None,
    role: Annotated[
        str | None, typer.Option("--role", help="your role: whether it sees sensitive detail is the area's rule")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print as JSON")] = False,
) -> None:
    """What a predictor means: facts, window, code set, what is said of it, and what makes it absent. With a person, a date and a
    record, also its value and the very rows that make it; the audit has a row of that first.

    Example: frailty explain-predictor emergency_admissions_1y --person abcd-efgh --at 2024-11-30 --record record
    """
    from features.codelists import load as load_codes

    found = _declared(name)
    if len({given is None for given in (person, at, record)}) == 2:
        raise WrongUsage("expected --person, --at and --record together, or none of them")
    result = _told(found)
    if result.get("codes"):
        held = load_codes(result["codes"])
        result["code_set"] = {"name": held.name, "system": held.system.title, "sources": list(held.sources),
                              "codes": held.terms}  # fmt: skip
    if person is not None and at is not None and record is not None:
        from risk import explaining
        from risk.settings import load

        result["of"] = explaining.explain(load(), record, explaining.Asked(found, person, at.date(), role))
    show(result, as_json, _say_one)


def _declared(name: str) -> Declared:
    from difflib import get_close_matches

    from features.predictors import CATALOGUE

    found = {predictor.name: predictor for predictor in CATALOGUE}.get(name)
    if found is None:
        near = get_close_matches(name, [predictor.name for predictor in CATALOGUE], 3)
        raise WrongUsage(f"no predictor is called {name!r}" + (f"; near it: {', '.join(near)}" if near else
                         "; `frailty predictors` lists them"))  # fmt: skip
    return found


def _told(predictor: Declared) -> dict[str, Any]:
    from features.engine.language import Predictor

    told: dict[str, Any] = {
        "name": predictor.name, "domain": predictor.domain, "kind": predictor.how, "tables": list(predictor.tables),
        "within": None, "says": predictor.says, "says_none": predictor.says_none or None,
        "says_absent": predictor.phrase(float("nan")), "missing": _missing(predictor), "actionable": predictor.actionable,
        "reference": predictor.reference or None, "fingerprint": predictor.fingerprint,
    }  # fmt: skip
    if isinstance(predictor, Predictor):
        of = predictor.of
        told |= {
            "table": of.table, "where": {column: _asked(values) for column, values in of.where}, "codes": of.codes,
            "value": of.value, "distinct": of.distinct, "prefix": of.prefix, "within": predictor.within, "ago": predictor.ago or None,
            "quiet": predictor.quiet or None, "gap": predictor.gap or None, "lasting": predictor.lasting or None,
        }  # fmt: skip
    else:
        parts = getattr(predictor, "parts", ())
        told |= {"parts": [part.name for part in parts], "weights": list(getattr(predictor, "weights", ())),
                 "cuts": list(getattr(predictor, "cuts", ()))}  # fmt: skip
    return told


def _missing(predictor: Declared) -> str | None:
    if not predictor.tables:
        return None
    return f"absent where the feed of {' or '.join(predictor.tables)} does not reach the person"


def _asked(values: Any) -> list[Any]:
    """What a condition asks, as a list: the values, or the bounds of a range."""
    return list(values) if isinstance(values, tuple) else [f"from {values.low}", f"below {values.high}"]


def _say_predictors(result: dict[str, Any]) -> None:
    table = Table("predictor", "domain", "days", "a team can act", "said as", box=None)
    for row in result["predictors"]:
        table.add_row(
            row["name"], row["domain"], _window(row["within"]), "yes" if row["actionable"] else "", row["says"]
        )
    results.print(table)
    results.print(f"{len(result['predictors'])} predictors")


def _say_one(result: dict[str, Any]) -> None:
    told = result.get("where", {}).items()
    where = "; ".join(f"{column} is {' or '.join(map(str, values))}" for column, values in told)
    lines = {
        "name": result["name"], "domain": result["domain"], "kind": result["kind"],
        "facts": ", ".join(result["tables"]) + (f", where {where}" if where else ""),
        "worked out from": ", ".join(result.get("parts", [])) or None, "weights": result.get("weights") or None,
        "cuts": result.get("cuts") or None, "value": result.get("value") or result.get("distinct"),
        "lasting at least": result.get("lasting"), "as so many days ago": result.get("ago"), "quiet before": result.get("quiet"),
        "within of the last": result.get("gap"),
        "window": None if "parts" in result else _span(result["within"]),
        "said": result["says"], "said of zero": result["says_none"], "said when absent": result["says_absent"],
        "missing": result["missing"], "a team can act": "yes" if result["actionable"] else "no",
        "reference": result["reference"], "fingerprint": result["fingerprint"],
    }  # fmt: skip
    for label, value in lines.items():
        if value is not None:
            results.print(f"{label + ':':<20}{value}", markup=False)
    if "code_set" in result:
        results.print(
            f"code set:           {result['code_set']['name']} ({result['code_set']['system']})", markup=False
        )
        _say_codes(result["code_set"]["codes"])
    if "of" in result:
        for part in (result["of"], *result["of"]["parts"]):
            _say_value(part, result["of"]["at"])


def _say_value(part: dict[str, Any], at: str) -> None:
    """The value of a predictor or of a part of it, and its rows as a table."""
    window = f", {part['from'] or 'the beginning'} to {part['to']}" if "to" in part else ""
    results.print(f"\n{part['name']} at {at}{window}: {part['says']}", markup=False)
    if part.get("observed_from"):
        results.print(f"observed from {part['observed_from']}", markup=False)
    rows = part.get("rows", [])
    if rows:
        columns = list(dict.fromkeys(column for row in rows for column in row))
        table = Table(*columns, box=None)
        for row in rows:
            table.add_row(*(str(row.get(column, "")) for column in columns))
        results.print(table)


def _say_codes(terms: dict[str, str]) -> None:
    for code, term in terms.items():
        results.print(f"  {code:<18}{term}", markup=False)


def _span(within: int | None) -> str:
    if within is None:
        return "no beginning: all that went before the date"
    return f"the {within} days before the date, the date itself left out"


def _window(within: int | None) -> str:
    return "ever" if within is None else str(within)
