"""The page of every predictor, made from the declarations."""

from __future__ import annotations

from features.engine.language import Between, Circumstance, Declared, Derived, Predictor
from features.predictors import CATALOGUE, FAMILIES

HEAD = """# Predictors

Written by `make docs` from the declarations in `features/predictors/`: {count} predictors in {families} families. `frailty explain-predictor NAME` says
more of one, and for one person and date shows the very rows that made its value.

A window is `[t - from, t - to)` in days before the index date *t*; what happened or became known on *t* or later does not count. Every predictor
is absent, never zero, where the feed of its table does not reach the person. Where **partly** stands, it is absent as well when nothing was seen in a
window that begins before the person's observation: somebody who moved here three months ago does not have "no admission in three years".
Predictors worked out from others are absent where a part is (*either*, *both* and *neither* follow three-valued logic).

What a team habitually does (practice, provider, ward), what care costs and who pays, ethnicity and language as such, a relative's record and this product's own
lists are never predictors; a declaration that names such a column is refused.
"""


def page() -> str:
    """The whole page, as Markdown."""
    lines = HEAD.format(count=len(CATALOGUE), families=len(FAMILIES)).splitlines()
    for family, predictors in FAMILIES.items():
        lines += ["", f"## {family.replace('_', ' ').capitalize()}", "",
                  "| predictor | said as | how, of what | window | code set | missing | reference |", "|---|---|---|---|---|---|---|"]  # fmt: skip
        lines += [_row(predictor) for predictor in predictors]
    return "\n".join([*lines, ""])


def _row(declared: Declared) -> str:
    cells = [f"`{declared.name}`", declared.says, _of(declared), _window(declared), _codes(declared), _missing(declared),
             declared.reference]  # fmt: skip
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _of(declared: Declared) -> str:
    if isinstance(declared, Derived):
        weights = f" weighted {', '.join(f'{weight:g}' for weight in declared.weights)}" if declared.weights else ""
        cuts = f" at {', '.join(f'{cut:g}' for cut in declared.cuts)}" if declared.cuts else ""
        parts = [f"`{part.name}`" for part in declared.parts]
        told = ", ".join(parts) if len(parts) <= 6 else f"{len(parts)} parts: {', '.join(parts[:3])} …"
        return f"{declared.how}{cuts} of {told}{weights if len(parts) <= 6 else ' weighted' if weights else ''}"
    if isinstance(declared, Circumstance):
        return declared.how.replace("_", " ") + (f" of {declared.table}" if declared.table else "")
    of = declared.of
    where = "; ".join(_condition(column, values) for column, values in of.where)
    more = [f"lasting {declared.lasting} days"] if declared.lasting else []
    more += [f"none in the {declared.quiet} days before"] if declared.quiet else []
    more += [f"within {declared.gap} days of the last"] if declared.gap else []
    counted = of.value or of.distinct
    counted = f" of {counted}" + (f" ({of.prefix} characters)" if of.prefix else "") if counted else ""
    dated = f", by {of.date}" if of.date != "event_date" else ""
    return f"{declared.how.replace('_', ' ')}{counted}, {of.table}{dated}" + "".join(
        f"; {said}" for said in [where, *more] if said
    )


def _condition(column: str, values: object) -> str:
    if isinstance(values, Between):
        low, high = values.low, values.high
        return column + (f" from {low:g}" if low is not None else "") + (f" below {high:g}" if high is not None else "")
    return f"{column} {' or '.join(map(str, values))}"  # type: ignore[call-overload]


def _window(declared: Declared) -> str:
    if not isinstance(declared, Predictor):
        return ""
    if declared.within is None:
        return f"{declared.ago} days before" if declared.ago else "no beginning"
    return f"{declared.within} to {declared.ago}" if declared.ago else str(declared.within)


def _codes(declared: Declared) -> str:
    return f"`{declared.of.codes}`" if isinstance(declared, Predictor) and declared.of.codes else ""


def _missing(declared: Declared) -> str:
    if isinstance(declared, Predictor):
        return "partly" if declared.claims_zero else "feed"
    return (
        "never"
        if isinstance(declared, Circumstance) and not declared.tables
        else "its parts"
        if isinstance(declared, Derived)
        else "feed"
    )
