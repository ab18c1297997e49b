"""Signed checkpoints of the audit, kept outside its database: how far it had come, and what its last hash was.

A line each in a file that is only added to. Every line is signed with Ed25519 (RFC 8032) over itself and the signature of
the line before it, so that lines cannot be changed, moved or taken from the middle. Kept on another machine's disk, they
also bind whoever holds the database.
"""

from __future__ import annotations

import fcntl
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from features.errors import MissingPart
from risk.keys import Secret

FILE = "checkpoints.jsonl"
#: Bytes from the end of the file within which its last lines lie.
TAIL = 4096


@dataclass(frozen=True)
class Checkpoint:
    """The audit had ``seq`` rows at ``at``, the last with this hash (hexadecimal)."""

    seq: int
    hash: str
    at: str


class Checkpoints:
    """The file of checkpoints in a folder, and the key that signs them."""

    def __init__(self, folder: Path, key: Secret) -> None:
        self.path = folder / FILE
        self._signer = Ed25519PrivateKey.from_private_bytes(key.derived("checkpoint"))

    def add(self, seq: int, last_hash: bytes) -> bool:
        """Add a checkpoint unless the last one says the same; whether one was added. On disk when this returns."""
        return self._write(seq, last_hash, only_newer=True)

    def _write(self, seq: int, last_hash: bytes, *, only_newer: bool) -> bool:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with open(self.path, "a+b", opener=_private) as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                before, torn = _last(file)
                if only_newer and before["seq"] >= seq:
                    return False
                said = {"seq": seq, "hash": last_hash.hex(), "at": datetime.now(UTC).isoformat(timespec="seconds"),
                        "before": before["signature"]}  # fmt: skip
                line = orjson.dumps({**said, "signature": self._signer.sign(_signed(said)).hex()})
                file.write(b"\n" * torn + line + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise MissingPart(f"cannot add an audit checkpoint to {self.path}; check FRAILTY_CHECKPOINTS") from error
        return True

    def rewind(self, seq: int, last_hash: bytes) -> None:
        """Say that the audit has ``seq`` rows again, the last with this hash: it was restored from a backup. Those signed before stay in the file."""
        self._write(seq, last_hash, only_newer=False)

    def read(self) -> tuple[list[Checkpoint], list[str]]:
        """The checkpoints that are as they were signed, oldest first, without those of rows that a restore did not bring back; and what is wrong with
        the others, in sentences."""
        good, _, faults = self._walked()
        return good, faults

    def rewinds(self) -> list[tuple[int, int]]:
        """(rows restored, rows there had been) of every restore that took the audit back."""
        return self._walked()[1]

    def _walked(self) -> tuple[list[Checkpoint], list[tuple[int, int]], list[str]]:
        if not self.path.is_file():
            return [], [], []
        good: list[Checkpoint] = []
        rewinds: list[tuple[int, int]] = []
        faults: list[str] = []
        before = ""
        for number, line in enumerate(self.path.read_bytes().splitlines(), 1):
            said = _parsed(line)
            if said is None or not self._is_ours(said):
                faults.append(f"checkpoint {number} is not one that this installation signed")
                continue
            if said["before"] != before:
                faults.append(f"checkpoint {number} does not follow the one before it: lines were removed or moved")
            before = said["signature"]
            if good and said["seq"] < good[-1].seq:
                rewinds.append((said["seq"], good[-1].seq))
                good = [one for one in good if one.seq < said["seq"]]
            good.append(Checkpoint(said["seq"], said["hash"], said["at"]))
        return good, rewinds, faults

    def _is_ours(self, said: dict[str, Any]) -> bool:
        try:
            self._signer.public_key().verify(bytes.fromhex(said["signature"]), _signed(said))
        except (InvalidSignature, ValueError):
            return False
        return True


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _last(file: BinaryIO) -> tuple[dict[str, Any], bool]:
    """The newest line that can be read, and whether what follows it was cut short by a crash."""
    end = file.seek(0, os.SEEK_END)
    file.seek(max(0, end - TAIL))
    tail = file.read()
    lines = [said for line in tail.splitlines() if (said := _parsed(line)) is not None]
    return (lines[-1] if lines else {"signature": "", "seq": 0}), bool(tail) and not tail.endswith(b"\n")


def _signed(said: dict[str, Any]) -> bytes:
    return orjson.dumps([said["seq"], said["hash"], said["at"], said["before"]])


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        said = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    names = {"seq", "hash", "at", "before", "signature"}
    return said if isinstance(said, dict) and set(said) == names and isinstance(said["seq"], int) else None
