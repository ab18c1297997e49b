"""The ledger of people who were forgotten: what was begun, for whom (``person_id`` alone), on what ground, and what was done.

It lies in a folder of its own, is only added to, and goes into no backup: after a restore it says who must be forgotten again.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import orjson

from features.errors import BadInput, MissingPart, Refused

FILE = "forgotten.jsonl"
Ground = Literal["objection", "erasure", "error"]
GROUNDS: dict[str, str] = {
    "objection": "the person objects (UK GDPR article 21)",
    "erasure": "the person asks for erasure and it was granted (UK GDPR article 17)",
    "error": "the data is not this person's, or should never have been taken in (UK GDPR articles 5(1)(d) and 16)",
}
#: Grounds on which somebody is not to come back with the next extract.
KEPT_AWAY = ("objection", "erasure")


@dataclass(frozen=True)
class Entry:
    """One forgetting. ``records`` are the folders of records that were searched, ``models`` those that learned from the people."""

    forgetting: str
    ground: Ground
    people: tuple[int, ...]
    records: tuple[str, ...]
    by: str
    begun: str
    models: tuple[dict[str, Any], ...] = ()

    @classmethod
    def of(cls, said: dict[str, Any]) -> Entry:
        return cls(said["forgetting"], said["ground"], tuple(said["people"]), tuple(said["records"]), said["by"], said["begun"],
                   tuple(said["models"]))  # fmt: skip


class ForgottenLedger:
    """The ledger in a folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the ledger for one forgetting; :class:`Refused` while another has it."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with (self.path.parent / ".lock").open("w") as lock:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError as error:
                    raise Refused("somebody is being forgotten already; wait for it to end") from error
                yield
        except OSError as error:
            raise MissingPart(f"the ledger in {self.path.parent} cannot be used; check FRAILTY_FORGOTTEN") from error

    def begin(self, entry: Entry) -> None:
        """On disk when this returns: whatever happens next, it is known that the forgetting was begun."""
        self._add({"is": "begun", **asdict(entry)})

    def done(self, forgetting: str, proof: dict[str, Any]) -> None:
        at = datetime.now(UTC).isoformat(timespec="seconds")
        self._add({"is": "done", "forgetting": forgetting, "at": at, "removed": proof["removed"]})

    def entries(self) -> list[Entry]:
        """Every forgetting, in order."""
        return [Entry.of(said) for said in self._lines() if said["is"] == "begun"]

    def ended(self) -> dict[str, datetime]:
        """When each forgetting that was finished was finished last."""
        return {
            said["forgetting"]: datetime.fromisoformat(said["at"]) for said in self._lines() if said["is"] == "done"
        }

    def unfinished(self) -> list[Entry]:
        """Forgettings that were begun and not finished."""
        done = {said["forgetting"] for said in self._lines() if said["is"] == "done"}
        return [entry for entry in self.entries() if entry.forgetting not in done]

    def _lines(self) -> list[dict[str, Any]]:
        """What was written whole; a last line without its end was cut off by a crash, before anything was done."""
        if not self.path.is_file():
            return []
        try:
            return [orjson.loads(line) for line in self.path.read_bytes().split(b"\n")[:-1]]
        except orjson.JSONDecodeError as error:
            raise BadInput(
                f"{self.path} is not as it was written, and says who must be forgotten: restore it"
            ) from error

    def _add(self, said: dict[str, Any]) -> None:
        with open(self.path, "a+b", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.seek(0)
            file.truncate(file.read().rfind(b"\n") + 1)
            file.write(orjson.dumps(said) + b"\n")
            file.flush()
            os.fsync(file.fileno())
