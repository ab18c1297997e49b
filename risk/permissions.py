"""Under which rules a record is read: those of the area that the settings name."""

from __future__ import annotations

from pathlib import Path

from features.governance.permissions import AreaPermissions, of_record
from features.governance.rules import load
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
