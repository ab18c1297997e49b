"""A run and a practice's list in words, for the terminal. Each says what data it is from and what it is not for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from risk import care_homes
from risk.console import results
from risk.run.saying_numbers import denominators, in_a_hundred

NOT_FOR = "It supports a decision; it is not for placement, funding, resuscitation or discharge decisions."
LOW = "A low band is not a reason to withhold care."
#: Reasons that a row of the terminal's list has room for.
REASONS_SHOWN = 3
ACT = " *"
#: What a flag that says yes is called in a row of the list, directives first.
FLAGS = {
    "respect": "ReSPECT plan",
    "advance_decision": "advance decision to refuse treatment",
    "end_of_life_plan": "end-of-life plan",
    "palliative_register": "on the palliative care register",
    "in_hospital": "in hospital now",
    "care_home": "lives in a care home",
    "power_of_attorney": "lasting power of attorney",
    "care_plan": "care plan",
    "carer": "has an unpaid carer",
    "lives_alone": "lives alone",
    "on_caseload": "on a team's caseload",
    "identity_probable": "some records linked by probability, not confirmed",
}
#: Flags of which a row says so too where nobody knows: their want would be read as a no.
NEVER_SILENT = {"in_hospital": "in hospital", "care_home": "care home"}
LEGEND = "A flag that is not shown is no, not recorded or without a feed; --json says which, with its date."


def said(about: Mapping[str, str]) -> str:
    """What data a run is from, in words: "Simulated area of 2,000 people", "demonstration: 1,130 people"."""
    kind, title = about.get("kind", "data of unknown kind"), about.get("title", "")
    return title if title.lower().startswith(kind.lower()) else f"{kind}: {title}".rstrip(": ")


def say_run(run: dict[str, Any]) -> None:
    """Print what a run did."""
    counts = run["counts"]
    states = {"published": "published", "shadow": "kept as a shadow run; the published run is as it was"}
    line(f"Run {run['number']} {states[run['status']]}. {heading(run)}")
    _say_resumed(run.get("resumed"))
    line(f"Data: {run['data']}; newest delivery {run['newest_delivery']}.")
    if run["refused_feeds"]:
        why = Counter(feed["why"] for feed in run["refused_feeds"])
        line(f"Feeds not read: {'; '.join(f'{feeds:,} because {reason}' for reason, feeds in sorted(why.items()))}.")
    left_out = ", ".join(f"{people:,} {reason.replace('_', ' ')}" for reason, people in counts["left_out"].items())
    line(f"People known {counts['people']:,}: scored {counts['scored']:,}; left out: {left_out or 'nobody'}.")
    bands = ", ".join(f"{people:,} {band}" for band, people in counts["bands"].items())
    line(f"Bands: {bands}. {LOW}")
    if (identity := counts["identity"])["probable"]:
        line(
            f"Records linked by probability and not confirmed: of {identity['probable']:,} people scored, "
            f"{identity['probable_listed']:,} listed; by the model {identity['expected_wrong']:g} of the links are wrong."
        )
    table = Table("practice", "registered", "scored", "listed", box=None)
    for row in run["practices"]:
        table.add_row(row["practice"], *(f"{row[name]:,}" for name in ("registered", "scored", "listed")))
    results.print(table)
    line(
        f"Listed {counts['listed']:,} people in {len(run['practices']):,} practices, {run['fraction']:.1%} of each, rounded up."
    )
    _say_outcomes(run.get("outcomes", ()))
    _say_challenger(run.get("challenger"))
    _say_waived(run)
    line(f"Valid until {run['valid_until']}. {NOT_FOR}")


def say_list(listed: dict[str, Any]) -> None:
    """Print a practice's list."""
    line(f"Priority list of practice {listed['practice']}, run {listed['number']}{standing(listed)}. {heading(listed)}")
    line(f"Data: {listed['data']}; as at {listed['data_as_at']}. Valid until {listed['valid_until']}.")
    say_age(listed)
    line(
        f"{len(listed['people']):,} listed of {listed['scored']:,} people scored; {listed['registered']:,} registered."
    )
    for words in denominators(listed):
        line(words)
    say_the_rest(listed)


def say_the_rest(listed: Mapping[str, Any]) -> None:
    """Who is not shown, the people section by section, and what every list says at its end."""
    if listed.get("withheld"):
        line(f"Not shown: {listed['withheld']:,}, who have objected since or were forgotten.")
    _say_waived(listed)
    _people([person for person in listed["people"] if person["section"] is None])
    for section in listed["sections"]:
        places = "in places of the list" if section["takes_places"] else "outside the list's places"
        line(f"{section['title']}: {section['shown']:,}, {places}. {section['says']}")
        for home in section.get("homes", ()):
            line(care_homes.said(home))
        people = [person for person in listed["people"] if person["section"] == section["name"]]
        _people(sorted(people, key=lambda person: (person["home"] is None, person["home"] or 0, person["rank"])))
    line(f"{ACT.strip()} a team can act on it. {LEGEND} {LOW} {listed['says']}")


def _people(people: Sequence[Mapping[str, Any]]) -> None:
    """A table of people of a list. Where there is a plan it comes first, and no reason is marked as one to act on."""
    if not people:
        return
    of = ("practice",) if "practice" in people[0] else ()
    beside = list(dict.fromkeys(other["title"] for person in people for other in person.get("outcomes", ())))
    columns = (f"{title.lower()} (beside)" for title in beside)
    table = Table("rank", "person", *of, "age", "band", "risk", *columns, "main reasons", box=None)
    for person in people:
        plan = person["plan"]
        notes = ([plan["says"]] if plan else []) + ([f"home {person['home']}"] if person["home"] else [])
        notes += notes_of(person["flags"])
        raises = person["reasons"]["raises"][:REASONS_SHOWN]
        said = [reason["says"] + (ACT if reason["actionable"] and not plan else "") for reason in raises]
        shown = (
            str(person["rank"]),
            person["person"],
            *(person[name] for name in of),
            person["age_band"],
            person["band"],
            person["risk"],
        )
        table.add_row(*shown, *(_beside(person, title) for title in beside), Text("; ".join(notes + said)))
    results.print(table)


def _beside(person: Mapping[str, Any], title: str) -> str:
    """A person's risk of an outcome beside, in a column of its own; empty where the outcome is not about them."""
    found = (other for other in person.get("outcomes", ()) if other["title"] == title)
    return next((f"{in_a_hundred(other['probability'])} ({other['band']})" for other in found), "")


def notes_of(flags: Mapping[str, Any]) -> list[str]:
    """What a row of the list says of a person's flags. Runs of earlier versions kept yes, no and nothing, without a date."""
    notes = []
    for name, words in FLAGS.items():
        flag = flags.get(name)
        value, on = (flag["value"], flag["on"]) if isinstance(flag, Mapping) else ("yes" if flag else "", None)
        if value == "yes":
            notes.append(f"{words} (since {on})" if on and name != "identity_probable" else words)
        elif name in NEVER_SILENT and value in ("not recorded", "no feed"):
            notes.append(f"{NEVER_SILENT[name]}: {value}" + (f" since {on}" if on and value == "no feed" else ""))
    return notes


def say_age(told: Mapping[str, Any]) -> None:
    """Print that a run is stale or its time over (:mod:`risk.staleness`); nothing where it is neither."""
    if told.get("stale_says"):
        line(told["stale_says"])


def heading(run: dict[str, Any]) -> str:
    """Outcome, date and model of a run, in a sentence."""
    model = run["model"]
    return (
        f"{run['title']} within {run['horizon']} days of {run['at']}, people from age {run['minimum_age']}; "
        f"model {model['name']} version {model['version']}."
    )


def standing(listed: dict[str, Any]) -> str:
    """What became of the run since, where anything did."""
    if back := listed.get("withdrawn"):
        return f" (WITHDRAWN on {back['at']}: {back['reason']}; not to be acted on)"
    if listed["status"] == "shadow":
        return " (a shadow run, never published)"
    return "" if listed["current"] else " (a later run has been published since)"


def _say_challenger(told: Mapping[str, Any] | None) -> None:
    """How challenger and live model differ; for analysts alone, so it is printed here and shown nowhere else."""
    if told is None:
        return
    if "not_compared" in told:
        line(f"Challenger and live model are not compared: {told['not_compared']}")
        return
    likeness = told["score_correlation"]
    line(
        f"Challenger and live model: of {told['listed']:,} listed, {told['listed_by_both']:,} by both "
        f"({told['list_overlap']:.0%}); rank correlation of scores {'not known' if likeness is None else f'{likeness:.3f}'}."
    )
    table = Table("model", "version", "expected events", "high", "tested: AUROC", "slope", "ICI", box=None)
    for row in told["models"]:
        tested = ["" if value is None else f"{value:.3f}" for value in row["tested"].values()]
        table.add_row(row["role"], str(row["version"]), f"{row['expected_events']:,}", f"{row['high']:,}", *tested)
    results.print(table)


def _say_resumed(told: Mapping[str, Any] | None) -> None:
    """Whether the run went on from what a killed one had finished, or began again and why."""
    if told and told["found"]:
        line(
            f"It went on from a run that had stopped: {len(told['found']) - 1} parts of it were whole, the last of them {told['found'][-1]}."
        )
    elif told and told["began_again"]:
        line(f"A run that had stopped was not gone on with: {told['began_again']}.")


def _say_outcomes(others: Sequence[Mapping[str, Any]]) -> None:
    """The outcomes scored beside the one that the lists rank by."""
    for other in others:
        left_out = ", ".join(f"{people:,} {reason.replace('_', ' ')}" for reason, people in other["not_scored"].items())
        line(
            f"Beside it, and never blended with it: {other['title']} within {other['horizon']} days, model {other['name']} version "
            f"{other['model']['version']}: {other['scored']:,} scored, {other['high']:,} high; not about: {left_out or 'nobody'}."
        )


def _say_waived(run: Mapping[str, Any]) -> None:
    for guard, waived in run["waived"].items():
        line(f"Passed with a reason ({guard}): {waived['found']}. Reason given: {waived['reason']}")


def line(words: str) -> None:
    """Print a line as it is."""
    results.print(words, markup=False)
