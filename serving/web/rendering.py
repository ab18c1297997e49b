"""Templates into pages. Nothing on a page is from another host, no script or style stands within it, and no page is kept by anybody."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from fastapi import Response
from jinja2 import ChainableUndefined, ChoiceLoader, Environment, PackageLoader, select_autoescape
from markupsafe import Markup

from risk.run.reading import short
from risk.run.saying import in_a_hundred
from serving.security.doors import PAGES, STATIC

STATIC_FOLDER = Path(__file__).parent / "static"
#: Files of our own alone; a form goes nowhere else; nobody frames a page.
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'"
)
HEADERS = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store", "Vary": "Cookie"}


def html(template: str, status: int = 200, **context: Any) -> Response:
    """A page of a template of ``serving/web/templates``."""
    return Response(_environment().get_template(template).render(context), status, HEADERS, "text/html")


@cache
def _environment() -> Environment:
    loader = ChoiceLoader([PackageLoader("serving.web"), PackageLoader("nhsuk_frontend_jinja")])
    # The design system's templates read fields of what was not given, which this kind of nothing allows.
    made = Environment(loader=loader, undefined=ChainableUndefined, autoescape=select_autoescape(default=True), trim_blocks=True, lstrip_blocks=True)  # fmt: skip
    made.globals |= {"PAGES": PAGES, "asset": asset}
    made.filters |= {
        "hundred": in_a_hundred,
        "short": short,
        "day": day,
        "upto": upto,
        "plain": plain,
        "first_up": first_up,
        "picture": Markup,
    }
    return made


@cache
def asset(name: str) -> str:
    """Address of a file of :data:`STATIC_FOLDER`, which changes with what is in it, so that a browser may keep it."""
    return f"{STATIC}{name}?v={sha256((STATIC_FOLDER / name).read_bytes()).hexdigest()[:12]}"


def day(said: date | str | None) -> str:
    """A day as people write it: "2 December 2024"."""
    if said is None:
        return "not known"
    on = datetime.fromisoformat(said).date() if isinstance(said, str) else said
    return f"{on.day} {on:%B %Y}"


def upto(interval: Mapping[str, float] | None) -> str:
    """An interval as whole hundredths: "18 to 29"; never below 1 or above 99, as :func:`risk.run.saying.in_a_hundred`."""
    if interval is None:
        return ""
    low, high = (min(max(round(interval[end] * 100), 1), 99) for end in ("low", "high"))
    return f"{low} to {high}"


def plain(code: str) -> str:
    """A code as words: "already known"."""
    return code.replace("_", " ")


def first_up(words: str) -> str:
    """Words as the beginning of a line; what follows their first letter stays as it is."""
    return words[:1].upper() + words[1:]
