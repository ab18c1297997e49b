"""Feeds: who sends what, how often, and how far behind. One schedule gives both the feed's deliveries and the day on
which a fact becomes known, so the two cannot disagree."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as arrow

from features.population.geography import Practices
from features.population.happening.clock import date_of, day_of
from features.population.identifiers import AMBULANCE, COMMUNITY, COUNCIL, HOSPITALS, MENTAL_HEALTH, REGISTRAR
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
    Declared("community_contact", "mental_health", "monthly", MENTAL_HEALTH),
    Declared("caseload", "caseloads", "mondays", COMMUNITY),
    Declared("person", "council", "quarterly", COUNCIL),
    Declared("social_care", "council", "quarterly", COUNCIL),
    Declared("assessment", "council", "quarterly", COUNCIL),
    Declared("home_care_week", "call_monitoring", "mondays", COUNCIL),
)  # fmt: skip


@dataclass(frozen=True)
class Schedule:
    """Deliveries: the days on which they came, and the day up to which (not included) each had everything."""

    came: Array
    upto: Array

    def first(self, written: Array) -> tuple[Array, Array]:
        """The first delivery that reaches what was written down on day ``written``: its number, and the day it came;
        NO_DAY where none has come yet."""
        which = np.searchsorted(self.upto, written, side="right")
        last = len(self.came) - 1
        came = np.where(which <= last, self.came[np.minimum(which, last)], NO_DAY)
        return np.minimum(which, last), came.astype(np.int32)


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
    """Every feed's schedule. A row names the delivery that brought it."""

    practices: Practices
    start: int
    end: int
    schedules: dict[str, Schedule] = field(default_factory=dict)
    weekly: list[Schedule] = field(default_factory=list)
    _named: dict[tuple[str, str], tuple[arrow.Array, Array]] = field(default_factory=dict)

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

    def senders(self, f: Declared) -> list[tuple[str, Schedule, str]]:
        """Who sends ``f``: code, schedule, and for whose people it speaks."""
        if f.sender:
            return [(f.sender, self.schedules[f.rhythm], "*")]
        return [(code, s, code) for code, s in zip(self.practices.codes, self.weekly, strict=True)]

    def _names(self, source: str, table: str) -> tuple[arrow.Array, Array]:
        """Keys of all deliveries of a table from a source, and where each sender's begin."""
        if (source, table) not in self._named:
            every = [x for f in FEEDS if (f.source, f.table) == (source, table) for x in self.senders(f)]
            names = [f"{source}:{table}:{code}:{i}" for code, s, _ in every for i in range(len(s.came))]
            begins = np.cumsum([0, *(len(s.came) for _, s, _ in every[:-1])])
            self._named[source, table] = (arrow.array(names), begins)
        return self._named[source, table]

    def from_practice(self, table: str, practice: Array, written: Array) -> tuple[Words, Array]:
        """The delivery of each row and when it came, for rows of ``table`` written in ``practice``."""
        which, known = np.empty(len(practice), np.int64), np.empty(len(practice), np.int32)
        for i, schedule in enumerate(self.weekly):
            mine = np.flatnonzero(practice == i)
            which[mine], known[mine] = schedule.first(written[mine])
        names, begins = self._names("gp", table)
        return Words(begins[practice] + which, names), known

    def from_sender(self, table: str, sender: Array, source: str, written: Array) -> tuple[Words, Array]:
        """The same for rows of other senders; ``sender`` picks from the senders of that table and source."""
        rhythm = next(f.rhythm for f in FEEDS if (f.source, f.table) == (source, table))
        which, known = self.schedules[rhythm].first(written)
        names, begins = self._names(source, table)
        return Words(begins[sender] + which, names), known

    def rows(self) -> dict[str, Array | Words]:
        """The feed file: one row a delivery, each in force until the next."""
        parts: list[dict[str, Array | Words]] = []
        for f in FEEDS:
            for sender, schedule, covers in self.senders(f):
                n = len(schedule.came)
                until = np.append(schedule.came[1:], NO_DAY).astype(np.int32)
                parts.append({
                    "known_at": schedule.came, "known_until": until, "source": same(f.source, n),
                    "table_name": same(f.table, n), "organisation": same(sender, n),
                    "organisation_scheme": same("ods", n), "covers": same(covers, n),
                    "period_from": np.full(n, self.start, np.int32), "period_to": schedule.upto,
                    "purposes": same("*", n),
                })  # fmt: skip
        columns = {name: _joined([p[name] for p in parts]) for name in parts[0]}
        pairs = list(dict.fromkeys((f.source, f.table) for f in FEEDS))
        names = arrow.concat_arrays([self._names(*pair)[0] for pair in pairs])
        return {"feed": Words(np.arange(len(names)), names), **columns}


def _joined(columns: list[Array | Words]) -> Array | Words:
    if isinstance(columns[0], Words):
        texts = [c for c in columns if isinstance(c, Words)]
        distinct = words([c.words[0] for c in texts])
        return Words(np.repeat(distinct.number, [len(c.number) for c in texts]), distinct.words)
    return np.concatenate([c for c in columns if not isinstance(c, Words)])


def arrived(rows: Rows) -> Rows:
    """The rows that some delivery has brought."""
    return rows.at(np.flatnonzero(rows.known_at != NO_DAY))
