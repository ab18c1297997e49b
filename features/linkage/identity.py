"""The identity store: identifiers in, ``person_id`` out, given once and for ever.

It holds keyed tokens of identifiers (an NHS number, or a local id with the name of its source), each with the person whom
it stands for, and the identifier itself sealed, so that a new key can make new tokens while every ``person_id`` stays.
What is resolved belongs to the caller's transaction: :meth:`IdentityStore.commit` keeps it.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as arrow
import pyarrow.compute as pc

from features.linkage.forgotten import Forgotten
from features.linkage.held import Held, Original
from features.linkage.pile import Pile
from features.linkage.sealing import Key
from features.linkage.vault import Contents, Vault

#: Stands for no person in an array of ``person_id``.
NOBODY = 0

_Ids = np.ndarray


@dataclass(frozen=True)
class Link:
    """A row (``row``: its position among those resolved) carried both an NHS number and a local id that already stood for
    somebody else: two found to be one."""

    person_id: int
    other_person_id: int
    row: int


class IdentityStore:
    """Opened by :meth:`open`; a context that closes it and undoes what was not committed.

    ``store_id`` tells one identity store from another; ``row_salt`` makes row ids that nobody without it can guess.
    """

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._known: dict[str, int] = {}
        self.store_id, self.row_salt = vault.setting("store_id"), vault.setting("row_salt")
        self.held, self.pile, self.forgotten = Held(vault), Pile(vault), Forgotten(vault)

    @classmethod
    def open(cls, folder: Path, key_file: Path, *, wait: float = 30.0) -> IdentityStore:
        """The identity store in ``folder``, made with a new key in ``key_file`` where there is neither.

        :class:`~features.errors.MissingPart` where the store has lost its key or cannot be used;
        :class:`~features.linkage.sealing.WrongKey` where the two do not belong together, and
        :class:`~features.linkage.sealing.ExposedKey` where others may read the key. ``wait`` is how many seconds another
        writer is waited for.
        """
        return cls(Vault.open(Path(folder), Path(key_file), wait))

    def resolve(self, nhs: arrow.Array, source: str, local: arrow.Array) -> tuple[_Ids, list[Link]]:
        """``person_id`` (int64) of each row; people not met before are given one.

        ``nhs`` holds well-formed NHS numbers or nulls, ``local`` ids of ``source`` or nulls; a row with neither gets
        :data:`NOBODY`. An NHS number decides. A local id beside it stands for the same person from then on, unless it
        stood for somebody else already: then it goes on standing for them, and there is a :class:`Link`.
        """
        self._vault.begin()
        nhs_code, nhs_names = _coded(nhs, "nhs|")
        local_code, local_names = _coded(local, f"local|{source}|")
        owners = self._owners(nhs_names)
        unmet = self._find(local_names) == NOBODY
        met: dict[str, int] = {}
        for of_nhs, of_local in _pairs(nhs_code, local_code):
            if unmet[of_local]:
                met.setdefault(local_names[of_local], int(owners[of_nhs]))
        self._give(list(met), list(met.values()))
        locals_ = self._owners(local_names)
        person = np.full(len(nhs_code), NOBODY, dtype=np.int64)
        person[local_code >= 0] = locals_[local_code[local_code >= 0]]
        person[nhs_code >= 0] = owners[nhs_code[nhs_code >= 0]]
        both = np.flatnonzero((nhs_code >= 0) & (local_code >= 0))
        met_other = both[owners[nhs_code[both]] != locals_[local_code[both]]]
        links = [Link(int(person[row]), int(locals_[local_code[row]]), row) for row in met_other.tolist()]
        return person, links

    def find(self, nhs: arrow.Array, source: str, local: arrow.Array) -> _Ids:
        """``person_id`` of each row as :meth:`resolve` would give it, :data:`NOBODY` where it has not given one."""
        nhs_code, nhs_names = _coded(nhs, "nhs|")
        local_code, local_names = _coded(local, f"local|{source}|")
        by_nhs, by_local = np.append(self._find(nhs_names), NOBODY), np.append(self._find(local_names), NOBODY)
        return np.where(nhs_code >= 0, by_nhs[nhs_code], by_local[local_code])

    def forgets(self, nhs: arrow.Array, source: str, local: arrow.Array) -> npt.NDArray[np.bool_] | None:
        """Whether each row carries an identifier of somebody who was forgotten; None where nobody ever was."""
        if not self.forgotten.anybody:
            return None
        nhs_code, nhs_names = _coded(nhs, "nhs|")
        local_code, local_names = _coded(local, f"local|{source}|")
        by_nhs = np.array([*self.forgotten.among(nhs_names), False])
        by_local = np.array([*self.forgotten.among(local_names), False])
        return by_nhs[nhs_code] | by_local[local_code]

    def commit(self) -> None:
        """Keep what was resolved and held since the last commit."""
        if self._vault.connection.in_transaction:
            self._vault.connection.execute("COMMIT")

    def rollback(self) -> None:
        """Undo what was resolved and held since the last commit."""
        self._known.clear()
        if self._vault.connection.in_transaction:
            self._vault.connection.execute("ROLLBACK")

    def contents(self) -> Contents:
        """What the store holds, to be compared with what it holds later."""
        return self._vault.contents()

    def rotate(self, key: Key) -> None:
        """Make new tokens and seals with ``key``, which takes the old one's place in the key file."""
        self.rollback()
        self._vault.rotate(key)

    def expire(self, today: date) -> int:
        """Delete the originals of quarantined rows whose time is over; how many."""
        return self.held.expire(today)

    def originals(self, batch: str) -> list[Original]:
        """The quarantined rows of one ingest as they were read, for whoever may open this store."""
        return self.held.originals(batch)

    def close(self) -> None:
        self.rollback()
        self._vault.connection.close()

    def __enter__(self) -> IdentityStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _owners(self, names: Sequence[str]) -> _Ids:
        people = self._find(names)
        new = np.flatnonzero(people == NOBODY).tolist()
        if new:
            people[new] = self._new_people(len(new))
            self._give([names[i] for i in new], people[new].tolist())
        return people

    def _find(self, names: Sequence[str]) -> _Ids:
        unknown = [name for name in names if name not in self._known]
        if unknown:
            connection = self._vault.connection
            connection.execute("CREATE TEMP TABLE IF NOT EXISTS asked (position INTEGER PRIMARY KEY, token BLOB)")
            connection.executemany("INSERT INTO asked VALUES (?, ?)", enumerate(self._vault.tokens.of(unknown)))
            found = connection.execute("SELECT position, person_id FROM asked JOIN token USING (token)").fetchall()
            connection.execute("DELETE FROM asked")
            self._known.update((unknown[position], person) for position, person in found)
        return np.array([self._known.get(name, NOBODY) for name in names], dtype=np.int64)

    def _new_people(self, count: int) -> _Ids:
        while True:
            drawn = np.frombuffer(secrets.token_bytes(8 * count), dtype=np.int64) & np.int64(2**63 - 1)
            connection = self._vault.connection
            connection.execute("SAVEPOINT new_people")
            try:
                if (drawn == NOBODY).any():
                    continue
                connection.executemany("INSERT INTO person VALUES (?)", ((int(person),) for person in drawn))
                return drawn
            except sqlite3.IntegrityError:
                connection.execute("ROLLBACK TO new_people")
            finally:
                connection.execute("RELEASE new_people")

    def _give(self, names: Sequence[str], people: Sequence[int]) -> None:
        seal = self._vault.seal("identifier")
        self._vault.connection.executemany(
            "INSERT INTO token VALUES (?, ?, ?)",
            [
                (token, person, seal.close(name.encode()))
                for token, person, name in zip(self._vault.tokens.of(names), people, names, strict=True)
            ],
        )
        self._known.update(zip(names, people, strict=True))


def _coded(identifiers: arrow.Array, prefix: str) -> tuple[_Ids, list[str]]:
    """Position of each row's identifier among the distinct ones (-1: none), and those, named apart by ``prefix``."""
    chunk = identifiers.combine_chunks() if isinstance(identifiers, arrow.ChunkedArray) else identifiers
    encoded = chunk.cast(arrow.string()).dictionary_encode()
    code = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    return code, [prefix + text for text in encoded.dictionary.to_pylist()]


def _pairs(first: _Ids, second: _Ids) -> list[tuple[int, int]]:
    """Distinct (first, second) where both are there, in the order in which they are first met."""
    rows = np.flatnonzero((first >= 0) & (second >= 0))
    if not len(rows):
        return []
    width = int(second.max()) + 1
    _, where = np.unique(first[rows] * width + second[rows], return_index=True)
    met = rows[np.sort(where)]
    return list(zip(first[met].tolist(), second[met].tolist(), strict=True))
