"""The meeting's record: one row written at a time, on the version that its writer had read; read back with its words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from features.errors import Refused, WrongUsage
from risk.store.engine import Database, plain
from risk.store.tables import audit_event, list_entry, meeting_entry, meeting_text

LOCK = 0x66726108
#: Kinds of rows, of which each of the first three is a decision and takes the place of the one before.
DECISION, ADDITION, REMOVAL = "decision", "addition", "removal"
ACTION, OUTCOME, CORRECTION, ANSWER = "action", "action_outcome", "correction", "correction_answer"
DECIDES = (DECISION, ADDITION, REMOVAL)
#: What a row of a kind is about, and closes.
CLOSES = {OUTCOME: ACTION, ANSWER: CORRECTION}


class Stale(Refused):
    """Somebody wrote since the version that the writer had read."""


class KeyReused(Refused):
    """The key stands for another request."""


class Closed(Refused):
    """The action has an outcome, or the correction an answer, already."""


class NoSuchEntry(WrongUsage):
    """The person has no such row at the practice."""


@dataclass(frozen=True)
class NewEntry:
    """A row to be written. ``read`` is the version that its writer had read, 0 where there was none."""

    person_id: int
    scheme: str
    practice: str
    kind: str
    run: int
    day: date
    by: str
    read: int
    request: bytes
    asked: bytes
    body: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    of: int | None = None


class Meetings(Database):
    """What meetings wrote."""

    def write_entry(self, entry: NewEntry) -> dict[str, Any]:
        """Write a row, or find the one that the same request wrote before; as of :meth:`entries`. On disk when this returns.

        :class:`KeyReused`, :class:`Stale`, :class:`NoSuchEntry` or :class:`Closed` where nothing was written.
        """
        with self.writing(alone=LOCK) as connection:
            done = connection.execute(
                select(meeting_entry).where(meeting_entry.c.by == entry.by, meeting_entry.c.request == entry.request)
            )
            if (row := done.mappings().one_or_none()) is not None:
                if row["asked"] != entry.asked:
                    raise KeyReused("the key stands for another request already")
                return self._whole(connection, [plain(row)])[0]
            return self._whole(connection, [_add(connection, entry)])[0]

    def asked_before(self, entry: NewEntry) -> bool:
        """Whether the writer's key was used before, for this request or another."""
        rows = meeting_entry.c
        with self.reading() as connection:
            held = select(rows.seq).where(rows.by == entry.by, rows.request == entry.request)
            return connection.scalar(held) is not None

    def entries(
        self, people: Collection[int] | None, practice: str | None = None, scheme: str = "ods"
    ) -> dict[int, list[dict[str, Any]]]:
        """Rows about ``people`` (None: everybody; only those written at ``practice`` where it is given), by person, oldest first, with
        ``texts``. Says nothing of who may be shown: ask for people whom a run shows."""
        held = select(meeting_entry).order_by(meeting_entry.c.seq)
        if practice is not None:
            held = held.where(meeting_entry.c.scheme == scheme, meeting_entry.c.practice == practice)
        if people is not None and len(people) <= 500:
            held = held.where(meeting_entry.c.person_id.in_(list(people)))
        found: dict[int, list[dict[str, Any]]] = {}
        with self.reading() as connection:
            rows = [plain(row) for row in connection.execute(held).mappings()]
            wanted = rows if people is None else [row for row in rows if row["person_id"] in set(people)]
            for row in self._whole(connection, wanted):
                found.setdefault(row["person_id"], []).append(row)
        return found

    def opened(self, people: Collection[int], actions: Collection[str]) -> list[tuple[int, str]]:
        """(person, moment) of each time that somebody was given one person's answer, by the audit, oldest first."""
        held = (
            select(audit_event.c.person_id, audit_event.c.at)
            .where(audit_event.c.person_id.is_not(None), audit_event.c.outcome == "answered", audit_event.c.action.in_(list(actions)))
            .order_by(audit_event.c.seq)
        )  # fmt: skip
        with self.reading() as connection:
            return [(int(person), str(at)) for person, at in connection.execute(held) if person in people]

    def listed_at(self, number: int) -> dict[int, datetime]:
        """When each person of a run's lists was put on them."""
        held = select(list_entry.c.person_id, list_entry.c.listed_at).where(list_entry.c.run == number)
        with self.reading() as connection:
            return {int(person): at for person, at in connection.execute(held)}

    def entries_untouched(self, before: date) -> dict[int, int]:
        """People about whom nothing was written on ``before`` or later, and how many rows there are of each: whole histories, so that what
        stands is never read from half of one."""
        rows = meeting_entry.c
        held = select(rows.person_id, func.count()).group_by(rows.person_id).having(func.max(rows.day) < before)
        with self.reading() as connection:
            return {int(person): int(count) for person, count in connection.execute(held)}

    def remove_entries(self, people: Collection[int]) -> None:
        """Remove all that was written of ``people``."""
        for person in people:
            with self.writing(alone=LOCK) as connection:
                for table in (meeting_text, meeting_entry):
                    connection.execute(delete(table).where(table.c.person_id == person))

    def _whole(self, connection: Connection, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Rows with their words; without what is only for writing."""
        texts: dict[int, dict[str, str]] = {}
        numbers = [row["seq"] for row in rows]
        for start in range(0, len(numbers), 500):
            some = meeting_text.c.seq.in_(numbers[start : start + 500])
            for seq, name, words in connection.execute(
                select(meeting_text.c.seq, meeting_text.c.name, meeting_text.c.text).where(some)
            ):
                texts.setdefault(int(seq), {})[str(name)] = str(words)
        hidden = ("request", "asked")
        return [
            {**{name: value for name, value in row.items() if name not in hidden}, "texts": texts.get(row["seq"], {})}
            for row in rows
        ]


def _add(connection: Connection, entry: NewEntry) -> dict[str, Any]:
    rows = meeting_entry.c
    here = (rows.person_id == entry.person_id, rows.scheme == entry.scheme, rows.practice == entry.practice)
    version = int(connection.scalar(select(func.max(rows.version)).where(*here)) or 0)
    if version != entry.read:
        raise Stale("somebody wrote of this person since; read what stands and decide again")
    if entry.kind in CLOSES:
        about = connection.scalar(select(rows.kind).where(*here, rows.seq == entry.of))
        if about != CLOSES[entry.kind]:
            raise NoSuchEntry("expected the number of an action or correction of this person, found another")
        if connection.scalar(select(rows.seq).where(rows.of == entry.of)) is not None:
            raise Closed("the action has an outcome, or the correction an answer, already")
    before = None
    if entry.kind in DECIDES:
        before = connection.scalar(select(func.max(rows.seq)).where(*here, rows.kind.in_(DECIDES)))
    names = ("person_id", "scheme", "practice", "kind", "run", "day", "by", "request", "asked", "of")
    row = {
        **{name: getattr(entry, name) for name in names},
        "seq": int(connection.scalar(select(func.max(rows.seq))) or 0) + 1,
        "version": version + 1,
        "supersedes": before,
        "body": dict(entry.body),
        "at": datetime.now(UTC),
    }
    connection.execute(insert(meeting_entry), row)
    texts = [{"seq": row["seq"], "name": name, "person_id": entry.person_id, "text": words}
             for name, words in entry.texts.items()]  # fmt: skip
    if texts:
        connection.execute(insert(meeting_text), texts)
    return plain(connection.execute(select(meeting_entry).where(rows.seq == row["seq"])).mappings().one())
