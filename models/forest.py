"""Forest plots: one line a kind of person, with its figure and interval beside the figure of everybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models.charts import BLUE, GREY, drawn, rule, text, ticks

WIDTH, LEFT, RIGHT, ROW, TOP, BOTTOM = 720, 215, 175, 21, 30, 44


@dataclass(frozen=True)
class Line:
    """A figure: ``value``, from ``low`` to ``high``; None where there is none to show, and then ``instead`` says why.
    A heading has neither."""

    label: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    instead: str = ""
    heading: bool = False


@dataclass(frozen=True)
class Forest:
    """``lines`` from top to bottom on one axis ``x`` (lowest, highest); ``at`` is where the dashed line of comparison stands."""

    title: str
    said: str
    x_label: str
    lines: Sequence[Line]
    x: tuple[float, float]
    at: float | None = None
    at_says: str = ""
    places: int = 2

    @property
    def height(self) -> int:
        return TOP + ROW * len(self.lines) + BOTTOM

    def across(self, value: float) -> float:
        """Where a value lies; what is outside the axis is drawn on its edge."""
        low, high = self.x
        return LEFT + (min(max(value, low), high) - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    def svg(self) -> str:
        foot = self.height - BOTTOM
        parts = []
        for value in ticks(*self.x):
            x = self.across(value)
            parts += [rule(x, foot, x, TOP - 6), text(x, foot + 17, f"{value:g}", "middle")]
        parts.append(text(LEFT + (WIDTH - LEFT - RIGHT) / 2, self.height - 8, self.x_label, "middle"))
        if self.at is not None:
            x = self.across(self.at)
            parts.append(f'<line x1="{x:.1f}" y1="{TOP - 6}" x2="{x:.1f}" y2="{foot}" stroke="{GREY}" stroke-width="1.5" stroke-dasharray="4 4"/>')  # fmt: skip
            parts.append(text(x, TOP - 12, self.at_says, "middle"))
        for row, line in enumerate(self.lines):
            parts += self._line(line, TOP + ROW * row + ROW / 2)
        return drawn(self.title, self.said, WIDTH, self.height, parts)

    def _line(self, line: Line, y: float) -> list[str]:
        if line.heading:
            return [text(4, y + 4, line.label, "start", "bold")]
        parts = [text(16, y + 4, line.label, "start")]
        if line.value is None:
            return [*parts, text(WIDTH - RIGHT + 12, y + 4, line.instead, "start")]
        said = f"{line.value:.{self.places}f}"
        if line.low is not None and line.high is not None:
            left, right = self.across(line.low), self.across(line.high)
            said += f" ({line.low:.{self.places}f} to {line.high:.{self.places}f})"
            parts.append(f'<line x1="{left:.1f}" y1="{y:.1f}" x2="{right:.1f}" y2="{y:.1f}" stroke="{BLUE}" stroke-width="2"/>')  # fmt: skip
        x = self.across(line.value)
        parts.append(f'<rect x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8" fill="{BLUE}"/>')
        return [*parts, text(WIDTH - RIGHT + 12, y + 4, said, "start")]
