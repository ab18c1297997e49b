"""What of a report may leave the analyst's role: no count under ten, and none that can be worked out from what is left.

One function, :func:`public`, makes the public report, and it names every part that it lets through: a part that it does not know does
not pass. The rules are those of :mod:`models.suppression`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from models.reliability import wilson
from models.suppression import SMALL, Nested, hidden

#: Numbers of the cohort are rounded to this, so that people whose outcome is unknown cannot be had as a difference.
ROUNDED = 100
NONE = {"value": None, "low": None, "high": None}

#: Parts of a report that pass as they are: words, settings and figures that are no count of people.
PASSES = (
    "format", "first_line", "title", "about", "model", "split", "method", "resamples", "prior", "limits", "tripod_ai",
    "provenance",
)  # fmt: skip


def public(report: Mapping[str, Any]) -> dict[str, Any]:
    """The report as it may leave the analyst's role. The whole performance is withheld where the test people themselves are
    too few."""
    told: dict[str, Any] = {name: report[name] for name in PASSES if name in report}
    told["suppressed"] = (
        f"counts under {SMALL}, and what would give them away, are not shown; the cohort is rounded to {ROUNDED}"
    )
    told["flow"] = _flow(report["flow"])
    told["cross_validation"] = _pooled(report.get("cross_validation"))
    if "not_validated" in report:
        return {**told, "not_validated": "no figure of the test people can be told"}
    test = report["test"]
    whole = (test["events"], test["rows"] - test["events"])
    if min(test["fewest"], *whole) < SMALL:
        return {
            **told,
            "gaps": [],
            "not_validated": f"fewer than {SMALL} of the test people had the event, or had it not",
        }
    told["test"] = {key: value for key, value in test.items() if key != "fewest"}
    nested = {way: Nested(whole) for way in report["performance"]}
    told["performance"] = {way: _performance(held, whole, nested[way]) for way, held in report["performance"].items()}
    told["differences"] = {way: _paired(held, told["performance"], way) for way, held in report["differences"].items()}
    told["of_best"] = _paired(report["of_best"], told["performance"], "truth") if report["of_best"] else {}
    told["calibration"] = {"tenths": merged(report["calibration"]["tenths"], nested["ours"]), "smoothed": report["calibration"]["smoothed"]}  # fmt: skip
    told["net_benefit"] = _benefit(report["net_benefit"], nested["ours"])
    told["curves"] = {way: _curve(curve, whole, nested[way]) for way, curve in report["curves"].items()}
    told["slices"] = _slices(report["slices"], len(test["dates"]))
    told["gaps"] = _gaps(report["gaps"], told["slices"])
    told |= {name: report[name] for name in ("patterns", "leakage") if name in report}
    if "interval" in report:
        told["interval"] = {name: report["interval"][name] for name in ("within", "mean_width", "middle_width")}
    if "thorough" in report:
        told["thorough"] = _thorough(report["thorough"], told["slices"])
    return told


#: Comparisons on all the test people, of which each row is a way of scoring; its figures of a short list are not told.
COMPARISONS = ("feeds_added", "feeds_off")
SHORT = ("ppv_2", "sensitivity_2", "list/ppv", "overlap")


def _thorough(held: Mapping[str, Any], slices: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Comparisons of models without figures that rest on short lists; practices that are shown; and discharges, where they and
    those who came back are not few."""
    told: dict[str, Any] = {key: held[key] for key in ("rows", "people", "practices") if key in held} | {"not_had": {}}
    for name in COMPARISONS:
        if name in held:
            told[name] = [_without_lists(row) for row in held[name]]
    if "challengers" in held:
        told["challengers"] = {
            **held["challengers"],
            "ways": [_without_lists(row) for row in held["challengers"]["ways"]],
        }
    if "background" in held:
        gaps = [row for row in held["background"]["gaps"] if row["figure"] == "observed_expected"]
        told["background"] = {
            **held["background"],
            "ways": [_without_lists(row) for row in held["background"]["ways"]],
            "gaps": gaps,
        }
    if (
        "discharges" in held
        and min(held["discharges"]["events"], held["discharges"]["discharges"] - held["discharges"]["events"]) >= SMALL
    ):
        told["discharges"] = {**held["discharges"], "ways": [_without_lists(row) for row in held["discharges"]["ways"]]}
    shown = {row["level"] for row in slices if row["by"] == "practice" and row["rows"] is not None}
    if "practices_left_out" in held:
        keep = (
            "practice",
            "with/auroc",
            "without/auroc",
            "with/observed_expected",
            "without/observed_expected",
            "difference",
        )
        told["practices_left_out"] = [{key: row[key] for key in keep} for row in held["practices_left_out"] if row["practice"] in shown]  # fmt: skip
    return told


def _without_lists(row: Mapping[str, Any]) -> dict[str, Any]:
    less = row["less_reference"]
    kept = None if less is None else {key: value for key, value in less.items() if key not in SHORT}
    return {**{key: value for key, value in row.items() if key not in SHORT}, "ppv_2": dict(NONE), "overlap": None, "less_reference": kept}  # fmt: skip


#: The share of a list that is shown rather than others, where not all can be: as lists are drawn in use.
FIRST = 0.02


def _performance(held: Mapping[str, Any], whole: tuple[int, int], nested: Nested) -> dict[str, Any]:
    """Figures of all the people pass; those of a list where its counts do."""
    shares = sorted(held["top"], key=lambda row: row["share"] != FIRST)
    shown = {row["share"] for row in shares if nested.offer((row["found"], row["listed"] - row["found"]))}
    top = [row if row["share"] in shown else {key: _blank(value) for key, value in row.items()} for row in held["top"]]
    drawn = held["per_practice"]
    found, listed, new, new_found = (drawn[key] for key in ("found", "listed", "new_listed", "new_found"))
    missed = drawn["new_events"] - new_found
    lists = (found, listed - found, whole[0] - found, whole[1] - listed + found)
    fresh = (new_found, new - new_found, found - new_found, listed - found - (new - new_found), missed, whole[0] - found - missed)  # fmt: skip
    hides = {key: min(lists) < SMALL or (key.startswith("new_") and min(fresh) < SMALL) for key in drawn}
    kept = {key: _blank(value) if hides[key] else value for key, value in drawn.items()}
    return {**held, "top": top, "per_practice": kept}


def _blank(value: Any) -> Any:
    """Nothing in the place of a figure or a count; words and shares stay."""
    return dict(NONE) if isinstance(value, Mapping) else None if isinstance(value, int) else value


def _paired(held: Mapping[str, Any], performance: Mapping[str, Any], way: str) -> dict[str, Any]:
    """Differences (or shares) of figures that are both shown."""
    hides = {
        figure: any(_of_list(performance[who], figure)["value"] is None for who in ("ours", way))
        for figure in ("ppv_2", "sensitivity_2", "list/ppv")
    }
    return {figure: dict(NONE) if hides.get(figure) else value for figure, value in held.items()}


def _of_list(performance: Mapping[str, Any], figure: str) -> Mapping[str, Any]:
    place, name = performance["per_practice"] if "/" in figure else performance["top"][2], figure.split("/")[-1]
    held: Mapping[str, Any] = place[name.removesuffix("_2")]
    return held


def merged(tenths: Sequence[Mapping[str, Any]], nested: Nested) -> list[dict[str, Any]]:
    """Neighbouring tenths taken together until no group of them, nor what it leaves of another group, is small."""
    groups: list[list[Mapping[str, Any]]] = [[]]
    events = people = 0
    for row in reversed(tenths):
        groups[-1].append(row)
        events, people = events + _events([row]), people + row["people"]
        if nested.offer((events, people - events)):
            groups.append([])
    return [_together(group) for group in reversed(groups) if group]


def _together(group: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    people, events = sum(row["people"] for row in group), _events(group)
    low, high = wilson(float(events), people)
    expected = sum(row["people"] * row["expected"] for row in group) / people
    return {"people": people, "expected": expected, "observed": events / people, "low": low, "high": high}


def _events(group: Sequence[Mapping[str, Any]]) -> int:
    return sum(round(row["people"] * row["observed"]) for row in group)


def _curve(curve: Mapping[str, Sequence[float]], whole: tuple[int, int], nested: Nested) -> dict[str, list[float]]:
    """The points that may be told; the last is everybody."""
    at = [(round(r * whole[0]), round(f * whole[1])) for r, f in zip(curve["recall"], curve["false_positive_rate"], strict=True)]  # fmt: skip
    keep = [i for i, counts in enumerate(at) if nested.offer(counts)]
    return {name: [values[i] for i in keep] for name, values in curve.items()}


def _benefit(rows: Sequence[Mapping[str, Any]], nested: Nested) -> list[dict[str, Any]]:
    """Net benefit at the thresholds that those who reach them allow to be told."""
    shown = [nested.offer((row["found"], row["acted"] - row["found"])) for row in rows]
    return [dict(row) if told else {**row, "acted": None, "found": None, "model": dict(NONE)} for row, told in zip(rows, shown, strict=True)]  # fmt: skip


#: Figures of a slice that rest on the whole slice, and those that rest on whom its lists hold.
OF_ALL = ("auroc", "observed_expected", "share_of_events", "slope", "ici")
OF_LISTS = ("listed_share", "ppv", "sensitivity", "share_of_list")


def _slices(rows: Sequence[Mapping[str, Any]], dates: int) -> list[dict[str, Any]]:
    """Each kind's levels with their small counts hidden: first those of the whole slice, then those of its lists."""
    told = []
    for by in dict.fromkeys(row["by"] for row in rows):
        levels = [row for row in rows if row["by"] == by]
        whole = hidden([(min(row["fewest"], row["events"]), min(row["fewest"], row["rows"] - row["events"])) for row in levels], overlap=dates)  # fmt: skip
        listed = hidden([_of_listed(row) for row in levels], overlap=dates) | whole
        for i, row in enumerate(levels):
            if i in whole or "too_few" in row:
                told.append(
                    {"by": by, "level": row["level"], "too_few": True, "rows": None, "events": None, "listed": None}
                )
                continue
            kept = {key: row[key] for key in ("by", "level", "rows", "events", *OF_ALL) if key in row}
            lists = {key: dict(NONE) if i in listed else row[key] for key in OF_LISTS}
            counts = {key: None if i in listed else row[key] for key in ("listed", "found")}
            told.append({**kept, **lists, **counts, "least_listed": None})
    return told


def _of_listed(row: Mapping[str, Any]) -> tuple[int, ...]:
    """People of a slice: listed with and without the event, and not listed with and without it."""
    found, listed, events = row["found"], row["listed"], row["events"]
    cells = (found, listed - found, events - found, row["rows"] - events - listed + found)
    return tuple(min(cell, row["fewest_listed"]) if cell >= SMALL > row["fewest_listed"] else cell for cell in cells)


def _gaps(gaps: Sequence[Mapping[str, Any]], slices: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Gaps between levels of kinds of which no level is hidden: a gap and the rest of the kind would give its ends away."""
    partly = {row["by"] for row in slices if row["listed"] is None}
    return [dict(row) for row in gaps if row["by"] not in partly]


def _flow(flow: Mapping[str, Any]) -> dict[str, Any]:
    """Who came to be in the parts: cohorts rounded, reasons with small counts hidden with others of their date."""
    left_out = []
    for day in dict.fromkeys(row["date"] for row in flow["left_out"]):
        rows = [row for row in flow["left_out"] if row["date"] == day]
        gone = hidden([(row["people"],) for row in rows])
        left_out += [{**row, "people": None if i in gone else row["people"]} for i, row in enumerate(rows)]
    why = list(flow["censored"])
    gone = hidden([(flow["censored"][reason],) for reason in why])
    return {
        "cohort": [{**row, "people": ROUNDED * round(row["people"] / ROUNDED)} for row in flow["cohort"]],
        "left_out": left_out,
        "censored": {reason: None if i in gone else flow["censored"][reason] for i, reason in enumerate(why)},
        "parts": {part: _part(held) for part, held in flow["parts"].items()},
    }


def _part(held: Mapping[str, int]) -> dict[str, int | None]:
    few = min(held["events"], held["rows"] - held["events"]) < SMALL
    return {key: None if few and key == "events" else value for key, value in held.items()}


def _pooled(held: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if held is None or min(held["events"], held["rows"] - held["events"]) < SMALL:
        return None
    return dict(held)
