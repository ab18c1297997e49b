"""The store's tables, one module a subject. Every relationship has ``valid_from`` and ``valid_to``: in force on days
``valid_from <= day < valid_to``, an empty end being open."""

from __future__ import annotations

from risk.store.tables.audit import audit_event, audit_text
from risk.store.tables.baselines import baseline, baseline_practice
from risk.store.tables.break_glass import break_glass
from risk.store.tables.choice import run_amendment, run_tombstone
from risk.store.tables.columns import metadata
from risk.store.tables.criteria import criterion_entry, run_criterion
from risk.store.tables.events import event_mark, in_hospital, in_hospital_reach, listed_event
from risk.store.tables.frailty import frailty_entry, frailty_proposal, frailty_text
from risk.store.tables.holdouts import holdout
from risk.store.tables.hook_tokens import hook_token
from risk.store.tables.hospital_at_home import hospital_at_home
from risk.store.tables.leasing import lease
from risk.store.tables.meeting import meeting_entry, meeting_text
from risk.store.tables.organisations import (
    api_client,
    app_user,
    client_grant,
    organisation,
    organisation_part,
    team,
    team_cover,
    user_role,
)
from risk.store.tables.outbox import outbox, withdrawal
from risk.store.tables.outcomes import person_outcome, run_outcome
from risk.store.tables.overlay import overlay
from risk.store.tables.releases import model_release
from risk.store.tables.retention import without_rows
from risk.store.tables.runs import list_entry, person_score, run, run_pointer, run_practice, run_wider
from risk.store.tables.sessions import web_session
from risk.store.tables.timeline import list_timeline
from risk.store.tables.webhooks import webhook, webhook_message

__all__ = [
    "api_client",
    "app_user",
    "audit_event",
    "audit_text",
    "baseline",
    "baseline_practice",
    "break_glass",
    "client_grant",
    "criterion_entry",
    "event_mark",
    "frailty_entry",
    "frailty_proposal",
    "frailty_text",
    "holdout",
    "hook_token",
    "hospital_at_home",
    "in_hospital",
    "in_hospital_reach",
    "lease",
    "list_entry",
    "list_timeline",
    "listed_event",
    "meeting_entry",
    "meeting_text",
    "metadata",
    "model_release",
    "organisation",
    "organisation_part",
    "outbox",
    "overlay",
    "person_outcome",
    "person_score",
    "run",
    "run_amendment",
    "run_criterion",
    "run_outcome",
    "run_pointer",
    "run_practice",
    "run_tombstone",
    "run_wider",
    "team",
    "team_cover",
    "user_role",
    "web_session",
    "webhook",
    "webhook_message",
    "withdrawal",
    "without_rows",
]
