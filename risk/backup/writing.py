"""The files of a backup that is being written: each sealed, or taken as an earlier backup in the same folder of backups sealed it.

A file of the linked record is written once and lies in every backup: where an earlier one holds it under the same name and hash it is linked, not sealed
again, so that a nightly backup of a large record costs what is new. A link is a name of its own: when the earlier backup is destroyed on its day,
the file stays for the later one and no longer. What a killed backup had sealed whole is taken likewise, once it opens.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from features.errors import BadInput
from risk.backup import kept, manifest
from risk.backup.sealing import Sealed, lies_there, opened, seal
from risk.keys import Secret

#: Of the linked record, within a backup.
RECORD = "record"
#: Of a file that is being sealed: a kill leaves it, and nothing takes it.
UNDERWAY = ".sealing"


def sealed_at(place: Path, name: str) -> Path:
    """Where a file of a backup lies."""
    return place / f"{name}.sealed"


@dataclass(frozen=True)
class Earlier:
    """A file of an earlier backup. ``said`` is None of a killed one, which has no manifest."""

    path: Path
    backup: str
    said: Sealed | None


def earlier(key: Secret, where: Path) -> dict[str, list[Earlier]]:
    """Files of the record in the backups of the folder ``where``, newest first, by name; of backups of another key none."""
    found: dict[str, list[Earlier]] = {}
    for place in reversed(kept.there(where)):
        try:
            made = manifest.read(place, key)
        except BadInput:
            continue
        for name, one in made.files.items():
            if name.startswith(f"{RECORD}/"):
                found.setdefault(name, []).append(Earlier(sealed_at(place, name), one.backup or made.backup, one))
    for place in kept.torn(where):
        for path in sorted((place / RECORD).rglob("*.sealed")):
            name = path.relative_to(place).as_posix().removesuffix(".sealed")
            found.setdefault(name, []).append(Earlier(path, kept.id_of(place), None))
    return found


def sweep(place: Path) -> None:
    """Remove what a killed backup left, but for what it had sealed of the record: that is taken by the next."""
    for path in place.iterdir():
        if path.name == RECORD:
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


class Writing:
    """A backup's files."""

    def __init__(self, key: Secret, backup_id: str, part: Path, where: Path) -> None:
        self._key, self._backup, self._part = key, backup_id, part
        self._earlier = earlier(key, where)
        self.files: dict[str, Sealed] = {}
        self.linked = 0

    def add(self, name: str, source: Path) -> Sealed:
        """Seal a file."""
        target = sealed_at(self._part, name)
        underway = target.with_name(target.name + UNDERWAY)
        self.files[name] = seal(self._key, self._backup, name, source, underway)
        os.rename(underway, target)
        return self.files[name]

    def take(self, name: str, source: Path, sha256: str) -> Sealed:
        """As :meth:`add`, of a file that is written once and whose hash is known: linked where an earlier backup holds it whole."""
        for one in self._earlier.get(name, ()):
            said = self._good(name, one, sha256)
            if said is not None and self._link(one.path, sealed_at(self._part, name)):
                self.files[name] = replace(said, backup=one.backup)
                self.linked += 1
                return self.files[name]
        return self.add(name, source)

    def drop(self, prefix: str) -> None:
        """Take back every file below a name."""
        for name in [name for name in self.files if name.startswith(prefix)]:
            self.linked -= bool(self.files.pop(name).backup)
            sealed_at(self._part, name).unlink()

    def _good(self, name: str, one: Earlier, sha256: str) -> Sealed | None:
        try:
            if one.said is None:
                said = opened(self._key, one.backup, name, one.path)
            else:
                said = one.said
                if said.sha256 == sha256:
                    lies_there(one.path, name, said)
        except (BadInput, OSError):
            return None
        return said if said.sha256 == sha256 else None

    def _link(self, source: Path, target: Path) -> bool:
        """Whether the file system has it under a second name now; not every one can."""
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            os.link(source, target)
        except OSError:
            return False
        return True
