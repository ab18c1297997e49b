"""The identity store's key, and what is done with it: tokens that cannot be turned back, and seals that can.

One secret of 32 random bytes lives in a file of its own. Each use has its own key, derived from the secret by HKDF
(RFC 5869), so no key does two jobs.
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from hmac import digest
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from features.errors import MissingPart, Refused

LENGTH = 32
_NONCE = 12


class WrongKey(Refused):
    """The key does not open what the identity store holds."""


class ExposedKey(Refused):
    """Others on the machine may read the key."""


@dataclass(frozen=True)
class Key:
    """The identity store's secret. Its representation never shows it."""

    secret: bytes = field(repr=False)

    def derived(self, use: str) -> bytes:
        """A key for one use, of 32 bytes."""
        return HKDF(SHA256(), LENGTH, salt=None, info=f"frailty identity {use}".encode()).derive(self.secret)


class Seal:
    """AES-256-GCM with a fresh nonce for each message. What is sealed for one ``use`` opens for that use alone."""

    def __init__(self, key: Key, use: str) -> None:
        self._cipher = AESGCM(key.derived(f"seal {use}"))

    def close(self, plain: bytes) -> bytes:
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._cipher.encrypt(nonce, plain, None)

    def open(self, sealed: bytes) -> bytes:
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], None)
        except InvalidTag as error:
            raise WrongKey(
                "the identity key does not open this identity store; give the key file that was made with it"
            ) from error


class Tokens:
    """Keyed HMAC-SHA-256 of an identifier: equal identifiers give equal tokens, and without the key none can be made."""

    def __init__(self, key: Key) -> None:
        self._key = key.derived("token")

    def of(self, identifiers: Iterable[str]) -> list[bytes]:
        key = self._key
        return [digest(key, text.encode(), "sha256") for text in identifiers]


def make_key() -> Key:
    return Key(secrets.token_bytes(LENGTH))


def write_key(path: Path, key: Key) -> None:
    """Write a new key file, readable by its owner alone, in one step; :class:`FileExistsError` where there is one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(key.secret)
            file.flush()
            os.fsync(file.fileno())
        os.link(part, path)
    finally:
        part.unlink()


def read_key(path: Path) -> Key:
    """The key in ``path``. :class:`MissingPart` where there is none or it is not one, :class:`ExposedKey` where the
    group or everyone may read or write it."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        secret = path.read_bytes()
    except OSError as error:
        raise MissingPart(
            f"expected the identity key in {path}, could not read it; restore it from its backup"
        ) from error
    if mode & 0o077:
        raise ExposedKey(
            f"expected {path} to be readable by its owner alone (0600), found {mode:04o}; run chmod 600 on it"
        )
    if len(secret) != LENGTH:
        raise MissingPart(
            f"expected a key of {LENGTH} bytes in {path}, found {len(secret)}; restore it from its backup"
        )
    return Key(secret)
