"""What the identity store holds sealed beside tokens: names and addresses, and quarantined rows until they expire."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as arrow

from features.linkage.vault import Vault


@dataclass(frozen=True)
class Original:
    """A quarantined row as it was read. Its representation shows where it was, never what it held."""

    file: str
    table: str
    row: int
    expires: date
    values: Mapping[str, Any]

    def __repr__(self) -> str:
        return f"Original({self.file!r}, {self.table!r}, row={self.row}, expires={self.expires})"


class Held:
    """Part of an :class:`~features.linkage.identity.IdentityStore`, in its transaction."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def keep_apart(self, person_ids: np.ndarray, source: str, columns: arrow.Table) -> int:
        """Seal what ``columns`` (names, addresses) say of each person, once for each distinct saying; how many new."""
        named = columns.append_column("person_id", arrow.array(person_ids))
        distinct = named.group_by(named.column_names).aggregate([])
        texts, people = [], []
        for row in distinct.to_pylist():
            said = {name: value for name, value in row.items() if value is not None and name != "person_id"}
            if said:
                people.append(row["person_id"])
                texts.append(json.dumps([row["person_id"], source, said], default=str, sort_keys=True))
        self._vault.begin()
        seal, before = self._vault.seal("held apart"), self._vault.connection.total_changes
        self._vault.connection.executemany(
            "INSERT OR IGNORE INTO held_apart VALUES (?, ?, ?)",
            (
                (token, person, seal.close(text.encode()))
                for token, person, text in zip(self._vault.tokens.of(texts), people, texts, strict=True)
            ),
        )
        return self._vault.connection.total_changes - before

    def said_of(self, person_id: int) -> list[Mapping[str, Any]]:
        """What each source said of one person."""
        rows = self._vault.connection.execute("SELECT sealed FROM held_apart WHERE person_id = ?", (person_id,))
        opened = [json.loads(self._vault.seal("held apart").open(sealed)) for (sealed,) in rows.fetchall()]
        return sorted(({"source": source, **said} for _, source, said in opened), key=str)

    def everything_said(self) -> Iterator[tuple[int, Mapping[str, Any]]]:
        """Every saying about anybody: ``person_id`` and what was said."""
        seal = self._vault.seal("held apart")
        for person, sealed in self._vault.connection.execute("SELECT person_id, sealed FROM held_apart"):
            yield person, json.loads(seal.open(sealed))[2]

    def numbers(self) -> tuple[set[int], dict[int, set[str]]]:
        """Who has an NHS number, and the sources of which each person has a local id."""
        seal = self._vault.seal("identifier")
        numbered: set[int] = set()
        local: dict[int, set[str]] = {}
        for person, sealed in self._vault.connection.execute("SELECT person_id, sealed FROM token"):
            kind, _, rest = seal.open(sealed).decode().partition("|")
            if kind == "nhs":
                numbered.add(person)
            else:
                local.setdefault(person, set()).add(rest.partition("|")[0])
        return numbered, local

    def keep_originals(
        self, batch: str, file: str, table: str, rows: Sequence[int], values: arrow.Table, expires: date
    ) -> None:
        """Seal quarantined rows (``values``, in the order of ``rows``) until ``expires``."""
        self._vault.begin()
        seal = self._vault.seal("original")
        self._vault.connection.executemany(
            "INSERT INTO original VALUES (?, ?, ?, ?, ?, ?)",
            (
                (batch, file, table, row, expires.isoformat(), seal.close(json.dumps(held, default=str).encode()))
                for row, held in zip(rows, values.to_pylist(), strict=True)
            ),
        )

    def originals(self, batch: str) -> list[Original]:
        rows = self._vault.connection.execute(
            "SELECT file, table_name, row, expires, sealed FROM original WHERE batch = ? ORDER BY 1, 2, 3", (batch,)
        ).fetchall()
        seal = self._vault.seal("original")
        return [
            Original(file, table, row, date.fromisoformat(expires), json.loads(seal.open(sealed)))
            for file, table, row, expires, sealed in rows
        ]

    def expiring(self, today: date) -> int:
        """How many originals of quarantined rows are past their time."""
        asked = "SELECT count(*) FROM original WHERE expires <= ?"
        return int(self._vault.connection.execute(asked, (today.isoformat(),)).fetchone()[0])

    def expire(self, today: date) -> int:
        self._vault.begin()
        gone = self._vault.connection.execute("DELETE FROM original WHERE expires <= ?", (today.isoformat(),)).rowcount
        self._vault.connection.execute("COMMIT")
        return gone
