"""How long each kind of thing is kept, as settings. Why, and what removes it: :mod:`risk.retention`."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings


class Periods(BaseSettings):
    """Days, but for runs that are counted."""

    backups_days: int = Field(
        35, ge=1, description="days after which a backup is destroyed; said in the proof of a forgetting"
    )
    raw_extract_days: int = Field(
        30, ge=1, description="days for which extracts as they were sent are kept in `extracts`"
    )
    quarantine_days: int = Field(
        90, ge=1, le=90, description="days for which originals of quarantined rows are kept, sealed"
    )
    run_days: int = Field(730, ge=400, description="days for which a run's rows about people are kept")
    full_score_runs: int = Field(
        8,
        ge=2,
        description="newest runs of which everybody's reasons, predictor values and flags are kept; of older ones the lists, with their reasons, and "
        "everybody's scores and ranks",
    )
    decision_days: int = Field(2920, ge=365, description="days for which what was decided of people is kept")
    identity_days: int = Field(
        2920, ge=365, description="days for which identifiers are kept of people without rows in any record"
    )
    audit_days: int = Field(2920, ge=2190, description="days for which the audit is kept")
    event_days: int = Field(
        90, ge=14, description="days for which events that clients are told of are kept, whether they were read or not"
    )
    log_days: int = Field(180, ge=1, description="days for which log files are kept in `logs`")
