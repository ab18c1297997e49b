"""Sections of lists in the store, on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from alembic import command
from sqlalchemy import text

from risk import store as stores
from risk.settings import Settings
from risk.store import schema
from risk.store.engine import Database, connect
from tests.published import new_run

PRACTICE = "A81001"


def test_a_list_of_before_there_were_sections_is_read_still(bare_settings: Settings) -> None:
    """A store of the version before, with a published list: its people are in no section, and its cut is not known."""
    moment, run = datetime(2024, 11, 30, tzinfo=UTC).replace(tzinfo=None), vars(new_run())
    of_list = {"run": 1, "scheme": "ods", "practice": PRACTICE}
    rows: dict[str, dict[str, Any]] = {
        "run": {**{name: run[name] for name in ("outcome", "title", "horizon", "minimum_age", "fraction", "model_name", "model_version",
                                                "model_sha256", "manifest_fingerprint")},
                "number": 1, "status": "published", "index_date": date(2024, 11, 30), "permissions": b"{}", "about": b"{}", "started_at": moment},
        "run_practice": {**of_list, "registered": 70, "scored": 50, "k": 1, "threshold": 0.9, "listed": 1},
        "list_entry": {**of_list, "list": "priority", "rank": 1, "person_id": 101, "raw": 0.9, "probability": 0.6, "band": "high",
                       "reason": "score", "reasons": b"{}", "flags": b"{}", "listed_at": moment},
    }  # fmt: skip
    old = Database(connect(bare_settings.store_url))
    with old.writing() as connection:
        settings = schema.config()
        settings.attributes["connection"] = connection
        command.upgrade(settings, "0013")
        for table, row in rows.items():
            names = [f'"{name}"' for name in row]
            connection.execute(
                text(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(f':{name}' for name in row)})"), row
            )
    assert schema.bring_up_to_date(old) == "0013"
    old.close()
    store = stores.open(bare_settings)
    (entry,), (practice,) = store.practice_list(1, PRACTICE), store.practices(1, PRACTICE)
    assert (entry["person_id"], entry["section"], entry["home"]) == (101, None, None)
    assert (store.sections(1, PRACTICE), practice["cut"], practice["above_area_cut"]) == ({"": 1}, None, None)
    store.close()
