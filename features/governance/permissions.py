"""What the record's reader asks, answered from the area's rules and from who objects."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from features.errors import Refused
from features.governance.choices import OptOut, Stage, Use, applying
from features.governance.objecting import kind_of, objecting
from features.governance.rules import ABOUT_NOBODY, INVENTED, AreaRules, Basis, load
from features.record import manifest
from features.record.permission import AsSent, FeedInfo, Purpose
from features.record.reader import Record

#: The stage of the work at which a record is read for a purpose.
STAGE_OF: dict[str, Stage] = {
    "case_finding": "scoring",
    "planning": "scoring",
    "evaluation": "scoring",
    "training": "training",
    "ingest": "ingest",
}


class NoRules(Refused):
    """Real data, and nobody has said what may be done with it."""


class AreaPermissions(AsSent):
    """The sender's purposes, then the area's bases, then people's choices; each can only take away.

    ``objecting`` are the people who object, by kind. ``bases`` fills as feeds are asked about: what each that may be read
    was read on.
    """

    def __init__(self, rules: AreaRules, objecting: Mapping[str, frozenset[int]], today: date) -> None:
        self.rules, self.today = rules, today
        self._objecting = objecting
        self.bases: dict[int, dict[str, Any]] = {}

    def refuses_feed(self, feed: FeedInfo, purpose: Purpose) -> str | None:
        if purpose == "ingest":
            return None
        sender = super().refuses_feed(feed, purpose)
        if sender is not None:
            return sender
        covering = [
            basis
            for basis in self.rules.basis
            if purpose in basis.purposes and basis.covers(feed.source, feed.table, feed.organisation)
        ]
        lapsed = [basis.lapsed(self.today) for basis in covering]
        if None in lapsed:
            self.bases[feed.feed_id] = described(feed, covering[lapsed.index(None)])
            return None
        why = next((text for text in lapsed if text), None)
        return (
            f"no legal basis for {purpose}: {why}" if why else f"the area's rules give it no legal basis for {purpose}"
        )

    def barred_people(self, purpose: Purpose) -> Sequence[int]:
        return sorted(self._of(self.objections(purpose)))

    def objections(self, purpose: Purpose) -> frozenset[str]:
        """Kinds of objection that bar the purpose."""
        use: Use | None = None if purpose == "ingest" else purpose
        return frozenset(applying(self.rules.lifted, self.today, STAGE_OF[purpose], use))

    def hidden_people(self) -> dict[int, str]:
        """Whoever is to be shown in no list, from any run, with the kind of objection that says so."""
        kinds: frozenset[OptOut] = applying(self.rules.lifted, self.today, "display", "case_finding")
        return {person: kind for kind in sorted(kinds, reverse=True) for person in self._objecting.get(kind, ())}

    def _of(self, kinds: frozenset[str]) -> set[int]:
        return {person for kind in kinds for person in self._objecting.get(kind, ())}


def described(feed: FeedInfo, basis: Basis) -> dict[str, Any]:
    """A feed and the basis that it is read on, ready for JSON."""
    return {
        "source": feed.source,
        "table": feed.table,
        "organisation": feed.organisation,
        "legal_basis": basis.legal_basis,
        "decision": basis.decision,
        "dpia": basis.dpia,
        "review": str(min(basis.review, basis.dpia_review)),
    }


def together(bases: Iterable[Mapping[str, Any]], tables: Collection[str]) -> list[dict[str, Any]]:
    """The bases on which feeds of ``tables`` were read, one a decision: its words, and the sources, tables and number of feeds
    that it covered."""
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for basis in bases:
        if basis["table"] not in tables:
            continue
        words = {name: basis[name] for name in ("decision", "legal_basis", "dpia", "review")}
        one = found.setdefault(tuple(words.values()), {**words, "sources": set(), "tables": set(), "feeds": 0})
        one["sources"].add(basis["source"])
        one["tables"].add(basis["table"])
        one["feeds"] += 1
    return [
        {**one, "sources": sorted(one["sources"]), "tables": sorted(one["tables"])}
        for _, one in sorted(found.items(), key=lambda item: item[0])
    ]


def rules_for(record: Path, file: Path) -> AreaRules:
    """The rules that hold for a record: those in ``file`` where there is one, or those of data about nobody.

    :class:`NoRules` where the data is real, or does not say what it is, and there is no file.
    """
    if file.is_file():
        return load(file)
    kind = kind_of(record)
    if kind in ABOUT_NOBODY:
        return INVENTED
    raise NoRules(
        f"the record in {record} holds {kind} data and there are no rules for it: expected {file}, which says for what each "
        "feed may be used and on what legal basis; `frailty permissions --example` prints one to begin from, and the data's "
        "controller decides what it says"
    )


def turned_away(record: Path, file: Path | None, today: date) -> list[int]:
    """Of whom nothing more is taken into the record: those who object to every use, and whoever is one person with them.

    Where the area has no rules as yet, nobody has lifted anything.
    """
    if not (record / manifest.NAME).is_file():
        return []
    permissions = strictest(record, file, today)
    with Record(record, purpose="ingest", permissions=permissions) as held:
        rows = held.connection.execute("SELECT id FROM barred_person ORDER BY 1").fetchall()
    return [person for (person,) in rows]


def strictest(record: Path, file: Path | None, today: date) -> AreaPermissions:
    """The permissions of a record; where the area has no rules as yet, those under which nobody has lifted anything."""
    try:
        rules = rules_for(record, file or record / "no rules")
    except NoRules:
        rules = AreaRules(controller="nobody has said")
    return AreaPermissions(rules, objecting(record, today), today)


def of_record(record: Path, file: Path, today: date) -> AreaPermissions:
    """The permissions under which a record is read today."""
    return AreaPermissions(rules_for(record, file), objecting(record, today), today)
