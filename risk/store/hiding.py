"""The suppression overlay: people who are shown in no list and no answer, whichever run it is from, and why."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import FromClause, and_, bindparam, exists, func, or_, select
from sqlalchemy.sql import ColumnElement

from risk.store.engine import plain
from risk.store.scored import Scored
from risk.store.tables import list_entry, overlay, person_score, run_amendment, run_tombstone

#: What the record itself says: taken back by the record alone.
RECORD = "record"
#: What others told of somebody, of whoever the record says is one person with them: taken back with it.
LINKED = "link"
DERIVED = (RECORD, LINKED)
#: Shown again by a later run, which scored the person anew.
UNLINKED = "unlinked"
DIED, LEFT_PRACTICE = "died", "left_practice"
#: Grounds of which a register tells once a later run has left the person out: a death that is registered, and a move.
GONE = (DIED, LEFT_PRACTICE)
#: What makes two rows speak of the same thing: the later one counts.
KEY = ("person_id", "ground", "scheme", "practice", "source")
Key = tuple[int, str, str, str, str]


@dataclass(frozen=True)
class Told:
    """A row of the overlay. ``practice`` empty: everywhere; ``hides`` False: what the source told before is lifted."""

    person_id: int
    ground: str
    since: date
    source: str
    by: str
    hides: bool = True
    scheme: str = ""
    practice: str = ""
    through_run: int | None = None

    @property
    def key(self) -> Key:
        return self.person_id, self.ground, self.scheme, self.practice, self.source


def shown(person_id: Any, grounds_told: Collection[str] = ()) -> ColumnElement[bool]:
    """Whether the person of a row may be shown: the one condition of every statement that reads people.

    ``person_id`` is the column of a table that has ``run``, ``scheme`` and ``practice`` beside it. Of a table without ``run`` the person is hidden
    whichever run they were hidden in; one without ``practice`` must ask by the practice of the reader. ``grounds_told`` do not hide.
    """
    rows, standing = person_id.table.c, overlay.alias("standing")
    where = [standing.c.person_id == person_id, standing.c.hides, latest(standing)]
    if "practice" in rows:
        here = and_(standing.c.scheme == rows.scheme, standing.c.practice == rows.practice)
        where.append(or_(standing.c.practice == "", here))
    else:
        where.append(standing.c.practice == "")
    if "run" in rows:
        where.append(or_(standing.c.through_run.is_(None), standing.c.through_run >= rows.run))
    if grounds_told:
        where.append(standing.c.ground.not_in(list(grounds_told)))
    return ~exists().where(*where)


def latest(row: FromClause) -> ColumnElement[bool]:
    later = overlay.alias("later")
    return ~exists().where(*(later.c[name] == row.c[name] for name in KEY), later.c.seq > row.c.seq)


#: Built once: to build the condition of who may be shown takes longer than to run it.
_MARK = select(
    select(func.max(overlay.c.seq)).scalar_subquery(),
    select(overlay.c.at).order_by(overlay.c.seq.desc()).limit(1).scalar_subquery(),
    select(func.count()).select_from(run_amendment).scalar_subquery(),
)
_HIDDEN = select(func.count()).select_from(list_entry).where(
    list_entry.c.run == bindparam("run"), list_entry.c.list == bindparam("kind"), list_entry.c.scheme == bindparam("scheme"),
    list_entry.c.practice == bindparam("practice"), ~shown(list_entry.c.person_id))  # fmt: skip
_FORGOTTEN = select(func.count()).select_from(run_tombstone).where(
    run_tombstone.c.run == bindparam("run"), run_tombstone.c.scheme == bindparam("scheme"), run_tombstone.c.practice == bindparam("practice"),
    run_tombstone.c.listed)  # fmt: skip


class Hiding(Scored):
    """Who is hidden, why, and how many of a list are missing for it."""

    def standing(self, people: Collection[int] | None = None) -> list[dict[str, Any]]:
        """The rows that hide somebody now: of ``people``, or of everybody; by ``seq``."""
        rows = overlay.alias("standing")
        held = select(rows).where(rows.c.hides, latest(rows)).order_by(rows.c.seq)
        if people is not None:
            held = held.where(rows.c.person_id.in_(list(people)))
        with self.reading() as connection:
            return [plain(row) for row in connection.execute(held).mappings()]

    def told_by(self, other_than: Collection[str]) -> list[Key]:
        """What hides somebody now and was told by another than these sources, but for who is shown again by a later run; by ``seq``."""
        rows = overlay.alias("standing")
        held = select(*(rows.c[name] for name in KEY)).where(
            rows.c.hides, rows.c.source.not_in(list(other_than)), rows.c.ground != UNLINKED, latest(rows)
        )
        with self.reading() as connection:
            return [key_of(row) for row in connection.execute(held.order_by(rows.c.seq))]

    def told_of(self) -> tuple[set[int], set[tuple[int, str, str]]]:
        """Whom somebody told, beside the record, to have died, to be restricted or to have opted out; and (person, scheme, practice) of those told to
        have left a practice. A run leaves them out: the record may not know for weeks."""
        told = self.told_by((RECORD,))
        everywhere = {person for person, _, _, practice, _ in told if not practice}
        return everywhere, {(person, scheme, practice) for person, _, scheme, practice, _ in told if practice}

    def shown_nowhere(self) -> set[int]:
        """Everybody who is hidden whatever run and practice they are asked of."""
        rows = overlay.alias("standing")
        held = select(rows.c.person_id).where(
            rows.c.hides, rows.c.practice == "", rows.c.through_run.is_(None), latest(rows)
        )
        with self.reading() as connection:
            return set(connection.scalars(held))

    def overlay_history(self, person_id: int) -> list[dict[str, Any]]:
        """Every row of the overlay about a person, the oldest first."""
        held = select(overlay).where(overlay.c.person_id == person_id).order_by(overlay.c.seq)
        with self.reading() as connection:
            return [plain(row) for row in connection.execute(held).mappings()]

    def hidden_by_ground(self) -> dict[str, int]:
        """People hidden now, by ground; somebody hidden on two grounds counts under both."""
        rows = overlay.alias("standing")
        counted = select(rows.c.ground, func.count(rows.c.person_id.distinct())).where(rows.c.hides, latest(rows))
        with self.reading() as connection:
            found = connection.execute(counted.group_by(rows.c.ground).order_by(rows.c.ground)).all()
        return {str(ground): int(people) for ground, people in found}

    def practices_of(self, person_id: int, *, left: bool = False) -> list[tuple[str, str]]:
        """Practices (scheme, code) that a run scored a person in; ``left``: those too that the person is told to have left since."""
        held = select(person_score.c.scheme, person_score.c.practice).where(person_score.c.person_id == person_id)
        gone = {(row["scheme"], row["practice"]) for row in self.standing([person_id]) if row["practice"] and not left}
        with self.reading() as connection:
            found = {(str(scheme), str(code)) for scheme, code in connection.execute(held.distinct())}
        return sorted(found - gone)

    def gone_from_list(self, number: int, practice: str, scheme: str, kind: str = "priority") -> list[dict[str, Any]]:
        """``person_id`` and ``rank`` of those of a practice's list who are shown no more for their death or because they left it, and for nothing
        else: the register of a later run says that they left."""
        person, of_list = list_entry.c.person_id, _of_list(number, practice, scheme, kind)
        held = (
            select(person, list_entry.c.rank, list_entry.c.section)
            .where(*of_list, ~shown(person), shown(person, GONE))
            .order_by(list_entry.c.rank)
        )
        with self.reading() as connection:
            return [plain(row) for row in connection.execute(held).mappings()]

    def hiding_mark(self) -> str:
        """Changes whenever anybody is hidden, shown again or forgotten: whoever keeps an answer must ask anew."""
        with self.reading() as connection:
            last, at, forgotten = connection.execute(_MARK).one()
        return f"{'' if last is None else f'{last} {at}'} {forgotten}"

    def withheld(self, number: int, practice: str, scheme: str = "ods", kind: str = "priority") -> int:
        """How many people of a practice's list are not shown: they died, left the practice, object now, or were forgotten."""
        given = {"run": number, "practice": practice, "scheme": scheme}
        with self.reading() as connection:
            hidden = connection.scalar(_HIDDEN, {**given, "kind": kind})
            forgotten = connection.scalar(_FORGOTTEN, given)
        return int(hidden or 0) + int(forgotten or 0)


def _of_list(number: int, practice: str, scheme: str, kind: str) -> tuple[ColumnElement[bool], ...]:
    return (list_entry.c.run == number, list_entry.c.list == kind, list_entry.c.scheme == scheme,
            list_entry.c.practice == practice)  # fmt: skip


def key_of(row: Sequence[Any]) -> Key:
    person, ground, scheme, practice, source = row[:5]
    return person, ground, scheme, practice, source
