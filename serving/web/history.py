"""A person's risk from run to run as a picture, with the same in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

from risk.run.saying import in_a_hundred

#: Pixels: width and height, room at the left for the scale and below for the days.
WIDTH, HEIGHT, LEFT, BELOW, TOP = 560, 200, 44, 30, 14
INK, LINE, POINT = "#212b32", "#aeb7bd", "#005eb8"
#: Runs that are drawn, newest last.
DRAWN = 12


@dataclass(frozen=True)
class Point:
    """A run's day, its probability and, where it is known, between which it lies; fractions."""

    on: date
    probability: float
    low: float | None
    high: float | None


def in_words(points: Sequence[Point]) -> str:
    """The picture as a sentence."""
    told = "; ".join(f"{point.on.day} {point.on:%B %Y} {in_a_hundred(point.probability)}" for point in points)
    return f"Risk by run: {told}."


def svg(title: str, points: Sequence[Point], number: int) -> str:
    """The picture, to stand within a page; ``number`` tells several of a page apart. The scale begins at 0 and ends above the highest."""
    points = points[-DRAWN:]
    top = max([0.1, *(point.high or point.probability for point in points)])
    step = next(one for one in (0.05, 0.1, 0.2, 0.25, 0.5) if top / one <= 5)
    ceiling = min(1.0, step * -(-top // step))
    parts = [
        f'<svg class="picture" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-labelledby="history-{number}-title history-{number}-words" font-family="Arial, sans-serif" font-size="13">',
        f'<title id="history-{number}-title">{escape(title)}, run by run</title>',
        f'<desc id="history-{number}-words">{escape(in_words(points))}</desc>',
    ]
    for mark in range(round(ceiling / step) + 1):
        y = _y(mark * step, ceiling)
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - 10}" y1="{y:.1f}" y2="{y:.1f}" stroke="{LINE}" stroke-width="1"/>'
        )
        parts.append(
            f'<text x="{LEFT - 8}" y="{y + 4:.1f}" fill="{INK}" text-anchor="end">{round(mark * step * 100)}</text>'
        )
    places = [(_x(at, len(points)), point) for at, point in enumerate(points)]
    if len(places) > 1:
        line = " ".join(f"{x:.1f},{_y(point.probability, ceiling):.1f}" for x, point in places)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{POINT}" stroke-width="2"/>')
    every = -(-len(places) // 6)
    for at, (x, point) in enumerate(places):
        if point.low is not None and point.high is not None:
            parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_y(point.low, ceiling):.1f}" y2="{_y(point.high, ceiling):.1f}" stroke="{POINT}" stroke-width="6" stroke-opacity="0.3"/>')  # fmt: skip
        parts.append(f'<circle cx="{x:.1f}" cy="{_y(point.probability, ceiling):.1f}" r="5" fill="{POINT}"/>')
        if (len(places) - 1 - at) % every == 0:
            parts.append(
                f'<text x="{x:.1f}" y="{HEIGHT - 8}" fill="{INK}" text-anchor="middle">{point.on.day} {point.on:%b %y}</text>'
            )
    return "\n".join([*parts, "</svg>"])


def _x(at: int, many: int) -> float:
    left, right = LEFT + 46, WIDTH - 56
    return (left + right) / 2 if many == 1 else left + at * (right - left) / (many - 1)


def _y(value: float, ceiling: float) -> float:
    return HEIGHT - BELOW - (value / ceiling) * (HEIGHT - BELOW - TOP)
