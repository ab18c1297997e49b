"""A wrong run is taken back: readers have the one before, whoever pulls sees a recall, and the area is told who had read it.

The run keeps its number, rows and files, for analysts on the command line; no client or page is given it by any number. What was taken back
once stays so: a right run is a new run.
"""

from __future__ import annotations

from typing import Any

from features.errors import WrongUsage
from risk import copies, events, operator
from risk import store as stores
from risk.settings import Settings


def withdraw(settings: Settings, number: int, reason: str, *, leave_none: bool = False) -> dict[str, Any]:
    """Withdraw a published run for a ``reason`` that is kept and told; ``run``, ``reason``, ``current`` (the run that readers have now, or
    None) and ``readers``. Errors as of :meth:`risk.store.withdrawing.Withdrawing.withdraw_run`; :class:`WrongUsage` without a reason."""
    if not reason.strip():
        raise WrongUsage(
            "expected a reason why the run is withdrawn, found none; it is sent to whoever pulls, so it names nobody"
        )
    operator.ready(settings)
    store = stores.open(settings)
    done = store.withdraw_run(number, by=operator.name(), reason=reason.strip(), leave_none=leave_none)
    operator.record(
        settings, store, "run.withdrawn", run=number, reason=reason.strip(), detail={"current": done["current"]}
    )
    copies.renew(settings, store)
    events.bring_up_to_date(settings, store)
    return {"run": number, "reason": done["reason"], "at": done["at"].isoformat(timespec="seconds"), "by": done["by"],
            "current": done["current"], "readers": store.readers_of(number)}  # fmt: skip
