"""Feeds by the kind of organisation that sends them: what each adds, and what is lost on the day that one does not come."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from features.record.tables import PERSON_TABLES

#: Tables by who sends them. Who people are, where they live and with whom they are registered is always there.
FEEDS: dict[str, tuple[str, ...]] = {
    "general practice": ("gp_event", "prescription", "gp_contact", "carer", "preference"),
    "hospital": ("spell", "diagnosis", "outpatient", "ed_attendance", "ambulance"),
    "community": ("community_contact", "caseload", "assessment"),
    "social care": ("social_care", "home_care_week"),
}
ALWAYS = ("person", "registration", "residence", "death", "objection", "person_link")


def steps() -> dict[str, tuple[str, ...]]:
    """Tables that are left out, for general practice alone and then with each further kind of feed: by what the step is called."""
    given = list(accumulate(([name] for name in FEEDS), lambda before, one: before + one))
    return {
        _called(names): tuple(table for name in FEEDS if name not in names for table in FEEDS[name]) for names in given
    }


def _called(names: Sequence[str]) -> str:
    if len(names) == 1:
        return f"{names[0]} alone"
    return "every feed" if len(names) == len(FEEDS) else f"{', '.join(names[:-1])} and {names[-1]}"


def unassigned() -> list[str]:
    """Tables of the record that no kind of feed holds: none, or a comparison would leave them in for everybody."""
    known = {table for tables in FEEDS.values() for table in tables} | set(ALWAYS)
    return [table for table in PERSON_TABLES if table not in known]
