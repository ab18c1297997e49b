"""`frailty webhooks deliver`: who has events to read is told so, at least once, by one sender at a time.

What is sent says that there are events and from where to read on, and nothing of any of them: what somebody may see is asked when they read, and audited
then, so nothing that was sent can outlive an objection or the end of a relationship. A sender that is killed holds its telling until the lease is over;
then another sends it, under the same id.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson

from risk import clients, events, keys
from risk.events import Numbers
from risk.keys import Keys
from risk.settings import Settings
from risk.store import Store
from risk.store.webhooks import DEAD, ENDED, SENT, WAITING
from risk.today import today
from risk.webhooks import sending, signing

TYPE = "events.waiting"
#: Seconds from an attempt that failed to the next; after the last of them the telling is dead. Some three and a half days in all.
BACKOFF = (60, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
#: Seconds for which a telling is its sender's alone: longer than an attempt can last.
LEASE = 120
#: Status with which a receiver says that it is there no more (Standard Webhooks): the webhook ends.
GONE = 410


def now() -> datetime:
    return datetime.now(UTC)


def deliver(settings: Settings, store: Store, clock: Callable[[], datetime] = now) -> dict[str, int]:
    """Make the events of runs that are not made yet, say who is to be told, and send what is due; how many tellings are ``made``, ``sent``, ``failed`` (and
    wait for another attempt), ``dead`` and ``ended``."""
    held, by = keys.held(settings), secrets.token_hex(8)
    events.bring_up_to_date(settings, store)
    day = today(settings)
    done = {"made": 0, "sent": 0, "failed": 0, "dead": 0, "ended": 0}
    for hook in store.webhooks():
        done["made"] += _make(store, hook, day, clock())
    while (message := store.lease_message(by, clock(), LEASE)) is not None:
        done[_attempt(settings, store, held, message, by, day, clock)] += 1
    return done


def key_of(held: Keys, webhook: str) -> bytes:
    """The secret of a webhook: derived, so that the database holds none."""
    return held.person.derived(f"webhook {webhook}", signing.LENGTH)


def _make(store: Store, hook: Mapping[str, Any], day: date, at: datetime) -> bool:
    """Add a telling where its client may see an event of which nothing was said yet."""
    access = clients.access(store, hook["client_id"], day)
    if access is None or events.SCOPE not in access.scopes:
        return False
    sent, through, waits = store.told_up_to(hook["id"])
    with store.viewing():
        last, _ = store.event_marks()
        if waits or not store.events_since(through, events.practices_of(access), 1):
            return False
    return store.add_message(hook["id"], sent, last, at)


def _attempt(
    settings: Settings, store: Store, held: Keys, message: Mapping[str, Any], by: str, day: date, clock: Callable[[], datetime]
) -> str:  # fmt: skip
    """Send one telling; what became of it, as a name of the counts."""
    access = clients.access(store, message["client_id"], day)
    if access is None or events.SCOPE not in access.scopes:
        store.close_message(message["id"], by, ENDED, clock(), "no access")
        return "ended"
    since = Numbers(held.person, access.reader).of(message["after"])
    body = orjson.dumps({"type": TYPE, "timestamp": message["made_at"], "data": {"since": since}})
    second = int(clock().timestamp())
    headers = {
        signing.ID: message["id"],
        signing.TIMESTAMP: str(second),
        signing.SIGNATURE: signing.signature(key_of(held, message["webhook"]), message["id"], second, body),
    }
    try:
        sending.post(message["url"], body, headers, settings)
    except sending.Failed as error:
        return _failed(store, message, by, clock(), error)
    store.close_message(message["id"], by, SENT, clock())
    return "sent"


def _failed(store: Store, message: Mapping[str, Any], by: str, at: datetime, error: sending.Failed) -> str:
    if error.status == GONE:
        store.close_message(message["id"], by, ENDED, at, error.why)
        store.end_webhook(message["webhook"], at)
        return "ended"
    if message["attempts"] > len(BACKOFF):
        store.close_message(message["id"], by, DEAD, at, error.why)
        return "dead"
    due = at + timedelta(seconds=BACKOFF[message["attempts"] - 1])
    store.close_message(message["id"], by, WAITING, at, error.why, due)
    return "failed"
