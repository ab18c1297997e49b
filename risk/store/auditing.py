"""The audit's rows: added one after another, numbered without gaps whoever writes. What they mean: :mod:`risk.audit`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import delete, func, insert, or_, select

from risk.store.engine import Database, plain
from risk.store.tables import audit_event, audit_text

LOCK = 0x66726104
CHUNK = 10_000

#: Makes the row with a number and the hash before it (32 bytes) whole.
Seal = Callable[[int, bytes], dict[str, Any]]
GENESIS = bytes(32)


class Auditing(Database):
    """Adding to the audit, and reading it in order. Nothing here changes a row; a text beside one can be removed, and so can the oldest
    rows, up to one that a checkpoint signed (:meth:`risk.audit.Audit.age`)."""

    def append_audit(self, seals: list[Seal], texts: Sequence[Sequence[dict[str, Any]]] = ()) -> int:
        """Add a row for each of ``seals`` with its ``texts`` (``name``, ``salt``, ``text``), in one transaction that is on disk when
        this returns; the last number."""
        last = select(audit_event.c.seq, audit_event.c.hash).order_by(audit_event.c.seq.desc()).limit(1)
        with self.writing(alone=LOCK) as connection:
            held = connection.execute(last).one_or_none()
            seq, previous = (held.seq, bytes(held.hash)) if held else (0, GENESIS)
            for place, seal in enumerate(seals):
                seq += 1
                row = seal(seq, previous)
                connection.execute(insert(audit_event), row)
                for text in texts[place] if texts else ():
                    connection.execute(insert(audit_text), {**text, "seq": seq})
                previous = row["hash"]
        return int(seq)

    def audit_head(self) -> tuple[int, bytes] | None:
        """Number and hash of the last row; None where there is none."""
        last = select(audit_event.c.seq, audit_event.c.hash).order_by(audit_event.c.seq.desc()).limit(1)
        with self.reading() as connection:
            held = connection.execute(last).one_or_none()
        return None if held is None else (int(held.seq), bytes(held.hash))

    def audit_rows(self) -> Iterator[dict[str, Any]]:
        """Every row in order of number, read a chunk at a time."""
        after = -1
        while True:
            held = select(audit_event).where(audit_event.c.seq > after).order_by(audit_event.c.seq).limit(CHUNK)
            with self.reading() as connection:
                rows = [plain(row) for row in connection.execute(held).mappings()]
            yield from rows
            if len(rows) < CHUNK:
                return
            after = rows[-1]["seq"]

    def newest_audit_rows(self, many: int) -> list[dict[str, Any]]:
        """The newest rows, the newest first."""
        held = select(audit_event).order_by(audit_event.c.seq.desc()).limit(many)
        with self.reading() as connection:
            return [plain(row) for row in connection.execute(held).mappings()]

    def audit_about(self, person_id: int) -> list[dict[str, Any]]:
        """Rows about one person, alone or among others, in order of number: ``seq``, ``at``, ``actor_kind``, ``actor``, ``role``, ``action``, ``outcome``,
        ``run``."""
        held = audit_event.c
        names = ("seq", "at", "actor_kind", "actor", "role", "action", "outcome", "run")
        among = (held.people.like(pattern.format(person_id)) for pattern in ("[{}]", "[{},%", "%,{},%", "%,{}]"))
        rows = select(*(held[name] for name in names)).where(or_(held.person_id == person_id, *among)).order_by(held.seq)  # fmt: skip
        with self.reading() as connection:
            return [plain(row) for row in connection.execute(rows).mappings()]

    def audit_texts(self) -> dict[int, list[dict[str, Any]]]:
        """Free text beside the rows: ``name``, ``salt``, ``text``, by number of the row."""
        found: dict[int, list[dict[str, Any]]] = {}
        with self.reading() as connection:
            for row in connection.execute(select(audit_text).order_by(audit_text.c.seq, audit_text.c.name)).mappings():
                held = plain(row)
                found.setdefault(int(held.pop("seq")), []).append(held)
        return found

    def audit_texts_of(self, rows: Collection[int]) -> dict[int, str]:
        """The reason beside each of ``rows`` that has one, by number."""
        held = select(audit_text.c.seq, audit_text.c.text).where(
            audit_text.c.name == "reason", audit_text.c.seq.in_(list(rows))
        )
        with self.reading() as connection:
            return {int(seq): str(text) for seq, text in connection.execute(held)}

    def audit_before(self, moment: str) -> int:
        """Number of the last row before any that is of ``moment`` (ISO, UTC) or later; 0 where there is none."""
        later = select(func.min(audit_event.c.seq)).where(audit_event.c.at >= moment)
        with self.reading() as connection:
            first, last = connection.scalar(later), connection.scalar(select(func.max(audit_event.c.seq)))
        return int(last or 0) if first is None else int(first) - 1

    def audit_count(self, through: int) -> int:
        """Rows up to number ``through`` that there are."""
        held = select(func.count()).select_from(audit_event).where(audit_event.c.seq <= through)
        with self.reading() as connection:
            return int(connection.scalar(held) or 0)

    def remove_audit_rows(self, through: int) -> int:
        """Remove the rows up to number ``through`` and the texts beside them, in one transaction; how many rows."""
        with self.writing(alone=LOCK) as connection:
            connection.execute(delete(audit_text).where(audit_text.c.seq <= through))
            return int(connection.execute(delete(audit_event).where(audit_event.c.seq <= through)).rowcount)

    def remove_audit_texts(self, people: Collection[int]) -> int:
        """Remove the free text beside every row about any of ``people``; how many. The rows stay, and the chain holds."""
        about = or_(
            audit_event.c.person_id.in_(list(people)),
            *(audit_event.c.people.regexp_match(rf"[\[,]{person}[\],]") for person in people),
        )
        with self.writing(alone=LOCK) as connection:
            rows = select(audit_event.c.seq).where(about)
            return int(connection.execute(delete(audit_text).where(audit_text.c.seq.in_(rows))).rowcount)
