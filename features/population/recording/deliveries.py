"""Feeds: who sends what, how often, and how far behind. One schedule gives both the feed's deliveries and the day on
which a fact becomes known, so the two cannot disagree."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from features.population.geography import Practices
from features.population.happening.clock import date_of, day_of
from features.population.identifiers import AMBULANCE, COMMUNITY, COUNCIL, HOSPITALS, REGISTRAR
from features.population.recording.rows import NO_DAY, Array, Rows, Words, same, words


@dataclass(frozen=True)
class Declared:
    """A feed of ``table``: its kind of extract, its sender (empty: each practice, for its own people) and rhythm."""

    table: str
    source: str
    rhythm: str
    sender: str = ""


GP_TABLES = ("person", "registration", "residence", "objection", "carer", "preference", "gp_event", "prescription",
             "gp_contact", "assessment")  # fmt: skip
FEEDS: tuple[Declared, ...] = (
    *(Declared(table, "gp", "weekly") for table in GP_TABLES),
    Declared("person_link", "tracing", "monthly", "NHSD"),
    Declared("death", "deaths", "mondays", REGISTRAR),
    *(Declared("spell", "apc", "daily", h) for h in HOSPITALS),
    *(Declared("diagnosis", "apc", "mondays", h) for h in HOSPITALS),
    *(Declared("assessment", "apc", "mondays", h) for h in HOSPITALS),
    *(Declared("ed_attendance", "ecds", "mondays", h) for h in HOSPITALS),
    *(Declared("outpatient", "op", "monthly", h) for h in HOSPITALS),
    Declared("ambulance", "ambulance", "mondays", AMBULANCE),
    Declared("community_contact", "community", "monthly", COMMUNITY),
    Declared("person", "council", "quarterly", COUNCIL),
    Declared("social_care", "council", "quarterly", COUNCIL),
    Declared("assessment", "council", "quarterly", COUNCIL),
)  # fmt: skip


@dataclass(frozen=True)
class Schedule:
    """Deliveries: the days on which they came, and the day up to which (not included) each had everything."""

    came: Array
    upto: Array

    def known(self, written: Array) -> Array:
        """When a fact written down on day ``written`` became known: with the first delivery that reaches it; NO_DAY
        where none has come yet."""
        which = np.searchsorted(self.upto, written, side="right")
        return np.where(which < len(self.came), self.came[np.minimum(which, len(self.came) - 1)], NO_DAY).astype(
            np.int32
        )


def _schedule(rhythm: str, start: int, end: int, weekday: int = 0) -> Schedule:
    days = np.arange(start + 1, end + 1, dtype=np.int32)
    upto = days
    if rhythm == "mondays":
        days = upto = days[(days + 3) % 7 == 0]
    elif rhythm == "weekly":
        days = upto = days[(days + 3) % 7 == weekday]
    elif rhythm in ("monthly", "quarterly"):
        dates = [date_of(int(d)) for d in days]
        if rhythm == "monthly":
            firsts, lag = [d for d in dates if d.day == 1], 14
        else:
            firsts, lag = [d for d in dates if d.day == 1 and d.month in (1, 4, 7, 10)], 45
        upto = np.array([day_of(d) for d in firsts], np.int32)
        days = upto + np.int32(lag)
        upto, days = upto[days <= end], days[days <= end]
    # The first delivery, on the day the area's record begins, brings what was there already.
    first = np.array([start], np.int32)
    return Schedule(np.concatenate([first, days]), np.concatenate([first, upto]))


@dataclass
class Deliveries:
    """Every feed's schedule. ``feed`` names a feed in the rows it brings."""

    practices: Practices
    start: int
    end: int
    schedules: dict[str, Schedule] = field(default_factory=dict)
    weekly: list[Schedule] = field(default_factory=list)

    def __post_init__(self) -> None:
        for rhythm in ("daily", "mondays", "monthly", "quarterly"):
            self.schedules[rhythm] = _schedule(rhythm, self.start, self.end)
        for i in range(len(self.practices.codes)):
            schedule = _schedule("weekly", self.start, self.end, int(self.practices.weekday[i]))
            if i % 20 == 3:
                # One practice in twenty sent nothing for five months of the second year, then caught up.
                silent = (schedule.came > self.start + 400) & (schedule.came < self.start + 550)
                schedule = Schedule(schedule.came[~silent], schedule.upto[~silent])
            self.weekly.append(schedule)

    def from_practice(self, table: str, practice: Array, written: Array) -> tuple[Words, Array]:
        """The feed of each row, and when it became known, for rows of ``table`` written in ``practice``."""
        known = np.empty(len(practice), np.int32)
        for i, schedule in enumerate(self.weekly):
            mine = np.flatnonzero(practice == i)
            known[mine] = schedule.known(written[mine])
        return Words(practice, [f"gp:{table}:{code}" for code in self.practices.codes]), known

    def from_sender(self, table: str, sender: Array, source: str, written: Array) -> tuple[Words, Array]:
        """The same for rows of other senders; ``sender`` picks from the senders of that table and source."""
        mine = [f for f in FEEDS if f.table == table and f.source == source]
        return (Words(sender, [f"{source}:{table}:{f.sender}" for f in mine]),
                self.schedules[mine[0].rhythm].known(written))  # fmt: skip

    def rows(self) -> dict[str, Array | Words]:
        """The feed file: one row a delivery, each in force until the next."""
        parts: list[dict[str, Array | Words]] = []
        for f in FEEDS:
            senders = [(f.sender, self.schedules[f.rhythm], "*")] if f.sender else [
                (code, schedule, code) for code, schedule in zip(self.practices.codes, self.weekly, strict=True)]  # fmt: skip
            for sender, schedule, covers in senders:
                n = len(schedule.came)
                until = np.append(schedule.came[1:], NO_DAY).astype(np.int32)
                parts.append({
                    "feed": same(f"{f.source}:{f.table}:{sender}", n), "known_at": schedule.came, "known_until": until,
                    "source": same(f.source, n), "table_name": same(f.table, n), "organisation": same(sender, n),
                    "organisation_scheme": same("ods", n), "covers": same(covers, n),
                    "period_from": np.full(n, self.start, np.int32), "period_to": schedule.upto,
                    "purposes": same("*", n),
                })  # fmt: skip
        return {name: _joined([p[name] for p in parts]) for name in parts[0]}


def _joined(columns: list[Array | Words]) -> Array | Words:
    if isinstance(columns[0], Words):
        texts = [c for c in columns if isinstance(c, Words)]
        distinct = words([c.words[0] for c in texts])
        return Words(np.repeat(distinct.number, [len(c.number) for c in texts]), distinct.words)
    return np.concatenate([c for c in columns if not isinstance(c, Words)])


def arrived(rows: Rows) -> Rows:
    """The rows that some delivery has brought."""
    return rows.at(np.flatnonzero(rows.known_at != NO_DAY))
