"""An identity store behind the service, in which the people of :mod:`tests.published` have NHS numbers."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as arrow

from features.linkage.identity import IdentityStore
from risk.store.tables import list_entry, person_score
from tests.service import Service

#: By the number that they are published under. Of the range 999, which is given to nobody.
NUMBERS = {101: "9991234578", 102: "9991234586", 103: "9991234594", 201: "9991234608", 202: "9991234624"}
#: One that is known to nobody here.
UNKNOWN = "9991234616"


def known(service: Service, numbers: Mapping[int, str] = NUMBERS) -> dict[int, int]:
    """Give each their number, by who they are in the store; the ``person_id`` that they go by from then on."""
    settings, people = service.settings, {}
    with IdentityStore.open(settings.identity_folder, settings.identity_key_file) as identity:
        given, _ = identity.resolve(
            arrow.array([*numbers.values()]), "a test", arrow.nulls(len(numbers), arrow.string())
        )
        identity.commit()
    for was, person in zip(numbers, given.tolist(), strict=True):
        people[was] = person
        with service.store.writing() as connection:
            for table in (list_entry, person_score):
                connection.execute(table.update().where(table.c.person_id == was).values(person_id=person))
    return people
