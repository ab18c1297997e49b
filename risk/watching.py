"""What is watched of an installation: how old its run, feeds and backups are, what is left undone, and whether audit and lease are as they should be.

Each is a number of the whole installation. Nothing here names a person, a client or a practice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from features.errors import FrailtyError
from risk import keys, staleness
from risk.backup import kept
from risk.checkpoints import Checkpoints
from risk.decisions.meeting import meeting
from risk.decisions.metrics import metrics
from risk.run import folder
from risk.settings import Settings
from risk.store import Store, Unreachable
from risk.today import today

#: What of each meeting is added up.
COUNTED = {
    "actions_open": "Open actions of people on the current lists",
    "actions_late": "Open actions whose day is over",
    "not_reviewed": "People on the current lists about whom nothing was decided",
    "overdue": "People on the current lists whose review day has come, or of whom an action is late",
}


@dataclass(frozen=True)
class Gauge:
    """A number, or one for each value of ``label``: a table, a stage or a band."""

    name: str
    says: str
    values: Mapping[str, float]
    label: str | None = None


def gauges(settings: Settings, store: Store) -> list[Gauge]:
    """All of them. What cannot be read is counted as a fault, and hides nothing else; :class:`risk.store.Unreachable` where the store does not answer."""
    run = store.current_run()
    found = [
        _one(
            "frailty_run_current",
            "Number of the published run; 0 where there is none",
            0 if run is None else run["number"],
        )
    ]
    groups: dict[str, Callable[[], list[Gauge]]] = {
        "audit": lambda: _audit(settings, store),
        "lease": lambda: _lease(store),
        "backups": lambda: _backups(settings),
    }
    if run is not None:
        groups |= {"run": lambda: _of_run(settings, run), "meetings": lambda: _undone(store, run, today(settings))}
    faults = dict.fromkeys(groups, 0.0)
    for name, read in groups.items():
        try:
            found += read()
        except Unreachable:
            raise
        except Exception:
            faults[name] = 1.0
    return [*found, Gauge("frailty_watch_faults", "1 where what is watched could not be read", faults, "what")]


def _of_run(settings: Settings, run: Mapping[str, Any]) -> list[Gauge]:
    age, day, counts = staleness.now(settings, run), today(settings), run["counts"] or {}
    feeds = {str(table): _days(day, feed.get("received")) for table, feed in (run["feeds"] or {}).items()}
    found = [
        _one("frailty_run_age_seconds", "Since the current run was begun", (datetime.now(UTC) - run["started_at"]).total_seconds()),
        _one("frailty_run_data_age_days", "Of the current run's newest data", age.age_days),
        _one("frailty_run_stale", "1 where the current run's data are older than the area allows", age.stale),
        _one("frailty_run_expired", "1 where the current lists' last valid day is over", age.expired),
        Gauge("frailty_feed_age_days", "Since the newest delivery of a table, as the current run saw it",
              {table: days for table, days in feeds.items() if days is not None}, "table"),
        Gauge("frailty_run_people", "People of the current run, by band", {str(band): people for band, people in counts.get("bands", {}).items()}, "band"),
    ]  # fmt: skip
    try:
        seconds = folder.manifest(settings.runs, run["number"]).get("seconds", {})
    except FrailtyError:
        seconds = {}
    return [*found, Gauge("frailty_run_stage_seconds", "Seconds of each stage of the current run", seconds, "stage")]


def _undone(store: Store, run: dict[str, Any], day: date) -> list[Gauge]:
    totals = dict.fromkeys(COUNTED, 0)
    for row in store.practices(run["number"]):
        counted = metrics(meeting(store, run, row["practice"], row["scheme"], day), day)
        totals = {name: totals[name] + counted[name] for name in COUNTED}
    return [_one(f"frailty_{name}", says, totals[name]) for name, says in COUNTED.items()]


def _audit(settings: Settings, store: Store) -> list[Gauge]:
    head = store.audit_head()
    signed, faults = Checkpoints(settings.checkpoints_folder, keys.held(settings).audit).read()
    last = signed[-1].seq if signed else 0
    return [
        _one("frailty_audit_rows", "Number of the audit's last row", head[0] if head else 0),
        _one("frailty_audit_unsigned_rows", "Rows after the last signed checkpoint", max(0, (head[0] if head else 0) - last)),
        _one("frailty_audit_checkpoint_faults", "Checkpoints that are not as they were signed", len(faults)),
    ]  # fmt: skip


def _lease(store: Store) -> list[Gauge]:
    held = store.lease()
    return [
        _one("frailty_lease_held", "1 while a run holds the lease", held is not None and held.holder is not None),
        _one("frailty_lease_fence", "How often the lease of runs was taken", held.fence if held else 0),
        _one("frailty_lease_beat", "Signs of life of its holder; one that stands still while the lease is held is dead", held.beat if held else 0),
    ]  # fmt: skip


def _backups(settings: Settings) -> list[Gauge]:
    there = kept.there(settings.backups)
    if not there:
        return []
    age = datetime.now(UTC) - max(kept.begun(path) for path in there)
    return [
        _one(
            "frailty_backup_age_seconds",
            "Since the newest backup in the folder of backups was begun",
            age.total_seconds(),
        )
    ]


def _one(name: str, says: str, value: float) -> Gauge:
    return Gauge(name, says, {"": float(value)})


def _days(day: date, received: Any) -> float | None:
    return None if received is None else float(max(0, (day - date.fromisoformat(str(received)[:10])).days))
