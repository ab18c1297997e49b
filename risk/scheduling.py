"""What a scheduler starts, and when: the weekly run, and what keeps an installation whole between runs.

The product starts nothing by itself: an area's operators own when it runs. Two schedulers that start one job at once do no harm: the run has a lease in the
store and a backup a lock of its own, of which one goes on and the other ends with exit code 4; the rest does the same thing twice.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from features.errors import WrongUsage
from risk.settings import Settings

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
ZONE = "Europe/London"
Every = Literal["minutes", "hour", "day", "week", "month"]
_AT = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
LEASE = (
    "Two starts at once do no harm: one holds the lease in the store, the other ends with exit code 4. A run that was killed is gone on with "
    "at the next start, {seconds:g} seconds after its last sign of life at the earliest."
)


@dataclass(frozen=True)
class When:
    """``every`` five minutes, hour (``at`` its minute), day, week (``day`` of :data:`DAYS`) or month (its first day); ``at`` HH:MM London time."""

    every: Every
    at: str
    day: str = "Mon"

    def __post_init__(self) -> None:
        if self.day not in DAYS:
            raise WrongUsage(f"expected a day of {', '.join(DAYS)}, found {self.day!r}")
        if _AT.fullmatch(self.at) is None:
            raise WrongUsage(f"expected a time as HH:MM, from 00:00 to 23:59, found {self.at!r}")

    @property
    def crontab(self) -> str:
        """Minute, hour, day of month, month and day of week (crontab(5))."""
        hour, minute = int(self.at[:2]), int(self.at[3:])
        days = {"minutes": ("*/5 *", "* * *"), "hour": (f"{minute} *", "* * *"), "day": (f"{minute} {hour}", "* * *"),
                "week": (f"{minute} {hour}", f"* * {DAYS.index(self.day) + 1}"), "month": (f"{minute} {hour}", "1 * *")}  # fmt: skip
        return " ".join(days[self.every])

    @property
    def calendar(self) -> str:
        """As systemd.time(7) writes it."""
        days = {"minutes": "*-*-* *:00/5:00", "hour": f"*-*-* *:{self.at[3:]}:00", "day": f"*-*-* {self.at}:00",
                "week": f"{self.day} *-*-* {self.at}:00", "month": f"*-*-01 {self.at}:00"}  # fmt: skip
        return f"{days[self.every]} {ZONE}"


@dataclass(frozen=True)
class Place:
    """The installation whose jobs they are: its linked ``record`` and ``home``, the container ``image``, the folders of ``backups`` and of ``downtime``
    copies where it has them, and the ``seconds`` of its lease."""

    record: Path
    home: Path
    seconds: float
    image: str = "frailty-risk"
    backups: Path | None = None
    downtime: Path | None = None

    @property
    def program(self) -> str:
        return str(Path(sys.executable).parent / "frailty")


@dataclass(frozen=True)
class Job:
    """What is started: ``words`` after ``frailty``, as they are at a place; what it ``says`` of itself, what it is ``about``, and ``hours`` after which a
    scheduler may take it that it hangs."""

    name: str
    about: str
    says: str
    when: When
    hours: int
    words: Callable[[Place], tuple[str, ...]]


def _backups(place: Place) -> str:
    if place.backups is None:
        raise WrongUsage("expected a folder of backups for that: set `backups`, best on another machine's disk")
    return str(place.backups)


def _downtime(place: Place) -> str:
    if place.downtime is None:
        raise WrongUsage("expected a folder of downtime copies for that: --downtime DIR, one that practices can reach")
    return str(place.downtime)


JOBS: Mapping[str, Job] = {
    job.name: job
    for job in (
        Job("run", "Weekly run", LEASE, When("week", "05:00"), 12,
            lambda at: ("run", "--record", str(at.record), "--json")),
        Job("backup", "Nightly backup", "Before the weekly run, so that what it replaces can be had back. A second one beside it ends with exit code 4.",
            When("day", "02:00"), 12, lambda at: ("backup", "--out", _backups(at), "--record", str(at.record), "--json")),
        Job("drill", "Monthly drill", "The newest backup is restored into a scratch place, proved and removed; a failure is exit code 3 to 5, and must reach somebody.",
            When("month", "03:30"), 12, lambda at: ("restore", _backups(at), "--newest", "--drill", "--json")),
        Job("downtime", "Hourly downtime copy", "Sheets of whoever is told to be shown no more are made anew at once; this is for new runs, and for shares that were away.",
            When("hour", "00:10"), 1, lambda at: ("downtime-copy", "--out", _downtime(at), "--json")),
        Job("retention", "Daily removal of what is past its time", "Removes. `frailty retention` without --apply says what would go.",
            When("day", "04:00"), 6, lambda at: ("retention", "--apply", "--record", str(at.record), "--json")),
        Job("webhooks", "Telling of events", "Tells whoever has events to read, and tries again what was not taken in. A second one beside it sends nothing twice.",
            When("minutes", "00:00"), 1, lambda _: ("webhooks", "deliver", "--json")),
        Job("checkpoints", "Daily check of the audit against its checkpoints", "The service signs a checkpoint every minute, and every command one of its own; this checks the "
            "audit against all of them. Exit code 4: a row was changed, or lost.", When("day", "04:30"), 2, lambda _: ("audit", "verify", "--json")),
    )
}  # fmt: skip


def asked(place: Place, job: str, day: str | None, at: str | None) -> tuple[Job, ...]:
    """The job named, at another time where one is given; of ``all`` those for which the place has the folders. :class:`WrongUsage` where a day or time is
    none, there is no such job, or it needs a folder that nobody named."""
    if job == "all":
        if day or at:
            raise WrongUsage("expected --day and --at with one job, since each has a time of its own")
        return tuple(one for one in JOBS.values() if _has_folders(one, place))
    if job not in JOBS:
        raise WrongUsage(f"expected --job {', '.join(JOBS)} or all, found {job!r}")
    one = JOBS[job]
    one.words(place)
    return (replace(one, when=When(one.when.every, at or one.when.at, day or one.when.day)),)


def _has_folders(job: Job, place: Place) -> bool:
    try:
        job.words(place)
    except WrongUsage:
        return False
    return True


def of_installation(settings: Settings, record: Path, image: str, downtime: Path | None) -> Place:
    """The installation that the settings name."""
    folders = [None if one is None else one.absolute() for one in (settings.backups, downtime)]
    return Place(record.absolute(), settings.home.absolute(), settings.lease_seconds, image, *folders)
