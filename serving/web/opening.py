"""The pages, put into the application."""

from __future__ import annotations

from fastapi import FastAPI

from risk.settings import Settings
from serving.security.doors import STATIC
from serving.security.vouching import issuers
from serving.web.files import Files
from serving.web.routes import (
    area,
    break_glass,
    contacts,
    exports,
    frailty_register,
    landing,
    launch,
    letter,
    links,
    lists,
    login,
    meeting,
    narrow,
    overview,
    persons,
    runs,
    writing,
)

ROUTES = (
    login.routes,
    launch.routes,
    landing.routes,
    lists.routes,
    exports.routes,
    persons.routes,
    writing.routes,
    contacts.routes,
    letter.routes,
    frailty_register.routes,
    links.routes,
    meeting.routes,
    area.routes,
    runs.routes,
    overview.routes,
    break_glass.routes,
    narrow.routes,
)


def add_pages(app: FastAPI, settings: Settings) -> None:
    """Routes, files and issuers of log-ins; errors as of :func:`serving.security.vouching.issuers`."""
    app.state.issuers = issuers(settings)
    for routes in ROUTES:
        app.include_router(routes)
    app.mount(STATIC.rstrip("/"), Files())
