"""The product's one database: organisation directory, audit, releases, runs and lists.

:func:`open` gives the :class:`Store`; its methods are the only SQL of the product outside the migrations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from features.errors import Refused
from risk.store.ageing import Ageing
from risk.store.amending import Amending
from risk.store.auditing import Auditing
from risk.store.baselines import Baselines
from risk.store.break_glass import BrokenGlass
from risk.store.criteria import CriteriaLists
from risk.store.directory import Directory
from risk.store.engine import Unreachable, connect
from risk.store.events import Events
from risk.store.exporting import Exporting
from risk.store.frailty import FrailtyRegister
from risk.store.holdouts import Holdouts
from risk.store.hook_tokens import HookTokens
from risk.store.hospital_at_home import HospitalAtHome
from risk.store.in_hospital import InHospital
from risk.store.meeting import Meetings
from risk.store.releases import Releases
from risk.store.run_history import RunHistory
from risk.store.runs import RunReading
from risk.store.schema import NewerStore, bring_up_to_date
from risk.store.separating import Separating
from risk.store.sessions import WebSessions
from risk.store.telling import Telling
from risk.store.timeline import Timelines
from risk.store.webhooks import Webhooks
from risk.store.wider import WiderLists
from risk.store.withdrawing import Withdrawing
from risk.store.writing import NewRun, RunWriting

if TYPE_CHECKING:
    from risk.settings import Settings

__all__ = ["NewRun", "NewerStore", "Store", "Unreachable", "open"]


class Store(
    FrailtyRegister,
    Exporting,
    CriteriaLists,
    HospitalAtHome,
    InHospital,
    Events,
    RunWriting,
    WiderLists,
    RunReading,
    RunHistory,
    Withdrawing,
    Baselines,
    Ageing,
    Amending,
    Holdouts,
    Separating,
    Telling,
    Meetings,
    Timelines,
    Releases,
    Directory,
    WebSessions,
    HookTokens,
    Webhooks,
    BrokenGlass,
    Auditing,
):
    """The store. Safe to share among threads."""


def open(settings: Settings, *, restoring: bool = False) -> Store:
    """The store that the settings name, its schema made or brought up to date.

    :class:`Unreachable` where it does not answer, :class:`NewerStore` where a later version wrote it; :class:`Refused` for all but the restore itself
    (``restoring``) where one was not finished: people who were forgotten since may be in it.
    """
    if not restoring and settings.restoring_mark.exists():
        raise Refused(
            f"a restore into {settings.home} was not finished ({settings.restoring_mark} is there), so nothing works with it; empty the folder and "
            "the database and restore again"
        )
    store = Store(connect(settings.store_url))
    try:
        bring_up_to_date(store)
    except BaseException:
        store.close()
        raise
    return store
