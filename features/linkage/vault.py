"""The identity store's file: its tables, its key, and the moving of everything in it to a new key.

A rotation is one transaction. The new key is on disk beside the old one before it begins and takes its place after it
ends, so a crash at any point leaves a key that opens the file; the next opening finishes the change.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import uuid
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from features.errors import MissingPart, Refused
from features.linkage.sealing import Key, Seal, Tokens, WrongKey, make_key, read_key, write_key

FILE = "identity.db"
#: Tokens of people who were forgotten, and the use of the seal on them.
FORGOTTEN = "forgotten"

_SCHEMA = """
PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, sealed BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS person (person_id INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS token (
    token BLOB PRIMARY KEY, person_id INTEGER NOT NULL REFERENCES person, sealed BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS held_apart (
    token BLOB PRIMARY KEY, person_id INTEGER NOT NULL REFERENCES person, sealed BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS forgotten (
    token BLOB PRIMARY KEY, person_id INTEGER NOT NULL, sealed BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS original (
    batch TEXT NOT NULL, file TEXT NOT NULL, table_name TEXT NOT NULL, row INTEGER NOT NULL, expires TEXT NOT NULL,
    sealed BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS original_expires ON original (expires);
CREATE TABLE IF NOT EXISTS candidate (
    other_person_id INTEGER NOT NULL REFERENCES person, person_id INTEGER NOT NULL REFERENCES person,
    probability REAL NOT NULL, standing TEXT NOT NULL, why TEXT NOT NULL, agreement TEXT NOT NULL, on_day TEXT NOT NULL,
    PRIMARY KEY (other_person_id, person_id)) WITHOUT ROWID;
"""

#: Each table whose rows are tokens of what they hold sealed, and what the seal is for.
TOKENED = {"token": "identifier", "held_apart": "held apart", FORGOTTEN: FORGOTTEN}


#: Tables that a rotation leaves as they are: they hold nothing sealed.
OPEN = ("person", "candidate")


@dataclass(frozen=True)
class Contents:
    """What a store holds: its ``tokens``, how many ``people``, and the hash of everything that it ``says``, opened."""

    tokens: frozenset[bytes]
    people: int
    says: str


class IdentityStoreBusy(Refused):
    """Another process writes to the identity store."""


class Vault:
    """The open file with its key. ``begin`` starts a transaction where none is open."""

    def __init__(self, connection: sqlite3.Connection, key: Key, key_file: Path) -> None:
        self.connection, self.key_file = connection, key_file
        self._use(key)

    @classmethod
    def open(cls, folder: Path, key_file: Path, wait: float) -> Vault:
        """The file in ``folder``, made with a new key where there is neither."""
        path = folder / FILE
        try:
            if not key_file.exists() and not path.exists():
                with suppress(FileExistsError):
                    write_key(key_file, make_key())
            key = read_key(key_file)
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            folder.chmod(0o700)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            connection = sqlite3.connect(path, timeout=wait, isolation_level=None)
            connection.executescript(_SCHEMA)
            vault = cls(connection, key, key_file)
            vault._settle()
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise _busy() from error
            raise _unusable(folder, error) from error
        except (OSError, sqlite3.Error) as error:
            raise _unusable(folder, error) from error
        return vault

    def begin(self) -> None:
        """:class:`IdentityStoreBusy` where another process holds the file for longer than is waited."""
        if not self.connection.in_transaction:
            try:
                self.connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                raise _busy() from error

    def seal(self, use: str) -> Seal:
        return self._seals.setdefault(use, Seal(self._key, use))

    def setting(self, name: str) -> str:
        """A random text of the store's own, made at first use, that no rotation changes."""
        row = self.connection.execute("SELECT sealed FROM setting WHERE name = ?", (name,)).fetchone()
        if row is None:
            with self.connection:
                self.begin()
                self.connection.execute(
                    "INSERT OR IGNORE INTO setting VALUES (?, ?)",
                    (name, self.seal("setting").close(uuid.uuid4().bytes)),
                )
            return self.setting(name)
        return self.seal("setting").open(row[0]).hex()

    def contents(self) -> Contents:
        """What is committed, read with the key of now: a rotation changes every token and nothing that is said."""
        lines: list[bytes] = []

        def line(*said: object) -> None:
            lines.append(hashlib.sha256(repr(said).encode()).digest())

        tokens = set()
        for table, use in TOKENED.items():
            for token, person, sealed in self.connection.execute(f"SELECT token, person_id, sealed FROM {table}"):
                tokens.add(bytes(token))
                line(table, person, self.seal(use).open(sealed))
        for name, sealed in self.connection.execute("SELECT name, sealed FROM setting"):
            line("setting", name, self.seal("setting").open(sealed))
        for *where, sealed in self.connection.execute(
            "SELECT batch, file, table_name, row, expires, sealed FROM original"
        ):
            line("original", where, self.seal("original").open(sealed))
        for table in OPEN:
            for row in self.connection.execute(f"SELECT * FROM {table}"):
                line(table, row)
        ((people,),) = self.connection.execute("SELECT count(*) FROM person").fetchall()
        return Contents(frozenset(tokens), people, hashlib.sha256(b"".join(sorted(lines))).hexdigest())

    def rotate(self, key: Key) -> None:
        """Make everything over to ``key``, and put it into the key file. No ``person_id`` changes."""
        next_file = _next(self.key_file)
        next_file.unlink(missing_ok=True)
        write_key(next_file, key)
        with self.connection:
            self.begin()
            tokens = Tokens(key)
            for table, use in TOKENED.items():
                old, new = self.seal(use), Seal(key, use)
                rows = self.connection.execute(f"SELECT person_id, sealed FROM {table}").fetchall()
                plain = [(person, old.open(sealed)) for person, sealed in rows]
                made = tokens.of(text.decode() for _, text in plain)
                self.connection.execute(f"DELETE FROM {table}")
                self.connection.executemany(
                    f"INSERT INTO {table} (token, person_id, sealed) VALUES (?, ?, ?)",
                    [(token, person, new.close(text)) for token, (person, text) in zip(made, plain, strict=True)],
                )
            for table, use in (("setting", "setting"), ("original", "original")):
                keyed = "name" if table == "setting" else "rowid"
                old, new = self.seal(use), Seal(key, use)
                held = self.connection.execute(f"SELECT {keyed}, sealed FROM {table}").fetchall()
                self.connection.executemany(
                    f"UPDATE {table} SET sealed = ? WHERE {keyed} = ?", [(new.close(old.open(s)), k) for k, s in held]
                )
        os.replace(next_file, self.key_file)
        self._use(key)
        self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _use(self, key: Key) -> None:
        self._key = key
        self._seals: dict[str, Seal] = {}
        self.tokens = Tokens(key)

    def _settle(self) -> None:
        """Finish a rotation that a crash cut short: whichever key opens the file is its key."""
        next_file = _next(self.key_file)
        try:
            self.setting("store_id")
            next_file.unlink(missing_ok=True)
        except WrongKey:
            if not next_file.exists():
                raise
            self._use(read_key(next_file))
            self.setting("store_id")
            os.replace(next_file, self.key_file)


def _next(key_file: Path) -> Path:
    return key_file.with_name(f"{key_file.name}.next")


def _busy() -> IdentityStoreBusy:
    return IdentityStoreBusy("another process is writing to the identity store; wait for it to end")


def _unusable(folder: Path, error: Exception) -> MissingPart:
    return MissingPart(
        f"the identity store in {folder} cannot be opened ({type(error).__name__}); check the folder's owner and space"
    )
