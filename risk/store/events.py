"""Events in the store: made once from what the outbox and the record tell, in one order, and read by who may see the person now."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, or_, select, tuple_

from risk.store.bulk import BATCH
from risk.store.engine import Database, plain
from risk.store.hiding import shown
from risk.store.tables import event_mark, list_entry, listed_event, outbox, person_score, run
from risk.store.withdrawing import PUBLISHED, TOLD_WITHDRAWN
from risk.store.writing import PRIORITY, batches

LOCK = 0x66726124
JOINED, LEFT, BAND, WITHDRAWN = "list.joined", "list.left", "band.changed", "run.withdrawn"
#: What must be alike of two runs for their lists and bands to be compared, as in a practice's register of changes.
ALIKE = ("outcome", "horizon", "minimum_age")
#: Names of :data:`risk.store.tables.event_mark`.
OF_OUTBOX, LAST, PAST, DAYS = "outbox", "last", "past", "days"
Practice = tuple[str, str]


class Events(Database):
    """Events, numbered without a number given twice, whatever was removed since."""

    def tell_runs(self) -> int:
        """Make the events of what the outbox says of runs and was not told yet; how many. Each row of it is told once, in one transaction."""
        with self.writing(alone=LOCK) as connection:
            done = mark(connection, OF_OUTBOX)
            told = connection.execute(select(outbox).order_by(outbox.c.seq)).mappings().all()
            before: int | None = None
            made = 0
            for row in told:
                if row["seq"] > done:
                    made += _add(connection, _of_run(connection, plain(row), before))
                before = row["body"]["current"] if row["kind"] == TOLD_WITHDRAWN else row["run"]
            if told and told[-1]["seq"] > done:
                set_mark(connection, OF_OUTBOX, told[-1]["seq"])
        return made

    def tell_people(self, number: int, events: Iterable[Mapping[str, Any]]) -> int:
        """Add the events (``kind``, ``person_id``, ``scheme``, ``practice``, ``on``, ``package``) that a day's record tells of run ``number``'s people, but
        those that were told already; how many."""
        with self.writing(alone=LOCK) as connection:
            rows = list(events)
            days = sorted({row["on"] for row in rows})
            held = (
                select(listed_event.c.kind, listed_event.c.person_id, listed_event.c.on)
                .join(run, run.c.number == listed_event.c.run)
                .where(listed_event.c.on.in_(days), run.c.status == PUBLISHED)
            )
            known = {tuple(row) for row in connection.execute(held)} if days else set()
            fresh = {(row["kind"], row["person_id"], row["on"]): {**row, "run": number} for row in rows}
            return _add(connection, [row for key, row in fresh.items() if key not in known])

    def events_since(self, after: int, practices: Collection[Practice] | None, limit: int) -> list[dict[str, Any]]:
        """Events after the one numbered ``after``, in their order, of those people of ``practices`` (None: of all) who may be shown now, and of runs. Of a
        run that was taken back, nothing but that it was."""
        held = (
            select(listed_event)
            .join(run, run.c.number == listed_event.c.run)
            .where(listed_event.c.seq > after, _visible(practices))
            .order_by(listed_event.c.seq)
            .limit(limit)
        )
        with self.reading() as connection:
            return [plain(row) for row in connection.execute(held).mappings()]

    def begin_days(self, ordinal: int) -> int:
        """The ordinal of the first day of which a record's stays are told: that given the first time. Before it, everybody in hospital would be news."""
        with self.writing(alone=LOCK) as connection:
            if not mark(connection, DAYS):
                set_mark(connection, DAYS, ordinal)
            return mark(connection, DAYS)

    def event_marks(self) -> tuple[int, int]:
        """The number of the last event there is or was, and of the last one that is past its time."""
        with self.reading() as connection:
            return mark(connection, LAST), mark(connection, PAST)

    def events_before(self, day: date) -> int:
        """How many events were made before ``day``."""
        held = select(func.count()).select_from(listed_event).where(listed_event.c.at < _midnight(day))
        with self.reading() as connection:
            return int(connection.scalar(held) or 0)

    def remove_events(self, before: date) -> None:
        """Remove those made before the day."""
        old = listed_event.c.at < _midnight(before)
        with self.writing(alone=LOCK) as connection:
            last = connection.scalar(select(func.max(listed_event.c.seq)).where(old))
            if last is not None:
                connection.execute(delete(listed_event).where(old))
                set_mark(connection, PAST, last)


def mark(connection: Connection, name: str) -> int:
    """How far something was done; 0 where it was not begun."""
    return int(connection.scalar(select(event_mark.c.value).where(event_mark.c.name == name)) or 0)


def set_mark(connection: Connection, name: str, value: int) -> None:
    """For the holder of :data:`LOCK`."""
    connection.execute(delete(event_mark).where(event_mark.c.name == name))
    connection.execute(insert(event_mark), {"name": name, "value": value})


def _visible(practices: Collection[Practice] | None) -> Any:
    of_person = [run.c.status == PUBLISHED, shown(listed_event.c.person_id)]
    if practices is not None:
        of_person.append(tuple_(listed_event.c.scheme, listed_event.c.practice).in_(sorted(practices)))
    return or_(listed_event.c.kind == WITHDRAWN, and_(listed_event.c.person_id.is_not(None), *of_person))


def _add(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> int:
    if not rows:
        return 0
    first, now = mark(connection, LAST) + 1, datetime.now(UTC)
    empty = dict.fromkeys(("person_id", "band", "band_before", "package"))
    numbered = ({**empty, **row, "seq": seq, "at": now} for seq, row in enumerate(rows, first))
    for batch in batches(numbered, BATCH):
        connection.execute(insert(listed_event), batch)
    set_mark(connection, LAST, first + len(rows) - 1)
    return len(rows)


def _of_run(connection: Connection, told: Mapping[str, Any], before: int | None) -> list[dict[str, Any]]:
    """The events of one row of the outbox; ``before``: the run that readers had until then."""
    number = told["run"]
    if told["kind"] == TOLD_WITHDRAWN:
        return [{"kind": WITHDRAWN, "run": number, "scheme": "", "practice": "", "on": told["at"].date()}]
    alike = select(run.c.number, run.c.index_date, *(run.c[name] for name in ALIKE))
    facts = {
        row["number"]: row for row in connection.execute(alike.where(run.c.number.in_([number, before]))).mappings()
    }
    if before is None or before not in facts or any(facts[before][name] != facts[number][name] for name in ALIKE):
        return []
    if connection.scalar(select(person_score.c.person_id).where(person_score.c.run == before).limit(1)) is None:
        return []  # its rows are past their time: nobody can say who joined
    here = {"run": number, "on": facts[number]["index_date"]}
    now, was = _listed(connection, number), _listed(connection, before)
    left = [{"kind": LEFT, **here, **_who(key)} for key in was if key not in now]
    joined = [{"kind": JOINED, **here, **_who(key), "band": band} for key, band in now.items() if key not in was]
    return [*left, *joined, *({"kind": BAND, **here, **row} for row in _moved(connection, number, before))]


def _who(key: tuple[str, str, int]) -> dict[str, Any]:
    return dict(zip(("scheme", "practice", "person_id"), key, strict=True))


def _listed(connection: Connection, number: int) -> dict[tuple[str, str, int], str]:
    """The band of everybody on a run's priority lists, the hidden too, by scheme, practice and person; by practice and rank."""
    of = list_entry.c
    held = select(of.scheme, of.practice, of.person_id, of.band).where(of.run == number, of.list == PRIORITY)
    return {
        (scheme, practice, person): band
        for scheme, practice, person, band in connection.execute(held.order_by(of.scheme, of.practice, of.rank))
    }


def _moved(connection: Connection, number: int, before: int) -> list[dict[str, Any]]:
    now, was = person_score.alias("now"), person_score.alias("was")
    same = and_(was.c.run == before, *(was.c[name] == now.c[name] for name in ("person_id", "scheme", "practice")))
    held = (
        select(now.c.person_id, now.c.scheme, now.c.practice, now.c.band, was.c.band.label("band_before"))
        .join_from(now, was, same)
        .where(now.c.run == number, now.c.band != was.c.band)
        .order_by(now.c.scheme, now.c.practice, now.c.person_id)
    )
    return [dict(row) for row in connection.execute(held).mappings()]


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
