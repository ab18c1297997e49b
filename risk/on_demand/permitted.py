"""What the area's rules let be used of what somebody posts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from features import alone
from features.governance.permissions import AreaPermissions
from features.governance.rules import ABOUT_NOBODY, INVENTED, AreaRules, load
from features.record.permission import FeedInfo
from risk.settings import Settings
from risk.today import today


@dataclass(frozen=True)
class Permitted:
    """What the area's rules let be used today for case finding."""

    rules: AreaPermissions

    @property
    def objections(self) -> frozenset[str]:
        """Kinds of objection that leave a person out."""
        return self.rules.objections("case_finding")

    def refused(self, tables: alone.Tables) -> list[int]:
        """Places of the posted feeds that may not be used."""
        asked = (FeedInfo(place, row["source"], row["table_name"], row["organisation"], tuple(row["purposes"].split()))
                 for place, row in enumerate(tables.get("feed", ())))  # fmt: skip
        return [feed.feed_id for feed in asked if self.rules.refuses_feed(feed, "case_finding") is not None]


def permitted(settings: Settings, about: Mapping[str, str]) -> Permitted:
    """The rules of the area that the settings name, as a run of its record has them; where there is no file, those of data about nobody for a run
    that was of such data, and for any other none that lets anything be used."""
    file = settings.permissions_file
    if file.is_file():
        rules = _loaded(file, file.stat().st_mtime_ns)
    else:
        rules = INVENTED if about.get("kind") in ABOUT_NOBODY else AreaRules(controller="nobody has said")
    return Permitted(AreaPermissions(rules, {}, today(settings)))


@lru_cache(maxsize=1)
def _loaded(file: Path, changed: int) -> AreaRules:
    """The rules in ``file``, read again when it has ``changed``."""
    return load(file)
