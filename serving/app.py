"""The service: who asks is known at the gate, every answer about a person is in the audit before it is sent."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import structlog
from fastapi import Depends, FastAPI
from fastapi.security import HTTPBearer
from starlette.concurrency import run_in_threadpool

from features.errors import FrailtyError
from risk.settings import Settings, load
from risk.tracing import tracing
from serving import documented, logs, problems
from serving.envelope import Envelope
from serving.fhir.opening import add_fhir
from serving.hooks.routes import add_hooks
from serving.installation import Installation, open_installation
from serving.metrics import Listening, Metrics
from serving.parameters import only_known
from serving.routes import (
    decisions,
    docs,
    events,
    exports,
    frailty_register,
    health,
    in_hospital,
    links,
    lists_beside,
    lookup,
    meeting,
    persons,
    practices,
    runs,
    score,
    suppressions,
    tokens,
    wider_lists,
)
from serving.security.deadline import Deadline
from serving.security.gate import Gate
from serving.web.opening import add_pages

#: Seconds between signed checkpoints of the audit.
CHECKPOINT_EVERY = 60
DESCRIPTION = (
    "Published lists of people at risk of an unplanned admission, pseudonymous, with reasons. It supports decisions and takes "
    "none: not for placement, funding, resuscitation or discharge decisions. Every answer about a person is audited."
)


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application of the installation that the settings name.

    Without settings, as it is started by name, it reads them and takes over the process's logs. Raises :class:`features.errors.FrailtyError` where it may not or cannot start: a key missing or open to others, a store
    that does not answer.
    """
    if settings is None:
        logs.configure()
    installation = open_installation(settings or load())
    app = FastAPI(
        title="frailty-risk",
        version=version("frailty-risk"),
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        redirect_slashes=False,
    )
    app.state.installation = installation
    for open_to_all in (health.router, tokens.router, docs.router):
        app.include_router(open_to_all)
    # The gate decides; this tells readers of the OpenAPI document that it does.
    bearer = [Depends(HTTPBearer(auto_error=False, description="a token from /v1/token")), Depends(only_known)]
    for behind_the_gate in (
        runs.router,
        practices.router,
        lists_beside.router,
        wider_lists.router,
        lookup.router,
        links.router,
        persons.router,
        score.router,
        suppressions.router,
        decisions.router,
        meeting.router,
        frailty_register.router,
        events.router,
        in_hospital.router,
        exports.router,
    ):
        app.include_router(behind_the_gate, dependencies=bearer)
    add_pages(app, installation.settings)
    add_hooks(app)
    problems.answer(app)
    app.add_middleware(Gate, installation=installation)
    app.add_middleware(Deadline, seconds=installation.settings.request_seconds)
    app.state.tracing = tracing(installation.settings)
    metrics = Metrics(installation.settings, installation.store)
    app.state.metrics = metrics
    app.add_middleware(Envelope, metrics=metrics, tracing=app.state.tracing)
    add_fhir(app)
    documented.complete(app)
    return app


@contextlib.asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
    installation: Installation = app.state.installation
    listen = installation.settings.metrics
    told = Listening(app.state.metrics, listen) if listen else None
    signing: asyncio.Task[Any] = asyncio.create_task(_minutely(app))
    yield {"settings": installation.settings}  # to the connections too: serving.security.connections
    if told is not None:
        await run_in_threadpool(told.close)
    await run_in_threadpool(app.state.bulk.close)
    await run_in_threadpool(app.state.tracing.close)
    signing.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await signing
    await _checkpoint(installation)
    installation.store.close()


async def _minutely(app: FastAPI) -> None:
    while True:
        await _checkpoint(app.state.installation)
        await run_in_threadpool(app.state.bulk.jobs.sweep, datetime.now(UTC))
        await asyncio.sleep(CHECKPOINT_EVERY)


async def _checkpoint(installation: Installation) -> None:
    try:
        await run_in_threadpool(installation.audit.checkpoint)
    except FrailtyError as error:
        structlog.get_logger().error("checkpoint failed", **logs.where(error))
