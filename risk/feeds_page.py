"""The state of the feeds as one HTML page that needs nothing else: no script, no outside file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from features.health.practices import PracticeFeed
from features.health.state import FeedState, Health
from models.charts import BLUE, GREY, ORANGE, Chart
from models.report import FIRST_LINE
from models.templating import template

#: Tables whose rows for each 1,000 people are shown by practice.
SHOWN = ("gp_event", "prescription", "gp_contact")
STATES = ("stopped", "thin", "sending")


def page(health: Health, about: Mapping[str, str]) -> str:
    """The page. ``about`` is what the record says of its data (``kind``, ``title``), which comes first."""
    kind = about.get("kind", "unknown")
    return template("risk", "feeds.html").render(
        at=health.at, first_line=FIRST_LINE[kind].format(title=about.get("title", "no title")),
        troubles=health.troubles, feeds=health.feeds, charts=[chart(feed) for feed in health.feeds if feed.weeks],
        practices=by_practice(health.practices), codes=[one for one in health.codes if one.rows or one.before],
    )  # fmt: skip


def chart(feed: FeedState) -> Chart:
    """Rows by week, with what its own history leads one to expect."""
    last = feed.weeks[-1].begins
    points = [((week.begins - last).days / 7, float(week.rows)) for week in feed.weeks]
    top = 1.15 * max(
        [1.0, *(count for _, count in points), *(week.high for week in feed.weeks if week.high is not None)]
    )
    whole = [week for week in feed.weeks if week.whole]
    odd = [week for week in whole if week.unusual]
    said = f"{feed.table} from {feed.source}: {sum(week.rows for week in feed.weeks):,} rows in {len(feed.weeks)} weeks"
    if whole:
        said += f"; {min(week.rows for week in whole):,} to {max(week.rows for week in whole):,} in a whole week"
    said += f"; {len(odd)} unusual" + (
        f", the last in the week of {odd[-1].begins} ({odd[-1].unusual})." if odd else "."
    )
    drawn = Chart(f"{feed.table} from {feed.source}", said, f"Weeks before {last}", "Rows a week", (min(-1.0, points[0][0]), 0.0), (0, top))  # fmt: skip
    for name in ("low", "high"):
        edge = [
            ((week.begins - last).days / 7, getattr(week, name))
            for week in feed.weeks
            if getattr(week, name) is not None
        ]
        if edge:
            drawn.line(edge, GREY, "4 4", "expected" if name == "high" else "")
    drawn.line(points, BLUE, "", "rows")
    drawn.dots([((week.begins - last).days / 7, float(week.rows)) for week in odd], colour=ORANGE)
    return drawn


def by_practice(feeds: Sequence[PracticeFeed]) -> list[dict[str, Any]]:
    """One row a practice, the worst first."""
    rows = []
    for practice in sorted({one.practice for one in feeds}):
        mine = [one for one in feeds if one.practice == practice]
        named = {state: sorted({one.table for one in mine if one.state == state}) for state in STATES}
        rates = [(one.table, one.rate, one.before) for one in mine if one.table in SHOWN and one.rate is not None]
        rows.append({
            "practice": practice, "state": next(state for state in STATES if named[state]), "received": max(one.received for one in mine),
            "stopped": named["stopped"], "thin": named["thin"], "rates": sorted(rates),
        })  # fmt: skip
    return sorted(rows, key=lambda row: (STATES.index(row["state"]), row["practice"]))
