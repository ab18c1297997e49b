"""What every part of linking opens: the record, its identity store, the day on which a link counts, and people by opaque ids."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from features.errors import MissingPart, Refused, WrongUsage
from features.linkage.identity import IdentityStore
from features.record.permission import AllowAll
from features.record.reader import Record
from risk import keys
from risk.pseudonyms import Pseudonyms
from risk.run.reading import READER, short
from risk.settings import Settings
from risk.store import Store

#: Fewest letters of an opaque id that may stand for it.
PREFIX = 8


def identity_of(settings: Settings) -> IdentityStore:
    """The identity store that there is; :class:`MissingPart` where there is none."""
    if not settings.identity_folder.is_dir():
        raise MissingPart(f"no identity store in {settings.identity_folder}: nobody to link; check FRAILTY_HOME")
    return IdentityStore.open(settings.identity_folder, settings.identity_key_file)


def everybody(record: Path) -> Record:
    """The record with everybody in it, objectors and those whose feeds may not be read for a purpose too: an objection bars whoever is one
    with the person, so who is one must be known of all. Links and dates are read, and nothing that the record tells of anybody."""
    return Record(record, purpose="ingest", permissions=AllowAll())


def day(record: Path, store: Store) -> datetime.date:
    """From when a link made now counts as known: the newest day of the record's knowledge, or the date of the newest run
    where that is later, so that no run that there is reads otherwise than it did."""
    with everybody(record) as held:
        newest = held.newest_known_at()
    if newest is None:
        raise Refused("the record holds no delivery, and so nobody to link; ingest an extract first")
    ran = [run["index_date"] for run in store.runs("published", "shadow", "withdrawn")]
    return max([newest, *ran])


@dataclass(frozen=True)
class Names:
    """People by the texts that the terminal shows for them (the same as in ``frailty list``)."""

    pseudonyms: Pseudonyms

    @classmethod
    def of(cls, settings: Settings) -> Names:
        return cls(Pseudonyms(keys.held(settings, make=True).person, READER))

    def short(self, person_id: int) -> str:
        return short(self.pseudonyms.of(person_id))

    def find(self, text: str, among: Iterable[int]) -> int:
        """The one of ``among`` whose text begins with ``text``; :class:`WrongUsage` where none or several do."""
        begins = text.replace("-", "").lower()
        if len(begins) < PREFIX:
            raise WrongUsage(f"expected {PREFIX} or more letters of an opaque id, found {len(begins)}")
        found = [person for person in set(among) if self.pseudonyms.of(person).startswith(begins)]
        if len(found) != 1:
            how_many = "nobody of those linked or waiting" if not found else f"{len(found)} people"
            raise WrongUsage(
                f"expected an opaque id as `frailty link --uncertain` or `frailty list` shows it, found {how_many} of it"
            )
        return found[0]
