"""People who were forgotten: all that the identity store held of them goes, and what they were called by is known again.

What stays of somebody who objected or had their data erased is the least by which the promise can be kept: the token of each of
their identifiers with the identifier itself sealed, so that a new key can make new tokens, and a row about them that comes
again is turned away. Of somebody who was in the record by error nothing stays: they may come again, rightly.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

from features.linkage.vault import FORGOTTEN, Vault


class Forgotten:
    """Part of an :class:`~features.linkage.identity.IdentityStore`, in its transaction."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    @property
    def anybody(self) -> bool:
        return self._vault.connection.execute(f"SELECT 1 FROM {FORGOTTEN} LIMIT 1").fetchone() is not None

    def everybody(self) -> list[int]:
        """Everybody whom the identity store holds."""
        return [person for (person,) in self._vault.connection.execute("SELECT person_id FROM person ORDER BY 1")]

    def among(self, names: Sequence[str]) -> list[bool]:
        """Whether each name is one of somebody forgotten."""
        known = {token for (token,) in self._vault.connection.execute(f"SELECT token FROM {FORGOTTEN}")}
        return [token in known for token in self._vault.tokens.of(names)]

    def forget(self, people: Collection[int], *, keep_away: bool) -> dict[str, int]:
        """Remove everything about ``people``; rows removed by table. ``keep_away``: know their identifiers again.

        Rows of quarantine that carry one of their identifiers go too; one whose identifier was too badly written to be known goes
        when its time is over. Belongs to the caller's transaction; doing it again changes nothing.
        """
        self._vault.begin()
        connection = self._vault.connection
        people = sorted(people)
        removed: dict[str, int] = {}
        names = self._names(people)
        if gone := self._originals_of(people, names):
            connection.executemany("DELETE FROM original WHERE rowid = ?", [(row,) for row in gone])
            removed["original"] = len(gone)
        if keep_away:
            seal = self._vault.seal(FORGOTTEN)
            connection.executemany(
                f"INSERT OR IGNORE INTO {FORGOTTEN} VALUES (?, ?, ?)",
                [
                    (token, person, seal.close(name.encode()))
                    for token, (name, person) in zip(self._vault.tokens.of(names), names.items(), strict=True)
                ],
            )
        for table, columns in self._tables_about_people().items():
            test = " OR ".join(f"{column} = ?" for column in columns)
            before = connection.total_changes
            connection.executemany(f"DELETE FROM {table} WHERE {test}", [[person] * len(columns) for person in people])
            if connection.total_changes > before:
                removed[table] = connection.total_changes - before
        return removed

    def scrub(self) -> None:
        """Leave nothing of what was removed in the file or beside it. Outside any transaction."""
        self._vault.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _names(self, people: Sequence[int]) -> dict[str, int]:
        seal, names = self._vault.seal("identifier"), {}
        for person in people:
            rows = self._vault.connection.execute("SELECT sealed FROM token WHERE person_id = ?", (person,)).fetchall()
            names.update({seal.open(sealed).decode(): person for (sealed,) in rows})
        return names

    def _originals_of(self, people: Sequence[int], names: Collection[str]) -> list[int]:
        called, seal = {name.rsplit("|", 1)[-1] for name in names}, self._vault.seal("original")
        found = []
        for row, sealed in self._vault.connection.execute("SELECT rowid, sealed FROM original"):
            held = json.loads(seal.open(sealed))
            said = {
                str(held.get(name) or "").replace(" ", "").replace("-", "")
                for name in ("nhs_number", "other_nhs_number")
            }
            said |= {str(held.get(name) or "") for name in ("local_id", "other_local_id")}
            if said & called or held.get("person_id") in people:
                found.append(row)
        return found

    def _tables_about_people(self) -> dict[str, list[str]]:
        """Every table with columns that hold a ``person_id``, and those columns; ``person`` itself last."""
        connection = self._vault.connection
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = {}
        for table in sorted(tables, key=lambda name: (name == "person", name)):
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            about = [column for column in columns if column.endswith("person_id")]
            if about and table != FORGOTTEN:
                found[table] = about
        return found
