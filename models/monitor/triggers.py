"""What must be looked at, as data: each trigger's measure, its thresholds by severity, what to check, and where they come from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf, log
from typing import Any, Literal

Severity = Literal["watch", "act", "stop"]
#: From the mildest on.
SEVERITIES: tuple[Severity, ...] = ("watch", "act", "stop")


@dataclass(frozen=True)
class Reading:
    """A measurement of one ``subject``: how far it has gone, in the trigger's own unit. ``sure``: more than chance alone explains."""

    subject: str
    value: float
    sure: bool
    found: str


@dataclass(frozen=True)
class Trigger:
    """``reads`` measurements of a date's facts; a reading that is sure fires with the highest severity whose threshold it reaches.

    ``unit`` says what is measured; an absent threshold never fires. ``check`` is what to do, ``source`` where the thresholds come from.
    """

    name: str
    unit: str
    reads: Callable[[Mapping[str, Any]], Iterable[Reading]]
    check: str
    source: str
    watch: float = inf
    act: float = inf
    stop: float = inf

    def severity(self, reading: Reading) -> Severity | None:
        """How grave a reading is; None where it is nothing, or may be chance."""
        reached = [name for name in SEVERITIES if reading.value >= getattr(self, name)]
        return reached[-1] if reading.sure and reached else None

    def to_json(self) -> dict[str, Any]:
        thresholds: dict[str, float | None] = {
            str(name): None if getattr(self, name) == inf else getattr(self, name) for name in SEVERITIES
        }
        return {"name": self.name, "unit": self.unit, **thresholds, "check": self.check, "source": self.source}


def predictors(facts: Mapping[str, Any]) -> Iterable[Reading]:
    for row in (facts["inputs"] or {"predictors": []})["predictors"]:
        yield _index(
            row["predictor"], row, f"; absent for {row['absent']:.1%}, in training {row['absent_trained']:.1%}"
        )


def many_predictors(facts: Mapping[str, Any]) -> Iterable[Reading]:
    if facts["inputs"]:
        rows = facts["inputs"]["predictors"]
        far = sum(row["psi"] >= FAR and row["psi"] > row["by_chance"] for row in rows)
        yield Reading(
            "all predictors",
            far / max(1, len(rows)),
            True,
            f"{far} of {len(rows)} predictors have an index of {FAR} or more",
        )


def feeds(facts: Mapping[str, Any]) -> Iterable[Reading]:
    for row in facts["feeds"]:
        moved = abs(row["share"] - row["share_trained"])
        found = f"reaches {row['share']:.1%} of people, in training {row['share_trained']:.1%}"
        yield Reading(row["table"], moved, row["psi"] > row["by_chance"], found)


def score(facts: Mapping[str, Any]) -> Iterable[Reading]:
    yield _index("raw score", facts["score"])


def people(facts: Mapping[str, Any]) -> Iterable[Reading]:
    for row in facts["people_by"]:
        most = ", ".join(
            f"{moved['level']} {moved['share_trained']:.1%} to {moved['share']:.1%}" for moved in row["most"][:1]
        )
        yield _index(row["by"], row, f"; most: {most}")


def calibration(facts: Mapping[str, Any]) -> Iterable[Reading]:
    if facts["happened"]:
        yield _events("everybody", facts["happened"])


def calibration_of_some(facts: Mapping[str, Any]) -> Iterable[Reading]:
    for row in (facts["happened"] or {"subgroups": []})["subgroups"]:
        if "too_few" not in row:
            yield _events(f"{row['by']}: {row['level']}", row)


def slope(facts: Mapping[str, Any]) -> Iterable[Reading]:
    if facts["happened"]:
        held = facts["happened"]["slope"]
        far = abs(log(held["value"])) if held["value"] > 0 else inf
        yield Reading("everybody", far, not held["low"] <= 1 <= held["high"], f"calibration slope {_interval(held)}")


def discrimination(facts: Mapping[str, Any]) -> Iterable[Reading]:
    yield from _fall(facts, "auroc", lambda happened: happened["auroc"])


def list_ppv(facts: Mapping[str, Any]) -> Iterable[Reading]:
    yield from _fall(facts, "ppv", lambda happened: (happened["list"] or {}).get("ppv"))


def list_sensitivity(facts: Mapping[str, Any]) -> Iterable[Reading]:
    yield from _fall(facts, "sensitivity", lambda happened: (happened["list"] or {}).get("sensitivity"))


def _index(subject: str, row: Mapping[str, Any], more: str = "") -> Reading:
    return Reading(subject, row["psi"], row["psi"] > row["by_chance"], f"index {row['psi']:.3f}{more}")


def _events(subject: str, row: Mapping[str, Any]) -> Reading:
    ratio, (low, high) = row["observed_expected"], row["action"]
    found = f"{row['events']:,} events where {row['expected']:,.0f} were expected: {ratio:.2f}, by chance {low:.2f} to {high:.2f}"
    return Reading(subject, abs(log(ratio)) if ratio > 0 else inf, not low <= ratio <= high, found)


def _fall(facts: Mapping[str, Any], name: str, of: Callable[[Mapping[str, Any]], Any]) -> Iterable[Reading]:
    """How far a figure lies under that of the model's own validation."""
    was = facts["validated"].get(name)
    now = of(facts["happened"]) if facts["happened"] else None
    if was is not None and now is not None:
        found = f"{_interval(now)}, where it was validated {was:.3f}"
        yield Reading("everybody", was - now["value"], now["high"] < was, found)


def _interval(held: Mapping[str, float]) -> str:
    return f"{held['value']:.3f} ({held['low']:.3f} to {held['high']:.3f})"


#: Index from which a predictor counts as moved far.
FAR = 0.25
PSI_RULE = (
    "rule of thumb of credit scoring (Siddiqi 2006, ch. 9): under 0.1 none, to 0.25 some, over it a large shift; fires only beyond "
    "what chance gives (Yurdakul and Naranjo 2020)"
)
HOUSE = "the makers' own, to be reviewed by the area's safety officer"
CHARTS = "control limits of three standard errors (Shewhart 1931; funnel plots, Spiegelhalter 2005); size: "
EDGE = "the outer edge at which a published audit of drift in a UK risk model asks for recalibration, rounded outwards, is 0.8 and 1.25"

TRIGGERS = (
    Trigger("predictor", "population stability index of a predictor", predictors,
            "what its feed sent since: a new code, a new system, a practice that joined or stopped", PSI_RULE, watch=0.1, act=FAR),
    Trigger("predictors", f"share of predictors with an index of {FAR} or more", many_predictors,
            "whether a feed was cut or mapped anew, and whether the record is of the area the model was made for", HOUSE,
            watch=0.05, act=0.1, stop=0.25),
    Trigger("feed", "change in the share of people whom a table reaches", feeds,
            "`frailty feeds`: which organisation stopped or began to send", HOUSE, watch=0.05, act=0.2, stop=0.5),
    Trigger("score", "population stability index of the raw score", score,
            "which predictors moved, and whether they moved in the world or in the data", PSI_RULE, watch=0.1, act=0.2, stop=FAR),
    Trigger("people", "population stability index of the kinds of people", people,
            "who joined or left: a practice, a care home, a change of registration rules", PSI_RULE, watch=0.1, act=FAR),
    Trigger("calibration", "|ln(events / expected)|", calibration,
            "whether fewer or more events happen or are recorded (coding, same-day care, a feed that stopped); then recalibrate or refit",
            CHARTS + EDGE, watch=log(1.05), act=log(1.1), stop=log(1.25)),
    Trigger("slope", "|ln(calibration slope)|", slope,
            "whether the model still tells high risk from low; refit rather than recalibrate",
            "95% interval clear of 1; size: " + EDGE, watch=log(1.05), act=log(1.11), stop=log(1.25)),
    Trigger("discrimination", "fall of the AUROC under the validated one", discrimination,
            "which feeds and predictors moved; refit", HOUSE, watch=0.02, act=0.05, stop=0.1),
    Trigger("list_ppv", "fall of the list's PPV under the validated one", list_ppv,
            "whether the list's people had less happen to them because a team acted on them: a fall can be a success; look at "
            "acted-on marks before refitting", HOUSE, watch=0.03, act=0.07, stop=0.15),
    Trigger("list_sensitivity", "fall of the list's sensitivity under the validated one", list_sensitivity,
            "whom the list no longer finds: the subgroups of this page", HOUSE, watch=0.03, act=0.06),
    Trigger("subgroup_calibration", "|ln(events / expected)| of a kind of people", calibration_of_some,
            "whether their care is recorded as before, then whether the model serves them worse than others; tell the safety officer",
            CHARTS + HOUSE, watch=log(1.1), act=log(1.25)),
)  # fmt: skip


def fired(facts: Mapping[str, Any], triggers: Sequence[Trigger] = TRIGGERS) -> list[dict[str, Any]]:
    """The triggers that fire on a date's facts, gravest first: ``trigger``, ``severity``, ``subject``, ``value``, ``threshold``,
    ``found``, ``check`` and ``source``."""
    rows = []
    for trigger in triggers:
        for reading in trigger.reads(facts):
            if (severity := trigger.severity(reading)) is not None:
                value = reading.value if reading.value != inf else None
                rows.append({"trigger": trigger.name, "severity": severity, "subject": reading.subject, "value": value,
                             "threshold": getattr(trigger, severity), "found": reading.found, "check": trigger.check,
                             "source": trigger.source})  # fmt: skip
    return sorted(rows, key=lambda row: (-SEVERITIES.index(row["severity"]), row["trigger"], -(row["value"] or inf)))


def together(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Of the triggers that fired (:func:`fired`, in its order) the furthest of each kind and severity, and how many ``more`` there are."""
    kinds: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        kind = kinds.setdefault((row["severity"], row["trigger"]), {**row, "more": -1})
        kind["more"] += 1
    return list(kinds.values())


def gravest(rows: Sequence[Mapping[str, Any]]) -> Severity | None:
    """The gravest severity among triggers that fired."""
    return max((row["severity"] for row in rows), key=SEVERITIES.index, default=None)
