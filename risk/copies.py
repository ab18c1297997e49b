"""Copies of lists that lie outside the store, downtime sheets and the outbox: all made anew as soon as they hold no more."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from risk import downtime
from risk.delivery import outbox
from risk.settings import Settings
from risk.store import Store


def renew(settings: Settings, store: Store, people: Collection[int] | None = None) -> dict[str, Any]:
    """Make every copy anew that may show any of ``people`` (None: every copy). Raises nothing: see :func:`risk.downtime.renew` and
    :func:`risk.delivery.outbox.renew`."""
    return {"downtime": downtime.renew(settings, store, people), "outbox": outbox.renew(settings, store, people)}
