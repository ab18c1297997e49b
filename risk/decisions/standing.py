"""What stands of somebody at a practice, read from the history that was written of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from risk.decisions.folding import ADDED, REMOVED, Decided, Listed
from risk.decisions.words import together
from risk.store.meeting import ACTION, ADDITION, ANSWER, CORRECTION, DECIDES, OUTCOME, REMOVAL

Row = Mapping[str, Any]
_WHAT = {ADDITION: ADDED, REMOVAL: REMOVED}
#: Predictors that say of emergency stays how many there were, or how long ago the last began.
_COUNTS, _SINCE = "emergency_admissions_", "days_since_emergency_"


@dataclass(frozen=True)
class Standing:
    """``version`` of the history; the ``decision`` that stands (a row of any kind of :data:`DECIDES`); actions ``open`` and ``closed``, each
    with its outcome; ``corrections``, each with its answer or none."""

    version: int = 0
    decision: Row | None = None
    open: tuple[Row, ...] = ()
    closed: tuple[tuple[Row, Row], ...] = ()
    corrections: tuple[tuple[Row, Row | None], ...] = ()

    @property
    def what(self) -> str | None:
        """Accept, decline, defer, already_known, added or removed; None where nothing was decided."""
        if self.decision is None:
            return None
        return _WHAT.get(self.decision["kind"]) or str(self.decision["body"]["decision"])

    @property
    def disputed(self) -> tuple[str, ...]:
        """Facts of which somebody says that they are not right, and nobody has answered."""
        return tuple(sorted({row["body"]["fact"] for row, answer in self.corrections if answer is None}))

    @property
    def decided(self) -> Decided | None:
        """As :func:`risk.decisions.folding.fold` takes it."""
        if self.decision is None or self.what is None:
            return None
        body = self.decision["body"]
        return Decided(
            self.what,
            self.decision["day"],
            _day(body.get("review_on")),
            _seen(self.decision["person_id"], body.get("seen")),
            tuple(day for row in self.open if (day := _day(row["body"].get("due"))) is not None),
        )


def standing(rows: Sequence[Row]) -> Standing:
    """From a person's rows at a practice, oldest first."""
    about = {row["of"]: row for row in rows if row["kind"] in (OUTCOME, ANSWER)}
    actions = [row for row in rows if row["kind"] == ACTION]
    return Standing(
        max((row["version"] for row in rows), default=0),
        next((row for row in reversed(rows) if row["kind"] in DECIDES), None),
        tuple(row for row in actions if row["seq"] not in about),
        tuple((row, about[row["seq"]]) for row in actions if row["seq"] in about),
        tuple((row, about.get(row["seq"])) for row in rows if row["kind"] == CORRECTION),
    )


def coordinator(rows: Sequence[Row]) -> tuple[str, date] | None:
    """The coordinator whom the meeting named last, in its words, and the day; None where it named none."""
    named = ((together(row["body"], row["texts"]).get("coordinator"), row["day"]) for row in reversed(rows) if row["kind"] in DECIDES)  # fmt: skip
    return next(((name, day) for name, day in named if name), None)


def said(row: Row) -> dict[str, Any]:
    """A row as it is shown: its codes and its words together."""
    names = ("seq", "version", "kind", "of", "supersedes", "run", "day", "at", "by")
    return {**{name: row[name] for name in names}, "said": together(row["body"], row["texts"])}


def listed(row: Row) -> Listed:
    """A row of a list, or of somebody scored, as folding compares it."""
    reasons, flags = _json(row.get("reasons")), _json(row.get("flags"))
    raises = list(reasons.get("raises", []))
    # Runs of before flags had days say true or false alone: since when is not known.
    stay = flags.get("in_hospital") if isinstance(flags.get("in_hospital"), dict) else None
    return Listed(
        row["person_id"],
        row["band"],
        tuple(reason.get("driver") or reason["predictor"] for reason in raises),
        _day(stay["on"]) if stay and stay["value"] == "yes" else None,
        dict(_emergencies([*raises, *reasons.get("lowers", [])])),
    )


def kept(row: Row) -> dict[str, Any]:
    """What of :func:`listed` is kept with a decision, so that later lists are held against what was seen, whatever became of the run."""
    seen = listed(row)
    since = seen.in_hospital_since
    return {"band": seen.band, "drivers": list(seen.drivers), "in_hospital_since": None if since is None else str(since),
            "emergencies": dict(seen.emergencies)}  # fmt: skip


def _emergencies(reasons: Iterable[Row]) -> Iterable[tuple[str, float]]:
    for reason in reasons:
        name, value = reason["predictor"], reason.get("value")
        if value is not None and name.startswith((_COUNTS, _SINCE)):
            yield name, float(value)


def _seen(person_id: int, said: Mapping[str, Any] | None) -> Listed | None:
    if said is None:
        return None
    return Listed(person_id, said["band"], tuple(said["drivers"]), _day(said["in_hospital_since"]), said["emergencies"])


def _json(held: Any) -> dict[str, Any]:
    if held is None:
        return {}
    return dict(orjson.loads(held)) if isinstance(held, bytes) else dict(held)


def _day(said: Any) -> date | None:
    return said if said is None or isinstance(said, date) else date.fromisoformat(said)
