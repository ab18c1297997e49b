"""A store of before there were events: what its runs say is no news. On SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from alembic import command
from sqlalchemy import insert

from risk import store as stores
from risk.settings import Settings
from risk.store import schema
from risk.store.engine import Database, connect
from risk.store.tables import list_entry, outbox, person_score, run, run_pointer
from tests.published import PEOPLE, new_run, published

MOMENT = datetime(2024, 11, 30, tzinfo=UTC)


def test_runs_of_before_there_were_events_are_no_news(bare_settings: Settings) -> None:
    """Harm: on the day of an upgrade every client is told at once of all that happened in two years. The next run is told beside the one before it."""
    of_person: dict[str, Any] = {
        "scheme": "ods",
        "practice": "A81001",
        "rank": 1,
        "raw": 0.9,
        "probability": 0.6,
        "band": "high",
    }
    listed = {"list": "priority", "reason": "score", "reasons": b"{}", "flags": b"{}", "listed_at": MOMENT}
    old = Database(connect(bare_settings.store_url))
    with old.writing() as connection:
        settings = schema.config()
        settings.attributes["connection"] = connection
        command.upgrade(settings, "0023")
        for number, person in ((1, 101), (2, 102)):
            facts = {
                **vars(new_run()),
                "number": number,
                "status": "published",
                "started_at": MOMENT,
                "valid_until": date(2024, 12, 14),
            }
            connection.execute(insert(run), facts)
            connection.execute(insert(person_score), {**of_person, "run": number, "person_id": person, "listed": True})
            connection.execute(insert(list_entry), {**of_person, **listed, "run": number, "person_id": person})
            connection.execute(
                insert(outbox), {"seq": number, "kind": "run.published", "run": number, "at": MOMENT, "body": {}}
            )
        connection.execute(insert(run_pointer), {"name": "published", "run": 2, "moved_at": MOMENT})
    assert schema.bring_up_to_date(old) == "0023"
    old.close()
    store = stores.open(bare_settings)
    assert (store.tell_runs(), store.event_marks()) == (0, (0, 0))
    published(store, tuple(row for row in PEOPLE if row[0] == 101))
    store.tell_runs()
    assert [(row["kind"], row["run"], row["person_id"]) for row in store.events_since(0, None, 9)] == [
        ("list.left", 3, 102), ("list.joined", 3, 101)]  # fmt: skip
    store.close()
