"""A small installation with something of everything that a backup holds: for tests of backups."""

from __future__ import annotations

from datetime import date

import pyarrow as arrow

from features.linkage.identity import IdentityStore
from risk import keys, operator
from risk import store as stores
from risk.run import folder
from risk.settings import Settings
from risk.store import Store
from tests.published import PEOPLE, published


def installation(settings: Settings) -> Store:
    """Two published runs with their files, an identity store, a model, keys and some audit; the open store."""
    keys.held(settings, make=True)
    keys.of_backups(settings, make=True)
    store = stores.open(settings)
    settings.runs.mkdir(parents=True)
    for _ in range(2):
        files(settings, published(store))
    with IdentityStore.open(settings.identity_folder, settings.identity_key_file) as identity:
        identity.resolve(arrow.array(["9434765919", "9434765870"]), "gp", arrow.nulls(2, arrow.string()))
        identity.commit()
    settings.bundles.mkdir(parents=True)
    (settings.bundles / "model.json").write_text("{}")
    operator.record(settings, store, "list", outcome="answered", people=[101], reason="a reason in words")
    return store


def files(settings: Settings, number: int) -> None:
    """The folder of a run of :data:`tests.published.PEOPLE`."""
    people = [row[0] for row in PEOPLE]
    columns = {"person_id": arrow.array(people, arrow.int64()), "listed": arrow.array([row[6] for row in PEOPLE])}
    with folder.Staged(settings.runs, number) as staged:
        for name in folder.FILES:
            staged.write(name, arrow.table(columns))
        staged.seal({"run": number, "at": str(date(2024, 11, 30))})
