"""Events that clients follow: made from what runs published and what each day's record tells, in one place and once each.

Nothing is made while somebody waits for a publication: the outbox holds, in the transaction of the publication itself, that there is something to tell of,
and what was not told when the process died is told the next time.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from features.errors import Refused
from features.record.permission import Permissions
from risk import in_hospital
from risk.clients import Access
from risk.in_hospital import ADMITTED, DISCHARGED, HOLDER, NO_PACKAGE
from risk.keys import Secret
from risk.permissions import permissions as area_permissions
from risk.pseudonyms import Pseudonyms
from risk.settings import Settings
from risk.store import Store
from risk.store.directory import EVERY
from risk.store.events import BAND, JOINED, LEFT, WITHDRAWN
from risk.today import today

SCOPE = "events:read"
#: Every kind of event, and what it says.
KINDS: dict[str, str] = {
    JOINED: "a person is on the practice's list who was not on it in the run before",
    LEFT: "a person is on the practice's list no longer",
    BAND: "the band of a person scored is another than in the run before",
    WITHDRAWN: "a run was taken back: what was told of it holds no more, and copies of its lists are to be deleted",
    ADMITTED: "a listed person was admitted to a hospital bed",
    DISCHARGED: "a listed person left hospital alive",
    NO_PACKAGE: "a listed person left hospital, and no home-care package is recorded of them",
    HOLDER: "a person with a home-care package was admitted to a hospital bed",
}


def bring_up_to_date(
    settings: Settings, store: Store, record: Path | None = None, permissions: Permissions | None = None
) -> dict[str, Any]:
    """Make the events that are not made yet, of runs and, with a ``record``, of who was admitted and discharged; how many ``of_runs`` and ``of_record``,
    how many are ``in_hospital``, and ``why_not`` where the record was not read. Doing it again adds nothing."""
    done: dict[str, Any] = {"of_runs": store.tell_runs(), "of_record": 0, "in_hospital": None, "why_not": None}
    if record is None:
        return done
    run = store.current_run()
    if run is None:
        return {**done, "why_not": "no run is published, so nobody is followed"}
    day = today(settings)
    begun = store.begin_days((day - timedelta(days=1)).toordinal())
    try:
        may = permissions or area_permissions(settings, record)
        taken = in_hospital.take(settings, store, record, may, run, day, in_hospital.first_day(day, begun))
    except Refused as error:
        return {**done, "why_not": str(error)}
    return {**done, "of_record": taken["events"], "in_hospital": taken["in_hospital"]}


def practices_of(access: Access) -> list[tuple[str, str]] | None:
    """The practices of whose people events are told: None for all of them, as of a client granted every practice."""
    mine = {(scheme, practice) for scheme, practice, scopes in access.grants if SCOPE in scopes}
    return None if (EVERY, EVERY) in mine else sorted(mine)


class Numbers(Pseudonyms):
    """Numbers of events as one caller has them: opaque, and of no use to another caller, who could count by them what others were told."""

    def __init__(self, key: Secret, reader: str) -> None:
        super().__init__(key, f"events of {reader}")
