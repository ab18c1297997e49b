"""What a person decides of two people: that they are one, that they are not, or that those linked are two after all.

A decision is a dated row of ``person_link``. Nothing else of the record changes, and no run that there is: whoever is separated is hidden
from the runs that showed them until a later one has scored them anew.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from features.errors import Refused, WrongUsage
from features.linkage import links, pile
from features.linkage.identity import IdentityStore
from features.linkage.links import Link
from features.record.one_person import CONFIRMED, SEPARATED, Said, held_links, periods
from risk import operator, telling
from risk import store as stores
from risk.linkage.opening import Names, day, everybody, identity_of
from risk.settings import Settings
from risk.store import Store


def decide(settings: Settings, record: Path, one: str, other: str, *, same: bool) -> dict[str, Any]:
    """Confirm that two people of the pile, or linked by probability, are one, or reject it.

    :class:`WrongUsage` where the ids name nobody, :class:`Refused` where two who are linked would be rejected.
    """
    operator.ready(settings)
    store, names = stores.open(settings), Names.of(settings)
    with identity_of(settings) as identity:
        known = {p for pair in identity.pile.pairs() for p in (pair.person_id, pair.other_person_id)}
        first, second = (names.find(text, known) for text in (one, other))
        said = _links(record)
        if not same and _now(said, record).get(second, second) == _now(said, record).get(first, first):
            raise Refused("the two are linked: `frailty link --unlink` separates them, and says which runs showed them")
        standing = pile.CONFIRMED if same else pile.REJECTED
        known_at = _write(record, identity, store, said, first, second, same, standing)
    operator.record(settings, store, f"link.{standing}", people=[first, second])
    return {"person": names.short(first), "other": names.short(second), "decided": standing, "known_at": str(known_at)}


def unlink(settings: Settings, record: Path, one: str, other: str) -> dict[str, Any]:
    """Separate two who read as one: ``runs`` that showed them, ``seen`` by whom, and from which day they are two.

    :class:`WrongUsage` where they are two already, :class:`Refused` where they are one through somebody else as well.
    """
    operator.ready(settings)
    store, names = stores.open(settings), Names.of(settings)
    with identity_of(settings) as identity:
        said = _links(record)
        first, second = (names.find(text, {p for row in said for p in row.pair}) for text in (one, other))
        now = _now(said, record)
        if now.get(first, first) != now.get(second, second):
            raise WrongUsage("the two are two already")
        apart = Said((first, second), datetime.date.max, None, False, SEPARATED)
        after = _now([*said, apart], record)
        if after.get(first, first) == after.get(second, second):
            raise Refused(
                f"the two are one through others as well: unlink {_through(said, now, first, second, names)} first"
            )
        together = sorted(
            person
            for person in {p for row in said for p in row.pair}
            if now.get(person, person) == now.get(first, first)
        )
        hidden = telling.separate(settings, store, together, "separated", operator.name())
        known_at = _write(record, identity, store, said, first, second, False, pile.SEPARATED)
    runs, seen = store.runs_that_showed(together), _seen(store, together)
    operator.record(settings, store, "link.unlink", people=together, detail={"hidden_through_run": hidden})
    return {
        "person": names.short(first),
        "other": names.short(second),
        "known_at": str(known_at),
        "people": [names.short(person) for person in together],
        "hidden_through_run": hidden,
        "runs": [
            {**row, "index_date": str(row["index_date"]), "person_id": names.short(row["person_id"])} for row in runs
        ],
        "seen": seen,
    }


def _write(
    record: Path,
    identity: IdentityStore,
    store: Store,
    said: Sequence[Said],
    one: int,
    other: int,
    same: bool,
    standing: str,
) -> datetime.date:
    """Write the decision; the day from which it counts: no earlier than another of the pair, and where it says "one" after
    "two", from the day after that one."""
    decided = [row for row in said if set(row.pair) == {one, other} and row.reason in (CONFIRMED, SEPARATED)]
    later = [row.known_at + datetime.timedelta(days=same and not row.same) for row in decided]
    known = max([day(record, store), *later])
    links.add(record, identity, [Link(one, other, same, CONFIRMED if same else SEPARATED)], known)
    identity.pile.decide(one, other, standing, known)
    identity.commit()
    return known


def _links(record: Path) -> list[Said]:
    with everybody(record) as held:
        return held_links(held.connection)


def _now(said: Sequence[Said], record: Path) -> dict[int, int]:
    """Whom people read as by all that is known."""
    people = sorted({person for row in said for person in row.pair})
    with everybody(record) as held:
        rows = held.connection.execute(
            "SELECT DISTINCT person_id FROM registration WHERE person_id IN (SELECT unnest($1::BIGINT[]))", [people]
        ).fetchall()
    return {p.person_id: p.one for p in periods(said, {person for (person,) in rows}) if p.known_until is None}


def _through(said: Sequence[Said], now: dict[int, int], one: int, other: int, names: Names) -> str:
    """The other pairs that make the two one."""
    pairs = sorted(
        {row.pair for row in said if row.same and now.get(row.pair[0], row.pair[0]) == now.get(one, one)}
        - {(one, other), (other, one)}
    )
    return ", ".join(f"{names.short(first)} {names.short(second)}" for first, second in pairs)


def _seen(store: Store, people: Sequence[int]) -> list[dict[str, Any]]:
    """Whom the audit has as having been answered about any of ``people``."""
    wanted, found = set(people), []
    for row in store.audit_rows():
        named = {row["person_id"], *(orjson.loads(row["people"]) if row["people"] else ())}
        if named & wanted and row["outcome"] in ("answered", "unchanged"):
            found.append(
                {name: row[name] for name in ("at", "actor_kind", "actor", "role", "organisation", "action", "run")}
            )
    return found
