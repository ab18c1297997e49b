"""A person's contacts as a picture, a line for each service on one axis of time; the table beside it says the same in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from html import escape

from risk.contacts import DAYS, Lane

#: Pixels: width, room at the left for the services' names, of a line, and for the months above and below.
WIDTH, LEFT, LINE, EDGE = 900, 150, 34, 28
INK, RULE, POINT, STAY = "#212b32", "#aeb7bd", "#005eb8", "#7c2855"


def in_words(lanes: Sequence[Lane]) -> str:
    """The picture as a sentence: of each service how many contacts, and the newest."""
    return "; ".join(f"{lane.service.title}: {_count(lane)}" for lane in lanes) + "."


def svg(lanes: Sequence[Lane], at: date) -> str:
    """The picture. A contact is a point, a stay or a service that goes on a bar."""
    height = 2 * EDGE + LINE * len(lanes)
    first = at - timedelta(days=DAYS)
    parts = [
        f'<svg class="contacts" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        'aria-labelledby="contacts-title contacts-words" font-family="Arial, sans-serif" font-size="13">',
        '<title id="contacts-title">Contacts with every service, two years</title>',
        f'<desc id="contacts-words">{escape(in_words(lanes))}</desc>',
    ]
    for on in _quarters(first, at):
        x = _x(on, first, at)
        parts.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{EDGE}" y2="{height - EDGE}" stroke="{RULE}" stroke-width="1"/>'
        )
        parts.append(f'<text x="{x:.1f}" y="{height - 9}" fill="{INK}" text-anchor="middle">{on:%b %y}</text>')
    for number, lane in enumerate(lanes):
        y = EDGE + LINE * number + LINE / 2
        parts.append(
            f'<text x="{LEFT - 10}" y="{y + 4:.1f}" fill="{INK}" text-anchor="end">{escape(lane.service.title)}</text>'
        )
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - 10}" y1="{y:.1f}" y2="{y:.1f}" stroke="{RULE}" stroke-width="1"/>'
        )
        if not lane.fed:
            parts.append(f'<text x="{LEFT + 8}" y="{y - 4:.1f}" fill="{INK}">no fresh feed</text>')
        for on, until, _ in lane.contacts:
            x = _x(max(on, first), first, at)
            if until is not None and until > on:
                parts.append(
                    f'<rect x="{x:.1f}" y="{y - 7:.1f}" width="{max(4.0, _x(until, first, at) - x):.1f}" height="14" fill="{STAY}"/>'
                )
            else:
                parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{POINT}" fill-opacity="0.8"/>')
    return "\n".join([*parts, "</svg>"])


def _count(lane: Lane) -> str:
    many = len(lane.contacts) + lane.more
    newest = f", the newest on {lane.contacts[0][0].day} {lane.contacts[0][0]:%B %Y}" if lane.contacts else ""
    none = "none" if lane.fed else "none known"
    return f"{many or none}{newest}{'' if lane.fed else ', no fresh feed'}"


def _quarters(first: date, at: date) -> list[date]:
    months = [date(year, month, 1) for year in range(first.year, at.year + 1) for month in (1, 4, 7, 10)]
    return [on for on in months if first <= on <= at]


def _x(on: date, first: date, at: date) -> float:
    return LEFT + (on - first).days / (at - first).days * (WIDTH - 10 - LEFT)
