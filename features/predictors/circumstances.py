"""What is not about the person but about the row: the season, which feeds speak for the person, for how long, and how late.

A plain date would only tell a model which snapshot a row is of, so the season is a place on a circle, and a feed's age is counted
from the freshest in the area.
"""

from __future__ import annotations

from features.engine.language import Circumstance, Declared, What

DOMAIN = "how far the record sees"
#: Feeds in words.
FEEDS = {
    "gp_event": "general practice codes", "prescription": "prescriptions", "gp_contact": "practice appointments", "spell": "hospital stays",
    "outpatient": "outpatient appointments", "ed_attendance": "A&E attendances", "ambulance": "999 and 111",
    "community_contact": "community teams", "social_care": "the council",
}  # fmt: skip
#: Feeds that do not come with a person who moves here: how long they have seen the person matters.
OBSERVED = ("gp_contact", "spell", "ed_attendance", "community_contact", "social_care")
#: Of the feeds that each practice sends for its own people, the one that stands for all: they come together.
OF_PRACTICES = ("gp_event",)


def _fed(table: str) -> Circumstance:
    return Circumstance(f"fed_{table}", What.FED, table, DOMAIN, f"the feed of {FEEDS[table]} reaches the person",
                        says_none=f"no feed of {FEEDS[table]} reaches the person")  # fmt: skip


def _observed(table: str) -> Circumstance:
    return Circumstance(f"observed_days_{table}", What.OBSERVED, table, DOMAIN, f"days of the last three years that {FEEDS[table]} were on record: {{n}}",
                        says_none=f"{FEEDS[table]} not yet on record for a day", says_absent=f"{FEEDS[table]} not on record")  # fmt: skip


def _age(table: str) -> Circumstance:
    return Circumstance(f"feed_age_{table}", What.FEED_AGE, table, DOMAIN, f"days by which the practice's {FEEDS[table]} lag the freshest: {{n}}",
                        says_none=f"the practice's {FEEDS[table]} as fresh as any", says_absent=f"the practice sends no {FEEDS[table]}")  # fmt: skip


PREDICTORS: tuple[Declared, ...] = (
    Circumstance("season_winter", What.SEASON_COS, None, DOMAIN, "place in the year, winter against summer: {n:.2f}",
                 says_none="between winter and summer"),
    Circumstance("season_spring", What.SEASON_SIN, None, DOMAIN, "place in the year, spring against autumn: {n:.2f}",
                 says_none="between spring and autumn"),
    *(_fed(table) for table in FEEDS),
    *(_observed(table) for table in OBSERVED),
    *(_age(table) for table in OF_PRACTICES),
)  # fmt: skip
