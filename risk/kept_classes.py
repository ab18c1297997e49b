"""Classes of things that are kept: what each is, the setting that says for how long, and the reason for the default."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kept:
    """A class of things. ``days`` is the setting."""

    name: str
    days: str
    what: str
    why: str


CLASSES = (
    Kept("raw_extracts", "raw_extract_days", "files of extracts in the folder of the setting `extracts`",
         "long enough to take one in again after a fault; the record holds what was taken in"),
    Kept("quarantine", "quarantine_days", "originals of quarantined rows, sealed in the identity store",
         "long enough for a sender to put right what they sent"),
    Kept("runs", "run_days", "folders of runs, and their rows in the store",
         "two years of lists, for evaluation of a one-year outcome; the live run and the one before are kept whatever their age"),
    Kept("full_scores", "full_score_runs", "everybody's reasons, predictor values and flags in the folders of runs: of so many runs, and not days",
         "two months of weekly runs, for questions about somebody who is on no list; lists keep their reasons, and everybody's scores and ranks stay with the run"),
    Kept("decisions", "decision_days", "what was decided of people at meetings, and the words beside it",
         "eight years, as adult health records, from the day on which anything was last written of the person; a history goes whole or stays whole"),
    Kept("frailty_register", "decision_days", "what clinicians answered on the frailty register, and the words beside it",
         "as what meetings decided: eight years from the day on which anything was last written of the person"),
    Kept("identity", "identity_days", "tokens and sealed identifiers of people without rows in any record of `--record`",
         "eight years, as adult health records, from the day on which this command first found them in none; while a record holds them, they stay"),
    Kept("audit", "audit_days", "the audit of who asked what about whom",
         "eight years, as adult health records; its oldest rows go, up to one that a checkpoint signed, and a row of the chain says so first"),
    Kept("break_glass", "audit_days", "openings of people outside a relationship that were signed off",
         "as the audit, which holds the reason beside its row; one that nobody signed off stays"),
    Kept("events", "event_days", "events that clients are told of",
         "a quarter: a client that did not ask for so long is told so, and reads the lists anew"),
    Kept("backups", "backups_days", "backups in the folder of the setting `backups`",
         "five weeks: long enough for a fault that nobody saw at once, and short, since whoever is forgotten stays in them until then"),
    Kept("sessions", "log_days", "sessions of people who logged in to the pages",
         "as logs: long enough to look into a misuse; an ended session opens nothing, and what was done in it is in the audit"),
    Kept("logs", "log_days", "log files in the folder of the setting `logs`",
         "long enough to look into a fault; they hold nobody's data"),
)  # fmt: skip
