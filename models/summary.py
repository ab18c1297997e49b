"""A validation report as a page of Markdown, for the documentation: its figures as they are in the report, and nothing that is not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from models.wording import FIGURES, SLICED, WAYS, chance, count, figure


def summary(report: Mapping[str, Any], command: str) -> str:
    """The page; its first line says what data the figures are from. ``command`` made the report.

    It is made of a public report: what is not to be told is not there to be written.
    """
    model, lines = report["model"], [f"**{report['first_line']}**", ""]
    lines += ["# Validation", "", f"Written from the report that this gave, without small counts ({report['suppressed']}):", "",
              "```sh", command, "```", ""]  # fmt: skip
    lines += [f"{model['title']} within {model['horizon']} days, people aged {model['minimum_age']} and over. {_first(report['split']['says'])}. "
              f"Trained at {_days(report['split']['train'])}; calibrated at {_days(report['split']['calibrate'])}; tested at "
              f"{_days(report['split']['test'])}.", ""]  # fmt: skip
    if "not_validated" in report:
        return "\n".join([*lines, f"Not validated: {report['not_validated']}."]) + "\n"
    test = report["test"]
    lines += [f"{count(test['people'])} people whom the model had never seen, {count(test['events'])} with the event ({chance(test['risk'])}). "
              f"95% intervals, by {report['resamples']} resamples of people.", ""]  # fmt: skip
    lines += _ways(report) + _feeds_away(report) + _lists(report) + _slices(report) + _thorough(report.get("thorough"))
    return "\n".join(lines).rstrip() + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table in Markdown, and a blank line."""
    return [f"| {' | '.join(head)} |", "|" + "---|" * len(head), *(f"| {' | '.join(row)} |" for row in rows), ""]


def _ways(report: Mapping[str, Any]) -> list[str]:
    performance = report["performance"]
    rows = [
        [WAYS[way], figure(held["auroc"]), figure(held["auprc"]), figure(held.get("brier"), 4), figure(held.get("slope"), 2),
         figure(held.get("ici"), 4), figure(held["top"][2]["ppv"])]
        for way, held in performance.items()
    ]  # fmt: skip
    less = [
        [WAYS[way], figure(held["auroc"]), figure(held["auprc"]), figure(held["ppv_2"])]
        for way, held in report["differences"].items()
    ]
    lines = ["## Beside the baselines, on the same people", ""]
    lines += table(["", "AUROC", "AUPRC", "Brier", "Slope", "ICI", "PPV, top 2%"], rows)
    lines += [
        "Published scores rank as they are; their Brier, slope and ICI are after recalibration on these people.",
        "",
    ]
    lines += ["This model less each:", "", *table(["", "AUROC", "AUPRC", "PPV, top 2%"], less)]
    if report["of_best"]:
        best = report["of_best"]
        lines += [
            f"Of what the true risk gets on the same people: AUROC {figure(best['auroc'])}, PPV at the top 2% {figure(best['ppv_2'])}.",
            "",
        ]
    return lines


def _feeds_away(report: Mapping[str, Any]) -> list[str]:
    """The interval's coverage, the curves of feeds that do not come, and the look for leakage; each where the report has it."""
    lines, sure, leaks = [], report.get("interval"), report.get("leakage")
    if sure:
        lines += [f"A person's interval: of groups of people alike in score, {100 * sure['within']:.0f}% had a share with the event within their mean interval, "
                  f"which is {sure['mean_width']:.3f} wide on average.", ""]  # fmt: skip
    if leaks and leaks["alarms"] is not None:
        said = "; ".join(f"{alarm['what']} {alarm['auroc']:.3f}" for alarm in leaks["alarms"]) or "none"
        lines += [f"Leakage alarms: {said}.", ""]
    if report.get("patterns"):
        rows = [[_first(row["says"]), "yes" if row["served"] else "no", figure(row.get("auroc")), figure(row.get("slope"), 2), figure(row.get("ici")),
                 figure(row.get("observed_expected"), 2)] for row in report["patterns"]]  # fmt: skip
        lines += ["## Feeds that do not come, each with a curve of its own", "",
                  *table(["", "Served", "AUROC", "Slope", "ICI", "Observed / expected"], rows)]  # fmt: skip
    return lines


def _lists(report: Mapping[str, Any]) -> list[str]:
    ours = report["performance"]["ours"]
    rows = [[f"{100 * row['share']:g}%", figure(row["ppv"]), figure(row["sensitivity"]), figure(row["lift"], 1), figure(row["listed_per_event"], 1)]
            for row in ours["top"]]  # fmt: skip
    drawn = ours["per_practice"]
    return ["## Lists", "", *table(["Listed", "PPV", "Sensitivity", "Lift", "Listed for each event"], rows),
            f"As drawn in use, the top 2% of each practice: PPV {figure(drawn['ppv'])}, sensitivity {figure(drawn['sensitivity'])}. "
            f"No {report['prior']} in two years: {figure(drawn['new_share_of_list'])} of the listed, with PPV {figure(drawn['new_ppv'])}.", ""]  # fmt: skip


def _slices(report: Mapping[str, Any]) -> list[str]:
    rows = []
    for row in report["slices"]:
        name = f"{SLICED[row['by']]}: {row['level']}"
        if "too_few" in row:
            rows.append([name, *["not shown"] * 2, *["–"] * 6])
        else:
            rows.append([name, count(row["rows"]), count(row["events"]), figure(row["auroc"]), figure(row["observed_expected"], 2),
                         figure(row.get("ici")), figure(row["ppv"], 2), figure(row["share_of_list"], 2), figure(row["share_of_events"], 2)])  # fmt: skip
    gaps = [[SLICED[row["by"]], FIGURES[row["figure"]], f"{row['lowest']} – {row['highest']}", figure(row["difference"])] for row in report["gaps"]]  # fmt: skip
    lines = ["## Kinds of people", ""]
    lines += table(["", "Rows", "Events", "AUROC", "Observed / expected", "ICI", "PPV of the listed", "Share of the list", "Share of events"], rows)  # fmt: skip
    return lines + (
        ["How far apart, lowest and highest:", "", *table(["", "", "", "Difference"], gaps)] if gaps else []
    )


def _thorough(held: Mapping[str, Any] | None) -> list[str]:
    if held is None:
        return []
    lines = []
    for name, title, less in (("feeds_added", "What each feed adds", "Less all feeds"), ("feeds_off", "A day on which a feed does not come", "Less every feed")):  # fmt: skip
        if name in held:
            lines += [f"## {title}", "", *_compared(held[name], less)]
    if "challengers" in held:
        said = held["challengers"]
        lines += ["## Models that can be read whole", "", f"Fitted to the same {count(said['rows'])} rows; probabilities are each model's own.", "",
                  *_compared(said["ways"], "Less our recipe"), *said["missing"].values()]  # fmt: skip
    if "background" in held:
        said = held["background"]
        rows = [
            [SLICED[row["by"]], FIGURES[row["figure"]], figure(row["with"]), figure(row["without"])]
            for row in said["gaps"]
        ]
        lines += ["## Who people are, as predictors and not", "", f"The same recipe and rows, with {', '.join(said['predictors']).replace('_', ' ')} and without. "
                  "Ethnic group is never a predictor.", "", *_compared(said["ways"], "Less the model with them"),
                  "How far apart kinds of people are, highest less lowest level:", "", *table(["", "", "With them", "Without them"], rows)]  # fmt: skip
    if "discharges" in held:
        said = held["discharges"]
        lines += ["## Beside PARR-30, on the same discharges", "", f"{count(said['discharges'])} discharges of {count(said['people'])} people who never train, "
                  f"{said['from']} to {said['to']}; {count(said['events'])} were followed by an unplanned admission within 30 days. PARR-30's coefficients "
                  "are of a public implementation of Nuffield Trust's guide, not yet checked against the paper.", "",
                  *_compared(said["ways"], "Less PARR-30")]  # fmt: skip
    if held.get("practices_left_out"):
        rows = [[row["practice"], figure(row["without/auroc"]), figure(row["with/auroc"]), figure(row["difference"])] for row in held["practices_left_out"]]  # fmt: skip
        lines += [
            "## Practices left out of training",
            "",
            *(
                [
                    f"{len(rows)} of {held['practices']} practices: those with most people who test, and events enough of their own.",
                    "",
                ]
                if "practices" in held
                else []
            ),
            *table(["", "AUROC without it", "with it", "Difference"], rows),
        ]
    return lines


def _compared(rows: Sequence[Mapping[str, Any]], less: str) -> list[str]:
    return table(
        ["", "AUROC", less, "Brier", "Slope", "Observed / expected"],
        [[_first(row["says"]), figure(row["auroc"]), figure((row["less_reference"] or {}).get("auroc")), figure(row.get("brier"), 4),
          figure(row.get("slope"), 2), figure(row.get("observed_expected"), 2)] for row in rows],
    )  # fmt: skip


def _first(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"


def _days(days: Sequence[str]) -> str:
    return ", ".join(days) or "no date"
