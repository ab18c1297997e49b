"""The installation's own keys: of tokens, of opaque person ids, and of the audit. A file each, so that none opens two doors.

The command line makes what is missing; the service in production makes none, since a key that appears by itself would
hide that the right one was lost.
"""

from __future__ import annotations

import stat
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from features.errors import MissingPart, Refused
from features.linkage.sealing import LENGTH, make_key, write_key
from risk.settings import Settings

USES = ("token", "person", "audit")


class ExposedKey(Refused):
    """Others on the machine may read a key."""


@dataclass(frozen=True)
class Secret:
    """32 random bytes from which keys are derived, one a use (HKDF, RFC 5869). Its representation never shows them."""

    name: str
    value: bytes = field(repr=False)

    def derived(self, use: str, length: int = LENGTH) -> bytes:
        return HKDF(SHA256(), length, salt=None, info=f"frailty {self.name} {use}".encode()).derive(self.value)


@dataclass(frozen=True)
class Keys:
    """All of them."""

    token: Secret
    person: Secret
    audit: Secret


def held(settings: Settings, *, make: bool = False) -> Keys:
    """The keys in the settings' folder, made first where they are missing and ``make`` says so.

    :class:`MissingPart` where one is missing or is none, :class:`ExposedKey` where others may read or write it.
    """
    return Keys(**{use: _secret(settings.keys_folder / f"{use}.key", use, make) for use in USES})


def of_backups(settings: Settings, *, make: bool = False) -> Secret:
    """The key that backups are sealed with, made first where it is missing and ``make`` says so. No service needs it, and it is in no backup.

    :class:`MissingPart` where it is missing, :class:`ExposedKey` where others may read or write it.
    """
    path = settings.keys_folder / "backup.key"
    if not make and not path.exists():
        raise MissingPart(
            f"expected the key of backups in {path}, found none, and nothing is written unsealed; `frailty backup --new-key` makes one: keep a "
            "copy of the keys on another machine, since no backup holds them and without them none can be read"
        )
    return _secret(path, "backup", make)


def _secret(path: Path, use: str, make: bool) -> Secret:
    if make and not path.exists():
        try:
            write_key(path, make_key())
        except FileExistsError:
            pass  # another process was first: its key is the key
        except OSError as error:
            raise MissingPart(f"cannot write the {use} key to {path}: {error.strerror}; check FRAILTY_KEYS") from error
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        value = path.read_bytes()
    except OSError as error:
        raise MissingPart(
            f"expected the {use} key in {path}, could not read it; `frailty client add` makes the keys of a new "
            "installation, and those of an old one come from its backup"
        ) from error
    if mode & 0o077:
        raise ExposedKey(
            f"expected {path} to be readable by its owner alone (0600), found {mode:04o}; run chmod 600 on it"
        )
    if len(value) != LENGTH:
        raise MissingPart(f"expected a key of {LENGTH} bytes in {path}, found {len(value)}; restore it from its backup")
    return Secret(use, value)
