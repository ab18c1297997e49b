"""Outcomes, what a record tells of them and the rules behind them, in words on a terminal."""

from __future__ import annotations

from typing import Any

from rich.padding import Padding

from risk.console import results


def say(result: dict[str, Any]) -> None:
    """Print what ``frailty outcomes`` found."""
    for row in result["outcomes"]:
        _outcome(row)
    results.print("A label is unknown, never 0, where:")
    for name, why in result["unknown_because"].items():
        results.print(f"  {name}: {why}")
    if "zero_day" in result:
        _zero_day(result["zero_day"])
    results.print("\nRules in force (setting outcomes names a file of others):")
    for rule in result["rules"]:
        results.print(f"  {rule['rule']} = {_value(rule['value'])}: {rule['says']} ({rule['source']})")


def _outcome(row: dict[str, Any]) -> None:
    age = f"people of {row['minimum_age']} and over"
    results.print(f"[bold]{row['name']}[/bold]: {row['title']}; {row['horizon']} days, {age}")
    _beneath(row["says"])
    _beneath(f"Defined by {', '.join(row['tables'])}; matured after {row['lag']} days.")
    if "usable_dates" in row:
        days = row["usable_dates"]
        told = f"{days[0]} to {days[-1]}, {len(days)} quarters" if days else "none"
        _beneath(f"Dates at which this record can tell: {told}.")
        for counted in row["counts"]:
            _counted(counted)
    results.print()


def _counted(row: dict[str, Any]) -> None:
    when = f"At {row['at']}, {row['horizon']} days"
    if "refused" in row:
        _beneath(f"{when}: {row['refused']}.")
        return
    share = f" ({100 * row['events'] / row['told']:.1f}%)" if row["told"] else ""
    _beneath(f"{when}: {row['people']:,} people, {row['told']:,} with a label, {row['events']:,} events{share}.")
    if row["without_zero_day"] is not None:
        _beneath(f"Without stays that ended on the day they began: {row['without_zero_day']:,} events.")
    if row["any"]:
        _beneath("First of its components: " + _list(row["first"]) + "; occurring at all: " + _list(row["any"]) + ".")
    if row["censored"]:
        _beneath("Unknown: " + _list(row["censored"]) + ".")


def _zero_day(found: dict[str, Any]) -> None:
    results.print(
        "\nEmergency stays that ended on the day they began, twelve months to "
        + (found["upto"] or "no month told")
        + ":"
    )
    for row in found["providers"]:
        results.print(f"  {row['provider']}: {row['zero_day']:,} of {row['stays']:,} ({100 * row['share']:.1f}%)")
    for alarm in found["alarms"]:
        results.print(
            f"  [bold]ALARM[/bold] {alarm['provider']}: from {alarm['month']} on {100 * alarm['after']:.1f}% where it was "
            f"{100 * alarm['before']:.1f}%. Ask the hospital whether same day emergency care is recorded elsewhere since; labels before "
            "and after do not mean the same."
        )


def _beneath(text: str) -> None:
    results.print(Padding(text, (0, 0, 0, 2)), soft_wrap=False)


def _list(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {n:,}" for name, n in counts.items()) or "none"


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return _list(value)
    return ", ".join(map(str, value)) or "none" if isinstance(value, tuple) else str(value)
