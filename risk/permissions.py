"""Under which rules a record is read: those of the area that the settings name."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from features.governance.choices import STAGES, USES, table
from features.governance.permissions import AreaPermissions, of_record, strictest
from features.governance.rules import INVENTED, AreaRules, load
from features.record.permission import FeedInfo
from features.record.reader import Record
from risk.settings import Settings
from risk.today import today


def permissions(settings: Settings, record: Path) -> AreaPermissions:
    """What may be read of ``record`` today. :class:`~features.errors.Refused` where the data is real and the area has no
    rules, :class:`~features.errors.BadInput` where they do not fit."""
    return of_record(record, settings.permissions_file, today(settings))


def sees_detail(settings: Settings, role: str | None) -> bool:
    """Whether a role sees what is sensitive rather than its domain alone: nobody does but whom the area's rules name."""
    file = settings.permissions_file
    return role is not None and file.is_file() and role in load(file).sensitive_detail_roles


def in_force(settings: Settings, record: Path | None) -> dict[str, Any]:
    """The rules that hold today, ready for JSON: the opt-out table, the bases, and what may be read of ``record``.

    Without a record: those of the file, or else what holds where nobody has decided anything.
    """
    day, file = today(settings), settings.permissions_file
    if record is not None:
        held = strictest(record, file, day)
        rules = held.rules
        with Record(record, purpose="ingest", permissions=held) as opened:
            feeds = [_feed(feed, held) for feed in opened.feeds()]
    else:
        rules, feeds = (load(file) if file.is_file() else AreaRules(controller="nobody has said")), []
    return {
        "rules": str(file) if file.is_file() else "what is shipped, the strictest" if rules is not INVENTED else "those of data about nobody",
        "controller": rules.controller,
        "today": str(day),
        "stages": list(STAGES),
        "opt_outs": opt_out_table(rules, day),
        "bases": [
            {"decision": basis.decision, "purposes": list(basis.purposes), "legal_basis": basis.legal_basis, "dpia": basis.dpia,
             "review": str(min(basis.review, basis.dpia_review)), "lapsed": basis.lapsed(day)}
            for basis in rules.basis
        ],
        "feeds": feeds,
    }  # fmt: skip


def opt_out_table(rules: AreaRules, day: date) -> list[dict[str, str]]:
    """One row an opt-out and purpose: at each stage ``applies``, or by whose decision it does not."""
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for cell in table(rules.lifted, day):
        row = rows.setdefault((cell.opt_out, cell.use), {"opt_out": cell.opt_out, "purpose": cell.use})
        row[cell.stage] = "applies" if cell.applies else f"does not: {cell.decision}"
    return list(rows.values())


def _feed(feed: FeedInfo, permitted: AreaPermissions) -> dict[str, Any]:
    refused = {use: permitted.refuses_feed(feed, use) for use in USES}
    return {"source": feed.source, "table": feed.table, "organisation": feed.organisation,
            "refused": {use: why for use, why in refused.items() if why}}  # fmt: skip
