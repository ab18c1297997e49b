"""The report's charts as SVG, drawn by hand: no script, no outside font or file, and the same said in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT, KEY_ROW = 520, 360, 62, 48, 14, 16, 20
#: Colours of the NHS identity that stay apart for people who do not see colours alike; lines differ by dash as well.
BLUE, GREY, ORANGE = "#005eb8", "#4c6272", "#b54708"

#: In place of a dash in the key: the name is of dots.
DOT = "dot"

Point = tuple[float, float]


@dataclass
class Chart:
    """A chart with a horizontal and a vertical axis, each ``(lowest, highest)``. ``said`` is its text alternative."""

    title: str
    said: str
    x_label: str
    y_label: str
    x: tuple[float, float] = (0.0, 1.0)
    y: tuple[float, float] = (0.0, 1.0)
    parts: list[str] = field(default_factory=list)
    key: list[tuple[str, str, str]] = field(default_factory=list)

    def at(self, point: Point) -> Point:
        """Where a point lies on the page; what is outside the axes is drawn on their edge."""
        across = (min(max(point[0], self.x[0]), self.x[1]) - self.x[0]) / (self.x[1] - self.x[0])
        up = (min(max(point[1], self.y[0]), self.y[1]) - self.y[0]) / (self.y[1] - self.y[0])
        return LEFT + across * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - up * (HEIGHT - BOTTOM - TOP)

    def line(self, points: Sequence[Point], colour: str = BLUE, dash: str = "", name: str = "") -> None:
        """A line through the points, named in the chart's key."""
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(self.at, points))
        self.parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{_dashed(dash)}/>')
        if name:
            self.key.append((name, colour, dash))

    def dots(self, points: Sequence[Point], spans: Sequence[Point] = (), colour: str = BLUE, name: str = "") -> None:
        """Dots, each with a vertical bar from one value to another; a name goes into the chart's key."""
        if name:
            self.key.append((name, colour, DOT))
        for point, (low, high) in zip(points, spans, strict=False):
            (x, bottom), (_, top) = self.at((point[0], low)), self.at((point[0], high))
            self.parts.append(f'<line x1="{x:.1f}" y1="{bottom:.1f}" x2="{x:.1f}" y2="{top:.1f}" stroke="{colour}"/>')
        for x, y in map(self.at, points):
            self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>')

    def svg(self) -> str:
        """The whole chart, its key beneath it."""
        deep = HEIGHT + KEY_ROW * -(-len(self.key) // 2)
        return drawn(self.title, self.said, WIDTH, deep, [*self._axes(), *self.parts, *self._key()])

    def _key(self) -> list[str]:
        """Each named line, with its colour and dash, two in a row."""
        shown = []
        for place, (name, colour, dash) in enumerate(self.key):
            y, start = HEIGHT + 8 + KEY_ROW * (place // 2), LEFT + (WIDTH - LEFT) / 2 * (place % 2)
            if dash == DOT:
                shown.append(f'<circle cx="{start + 15:g}" cy="{y}" r="3.5" fill="{colour}"/>')
            else:
                shown.append(f'<line x1="{start:g}" y1="{y}" x2="{start + 30:g}" y2="{y}" stroke="{colour}" stroke-width="2"{_dashed(dash)}/>')  # fmt: skip
            shown.append(text(start + 38, y + 4, name, "start"))
        return shown

    def _axes(self) -> list[str]:
        shown = []
        for value in ticks(*self.x):
            x, y = self.at((value, self.y[0]))
            shown += [rule(x, y, x, TOP), text(x, y + 17, f"{value:g}", "middle")]
        for value in ticks(*self.y):
            x, y = self.at((self.x[0], value))
            shown += [rule(x, y, WIDTH - RIGHT, y), text(x - 7, y + 4, f"{value:g}", "end")]
        middle = HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) / 2
        shown.append(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, self.x_label, "middle"))
        shown.append(f'<g transform="rotate(-90 15 {middle:.0f})">{text(15, middle, self.y_label, "middle")}</g>')
        return shown


def drawn(title: str, said: str, width: float, height: float, parts: Sequence[str]) -> str:
    """A picture of so many points across and down, with its name and what it shows in words."""
    name = "".join(letter if letter.isalnum() else "-" for letter in title.lower())
    return (
        f'<svg role="img" aria-labelledby="{name}-t {name}-d" viewBox="0 0 {width:g} {height:g}" '
        f'xmlns="http://www.w3.org/2000/svg"><title id="{name}-t">{escape(title)}</title>'
        f'<desc id="{name}-d">{escape(said)}</desc>{"".join(parts)}</svg>'
    )


def _dashed(dash: str) -> str:
    return f' stroke-dasharray="{dash}"' if dash else ""


def ticks(low: float, high: float) -> list[float]:
    """Four to eight round values from one end to the other."""
    span = high - low
    for step in (k * 10.0**power for power in range(-4, 5) for k in (1, 2, 5)):
        if span / step <= 7:
            break
    first = -(-low // step) * step
    return [round(first + i * step, 10) for i in range(int((high - first) / step + 1e-9) + 1)]


def rule(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#d8dde0"/>'


def text(x: float, y: float, words: str, anchor: str, weight: str = "normal") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="#212b32" font-size="13" font-weight="{weight}">{escape(words)}</text>'
