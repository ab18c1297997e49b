"""Files of a backup, sealed: AES-256-GCM in blocks, under a key of the file's own, so that a block that is changed, moved or missing does not open."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from features.errors import BadInput
from risk.keys import Secret

BLOCK = 1 << 20
_TAG = 16


@dataclass(frozen=True)
class Sealed:
    """A file of a backup: ``bytes`` and ``sha256`` of what it holds, ``sealed_bytes`` and ``sealed_sha256`` of the file as it lies there. ``backup``
    is the earlier one that sealed it; empty: the one that it is in."""

    bytes: int
    sha256: str
    sealed_bytes: int
    sealed_sha256: str
    backup: str = ""


def seal(key: Secret, backup: str, name: str, source: Path, target: Path) -> Sealed:
    """Write ``source`` sealed to ``target``, readable by its owner alone; what both are."""
    cipher = _cipher(key, backup, name)
    plain, hidden, read, wrote, number = hashlib.sha256(), hashlib.sha256(), 0, 0, 0
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with source.open("rb") as file, target.open("xb") as out:
        target.chmod(0o600)
        block = file.read(BLOCK)
        while True:
            following = file.read(BLOCK)
            closed = cipher.encrypt(_nonce(number, last=not following), block, None)
            out.write(closed)
            plain.update(block)
            hidden.update(closed)
            read, wrote, number = read + len(block), wrote + len(closed), number + 1
            if not following:
                break
            block = following
    return Sealed(read, plain.hexdigest(), wrote, hidden.hexdigest())


def unseal(key: Secret, backup: str, name: str, source: Path, target: Path, expected: Sealed) -> None:
    """Write what ``source`` holds to ``target``; :class:`BadInput` where it is not as it was sealed."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with target.open("xb") as out:
        target.chmod(0o600)
        found = _opened(key, expected.backup or backup, name, source, out)
    if (found.bytes, found.sha256) != (expected.bytes, expected.sha256):
        raise BadInput(f"{name} of the backup is not what its manifest says; take an older backup")


def opened(key: Secret, backup: str, name: str, source: Path) -> Sealed:
    """What a sealed file is, found by opening it to nowhere; :class:`BadInput` where it does not open."""
    return _opened(key, backup, name, source, None)


def _opened(key: Secret, backup: str, name: str, source: Path, out: BinaryIO | None) -> Sealed:
    cipher = _cipher(key, backup, name)
    plain, hidden, wrote, read, number = hashlib.sha256(), hashlib.sha256(), 0, 0, 0
    try:
        with source.open("rb") as file:
            block = file.read(BLOCK + _TAG)
            while True:
                following = file.read(BLOCK + _TAG)
                held = cipher.decrypt(_nonce(number, last=not following), block, None)
                if out is not None:
                    out.write(held)
                plain.update(held)
                hidden.update(block)
                wrote, read, number = wrote + len(held), read + len(block), number + 1
                if not following:
                    break
                block = following
    except InvalidTag as error:
        raise BadInput(
            f"{name} of the backup does not open: it is not as it was sealed; take an older backup"
        ) from error
    return Sealed(wrote, plain.hexdigest(), read, hidden.hexdigest())


def lies_there(source: Path, name: str, expected: Sealed) -> None:
    """:class:`BadInput` unless the sealed file has the size and hash that the manifest says."""
    if not source.is_file():
        raise BadInput(f"{name} of the backup is missing; take an older backup")
    with source.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if (source.stat().st_size, found) != (expected.sealed_bytes, expected.sealed_sha256):
        raise BadInput(f"{name} of the backup is damaged: its size or SHA-256 is not as written; take an older backup")


def _cipher(key: Secret, backup: str, name: str) -> AESGCM:
    return AESGCM(key.derived(f"file {backup} {name}"))


def _nonce(number: int, *, last: bool) -> bytes:
    return bytes([last]) + number.to_bytes(11, "big")
