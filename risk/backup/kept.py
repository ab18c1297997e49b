"""The folder of backups: which there are, and which are past their day. The day is read from a backup's name, so that one whose manifest cannot be
read is destroyed on its day too."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from features.errors import BadInput
from risk.backup.manifest import PART, PREFIX

_NAME = re.compile(rf"(?:{re.escape(PART)})?{PREFIX}(\d{{8}}T\d{{6}}Z)-until-(\d{{8}})-([0-9a-f]{{16}})")


def new_name(begun: datetime, days: int) -> tuple[str, str, date]:
    """The folder's name of a backup begun at a moment, its id, and the day on which its time is over."""
    expires = (begun.astimezone(UTC) + timedelta(days=days)).date()
    backup = secrets.token_hex(8)
    return f"{PREFIX}{begun.astimezone(UTC):%Y%m%dT%H%M%SZ}-until-{expires:%Y%m%d}-{backup}", backup, expires


def there(folder: Path | None) -> list[Path]:
    """The finished backups in a folder, oldest first."""
    return [path for path in _named(folder) if not path.name.startswith(PART)]


def newest(folder: Path) -> Path:
    """The newest finished backup in a folder; :class:`BadInput` where there is none."""
    found = there(folder)
    if not found:
        raise BadInput(
            f"expected a folder of backups, found none that is finished in {folder}; `frailty backup` makes one"
        )
    return max(found, key=begun)


def torn(folder: Path | None) -> list[Path]:
    """What backups left that were killed: none of them is one."""
    return [path for path in _named(folder) if path.name.startswith(PART)]


def id_of(place: Path) -> str:
    """The id of the backup in a folder, finished or not."""
    found = _NAME.fullmatch(place.name)
    return found[3] if found else ""


def expired(folder: Path | None, today: date) -> list[Path]:
    """Those whose day has come, the unfinished too."""
    return [path for path in _named(folder) if _day(path) <= today]


def begun(path: Path) -> datetime:
    """When a backup was begun, by its name."""
    return datetime.strptime(_match(path)[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def _named(folder: Path | None) -> list[Path]:
    if folder is None or not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.is_dir() and _NAME.fullmatch(path.name))


def _day(path: Path) -> date:
    return datetime.strptime(_match(path)[2], "%Y%m%d").replace(tzinfo=UTC).date()


def _match(path: Path) -> re.Match[str]:
    found = _NAME.fullmatch(path.name)
    assert found is not None
    return found
