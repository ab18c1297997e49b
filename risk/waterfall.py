"""A person's reasons as a picture: a waterfall from where everybody begins to the person's score, with the same in words for whoever
does not see it.

Bars lie on the scale of the raw score, on which they add up. A bar's way is told by its side, its sign and its words, not by colour alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from textwrap import wrap
from typing import Any

#: Pixels: width of the whole, of its words, of the numbers at the right; height of a row and of the head.
WIDTH, WORDS, NUMBERS, ROW, HEAD = 860, 430, 70, 38, 28
#: Letters that fit into the words' width at 14 pixels a letter's height.
LETTERS = 54
#: Colours of the NHS identity: dark pink, blue, grey; at least 4.5 to 1 on white.
MORE, LESS, TOTAL = "#7c2855", "#005eb8", "#425563"
#: What a bar of no reason is called.
BEGINS, SCORE = "Where everybody begins", "This person's score"
BACKGROUND, ELSE = "Background: sex, place, what is not known", "All else; support in place is not told apart"


@dataclass(frozen=True)
class Bar:
    """A row: from ``begin`` to ``end`` on the scale of the raw score."""

    says: str
    begin: float
    end: float
    total: bool = False
    #: Whether it is a reason, rather than a total or what is left over.
    reason: bool = False

    @property
    def number(self) -> str:
        return f"{self.end - self.begin:+.2f}".replace("-", "−")


def bars(reasons: Mapping[str, Any]) -> list[Bar]:
    """Rows from the baseline to the score: what raises, what lowers, the rest by its parts. The last ends at the raw score."""
    at = float(reasons["baseline"])
    found = [Bar(BEGINS, 0.0, at, total=True)]
    steps = [(told["says"], told["contribution"]) for told in (*reasons["raises"], *reasons["lowers"])]
    background = (reasons.get("rest_of") or {}).get("background", 0.0)
    rest = [(BACKGROUND, background), (ELSE, reasons["rest"] - background)]
    shown = len(steps)
    steps += [(says, moved) for says, moved in rest if abs(moved) > 1e-9]
    for number, (says, moved) in enumerate(steps):
        found.append(Bar(says, at, at + moved, reason=number < shown))
        at += moved
    return [*found, Bar(SCORE, 0.0, float(reasons["raw"]), total=True)]


def in_words(reasons: Mapping[str, Any]) -> str:
    """The picture as sentences."""
    _, *steps, last = bars(reasons)
    told = "; ".join(f"{bar.says}: {bar.number}" for bar in steps)
    return f"Everybody begins at {_signed(reasons['baseline'])}. {told}. Together {_signed(last.end)}, on the scale of log-odds."


def svg(reasons: Mapping[str, Any]) -> str:
    """The picture, to stand within a page: it needs no script, font or file. Its title and description are read out in its place."""
    rows = bars(reasons)
    ends = [0.0, *(end for bar in rows for end in (bar.begin, bar.end))]
    low, high = min(ends), max(ends)
    scale = (WIDTH - WORDS - NUMBERS) / ((high - low) or 1.0)

    def place(value: float) -> float:
        return WORDS + (value - low) * scale

    height = HEAD + ROW * len(rows) + 8
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" '
        f'aria-labelledby="waterfall-title waterfall-words" font-family="Arial, sans-serif" font-size="14">',
        '<title id="waterfall-title">What this score goes with</title>',
        f'<desc id="waterfall-words">{escape(in_words(reasons))}</desc>',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="{WORDS}" y="18" fill="{TOTAL}">lower ←  risk  → higher</text>',
        f'<line x1="{place(0):.1f}" x2="{place(0):.1f}" y1="{HEAD}" y2="{height - 8}" stroke="#aeb7bd" stroke-dasharray="2 3"/>',
    ]
    for row, bar in enumerate(rows):
        parts += _drawn(bar, HEAD + row * ROW, place, last=row == len(rows) - 1)
    return "\n".join([*parts, "</svg>"])


def _drawn(bar: Bar, top: int, place: Any, *, last: bool) -> list[str]:
    left, right = sorted((place(bar.begin), place(bar.end)))
    colour = TOTAL if not bar.reason else MORE if bar.end > bar.begin else LESS
    weight = ' font-weight="bold"' if bar.total else ""
    lines = wrap(bar.says, LETTERS)
    number = _signed(bar.end) if bar.total else bar.number
    drawn = [
        *(f'<text x="8" y="{y}" fill="#212b32"{weight}>{escape(line)}</text>' for y, line in _placed(lines, top)),
        f'<rect x="{left:.1f}" y="{top + 7}" width="{max(right - left, 1):.1f}" height="{ROW - 14}" fill="{colour}"/>',
        f'<text x="{WIDTH - 8}" y="{top + 22}" fill="{colour}" text-anchor="end"{weight}>{number}</text>',
    ]
    if not last:
        drawn.append(
            f'<line x1="{place(bar.end):.1f}" x2="{place(bar.end):.1f}" y1="{top + ROW - 7}" y2="{top + ROW + 7}" stroke="{TOTAL}"/>'
        )
    return drawn


def _placed(lines: list[str], top: int) -> list[tuple[int, str]]:
    """Lines of a row's words, about its middle. A third and further lines are left to the words beside the picture."""
    kept = lines[:2]
    return [(top + 22 - 8 * (len(kept) - 1) + 16 * number, line) for number, line in enumerate(kept)]


def _signed(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")
