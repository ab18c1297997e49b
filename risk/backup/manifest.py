"""What a backup says of itself: when it was begun and when its time is over, what is in it with sizes and hashes, and a seal over all of that.

It is written last, in a folder that takes its name in one rename: a folder without one, or with one that the key did not make, is no backup.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import orjson

from features.errors import BadInput
from risk.backup.sealing import Sealed
from risk.keys import Secret

NAME, FORMAT = "backup.json", 2
#: Formats that this version reads: 1 knew no record.
READ = (1, FORMAT)
#: Of a backup's folder, and of one that is being written.
PREFIX, PART = "backup-", ".part-"


@dataclass(frozen=True)
class Manifest:
    """``begun`` is when the database was read: what happened later is not in it. ``how`` says by what; ``rows`` are those of each table then, and
    ``newest`` the moment of the newest thing told in them. ``without_files`` are runs whose files had gone by then.
    ``forgotten``, ``told`` and ``checkpoints`` say what was in the journals and checkpoints that outlive it: a restore that finds less lost them."""

    backup: str
    begun: datetime
    ended: datetime
    expires: date
    version: str
    database: str
    how: str
    schema: str
    current_run: int | None
    runs: tuple[int, ...]
    without_files: tuple[int, ...]
    rows: Mapping[str, int]
    newest: datetime | None
    forgotten: int
    told: bool
    checkpoints: int
    files: Mapping[str, Sealed] = field(default_factory=dict)
    #: Of the linked record (:func:`risk.backup.of_record.add`); None: it is not in the backup.
    record: Mapping[str, Any] | None = None

    def write(self, folder: Path, key: Secret) -> None:
        said = _plain(asdict(self))
        (folder / NAME).write_bytes(
            orjson.dumps({"format": FORMAT, "says": said, "seal": _seal(key, said)}, option=orjson.OPT_INDENT_2)
        )
        (folder / NAME).chmod(0o600)


def read(folder: Path, key: Secret) -> Manifest:
    """The manifest of the backup in ``folder``; :class:`BadInput` where it is none, or another key's."""
    try:
        written = orjson.loads((folder / NAME).read_bytes())
        said, seal = written["says"], written["seal"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput(
            f"expected a backup in {folder}, found no {NAME} that can be read: it is none, or was not finished; `frailty backup` "
            "prints the folder that it wrote"
        ) from error
    if written.get("format") not in READ:
        raise BadInput(
            f"expected a backup of format {FORMAT} or before, found {written.get('format')}; use the version that wrote it"
        )
    if not hmac.compare_digest(_seal(key, said), str(seal)):
        raise BadInput(
            f"the manifest in {folder} is not as the backup key sealed it: it was changed, or another installation's key made it; "
            "give the backup.key that was in force"
        )
    moments = {name: datetime.fromisoformat(said[name]) for name in ("begun", "ended")}
    newest = said["newest"]
    return Manifest(**{
        **said, **moments, "expires": date.fromisoformat(said["expires"]), "runs": tuple(said["runs"]),
        "without_files": tuple(said["without_files"]), "newest": None if newest is None else datetime.fromisoformat(newest),
        "files": {name: Sealed(**one) for name, one in said["files"].items()},
    })  # fmt: skip


def _plain(said: Any) -> Any:
    plain: Any = orjson.loads(orjson.dumps(said))
    return plain


def _seal(key: Secret, said: Any) -> str:
    return hmac.digest(key.derived("manifest"), orjson.dumps(said, option=orjson.OPT_SORT_KEYS), "sha256").hex()
