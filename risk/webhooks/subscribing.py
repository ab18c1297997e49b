"""A client's webhooks: added, listed and ended by whoever runs the installation."""

from __future__ import annotations

import secrets
from typing import Any

from features.errors import Refused, WrongUsage
from risk import clients, events, keys, operator
from risk.settings import Settings
from risk.store import Store
from risk.today import today
from risk.webhooks import signing
from risk.webhooks.addresses import resolved, target
from risk.webhooks.delivering import key_of, now

#: Webhooks of one client at most: more are a mistake.
MOST = 5


def add(settings: Settings, store: Store, client: str, url: str) -> dict[str, Any]:
    """Tell ``client`` at ``url`` from now on; ``webhook``, ``to`` and its ``secret``, which is shown this once.

    :class:`WrongUsage` where it is no URL for a webhook, or the client has too many; :class:`Refused` where the client may not read events, or the address
    may not be called.
    """
    to = target(url, settings)
    access = clients.access(store, client, today(settings))
    if access is None or events.SCOPE not in access.scopes:
        raise Refused(
            f"{client} may not read events today; `frailty client add … --scope {events.SCOPE}` makes one that may"
        )
    if sum(hook["client_id"] == client for hook in store.webhooks()) >= MOST:
        raise WrongUsage(f"expected {MOST} webhooks of a client at most; `frailty webhooks remove` ends one")
    resolved(to, settings)
    held = keys.held(settings, make=True)
    name = f"hook-{secrets.token_hex(8)}"
    last, _ = store.event_marks()
    store.add_webhook(
        {"id": name, "client_id": client, "url": url, "begun": last, "made_at": now(), "by": operator.name()}
    )
    operator.record(settings, store, "webhook.add", detail={"client": client, "webhook": name, "to": to.named})
    return {"webhook": name, "client_id": client, "to": to.named, "secret": signing.shown(key_of(held, name))}


def remove(settings: Settings, store: Store, name: str) -> dict[str, Any]:
    """End a webhook; what waits of it is not sent. :class:`WrongUsage` where there is none in force of that name."""
    if not store.end_webhook(name, now()):
        raise WrongUsage("expected a webhook that `frailty webhooks list` shows, found none of that name in force")
    operator.record(settings, store, "webhook.remove", detail={"webhook": name})
    return {"webhook": name, "ended": True}


def listed(settings: Settings, store: Store) -> list[dict[str, Any]]:
    """Every webhook, ready for JSON: whose, to which host, since when, how many tellings were taken in, wait and are dead, and why the last failed."""
    return [
        {"webhook": row["id"], "client_id": row["client_id"], "to": target(row["url"], settings).named, "from": row["made_at"].isoformat(timespec="seconds"),
         "ended": row["ended_at"] and row["ended_at"].isoformat(timespec="seconds"), "messages": row["messages"], "last_failure": row["why"]}
        for row in store.webhooks(ended=True)
    ]  # fmt: skip
