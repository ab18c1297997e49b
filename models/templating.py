"""Pages that need nothing but themselves: no script, no outside file; one look for all of them (``templates/base.html``)."""

from __future__ import annotations

from functools import lru_cache

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, Template


@lru_cache(maxsize=64)
def template(package: str, name: str, **filters: object) -> Template:
    """The template ``name`` of a top-level package; what it says of people or data is escaped, and what it is not given is an
    error. Compiled once: that takes longer than to fill it."""
    loader = ChoiceLoader([PackageLoader(package), PackageLoader("models")])
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= filters
    return environment.get_template(name)
