"""The hazard log as a page, from its data."""

from __future__ import annotations

import tomllib
from pathlib import Path

LOG = Path(__file__).resolve().parents[1] / "docs" / "safety" / "hazards.toml"
#: Parts of an entry, in the order of the page.
PARTS = ("cause", "effect", "control")


def page() -> str:
    """Every hazard with its cause, effect, ratings, control and the tests that show it."""
    lines = ["# The hazard log", "",
             "Written by `make docs` from `docs/safety/hazards.toml` (DCB0129). Ratings are the makers' own and await an area's clinical safety officer (DCB0160).", ""]  # fmt: skip
    for held in tomllib.loads(LOG.read_text(encoding="utf-8"))["hazard"]:
        lines += [f"## {held['id']}: {held['hazard']}", ""]
        lines += [f"**{part.capitalize()}.** {held[part]}." for part in PARTS]
        lines += [
            "",
            f"Severity {held['severity']}; likelihood {held['likelihood']}, with the control {held['residual_likelihood']}.",
            "",
        ]
        lines += [*(f"- `{test}`" for test in held["tests"]), ""]
    return "\n".join(lines)
