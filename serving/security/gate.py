"""The gate in front of every route: nothing but what :data:`OPEN` names is answered without a good bearer token, or for the pages
(:mod:`serving.security.doors`) a good session.

A token that verifies is only a name. What the client may read is looked up in the organisation directory on each request,
so access ends on the day that a grant does, for earlier runs too.
"""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from features.errors import FrailtyError
from risk import clients
from risk.clients import Access
from serving.installation import Installation
from serving.problems import Problem
from serving.security import doors, hook_tokens, returning
from serving.security.limits import spend
from serving.web import refusals

#: Paths that anyone may ask for, exactly as written.
OPEN = (
    frozenset(
        {
            "/health",
            "/ready",
            "/openapi.json",
            "/docs",
            "/v1/token",
            "/fhir/R4/metadata",
            "/fhir/R4/.well-known/smart-configuration",
        }
    )
    | doors.OPEN_PAGES
)
_SCHEME = "bearer "


class Gate:
    """ASGI middleware. What passes has its :class:`Access` in ``request.state.access``."""

    def __init__(self, app: ASGIApp, installation: Installation) -> None:
        self.app = app
        self._installation = installation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] == "lifespan" or path in OPEN or path.startswith(doors.STATIC):
            await self.app(scope, receive, send)
            return
        if doors.of_pages(path):
            await self._page(scope, receive, send)
            return
        try:
            access = await self._access(Headers(scope=scope).get("authorization", ""), path)
            spend(self._installation.limits.every, access.client_id)
            scope["state"] |= {"access": access, "client_id": access.client_id}
        except Problem as problem:
            await problem.response()(scope, receive, send)
        except FrailtyError:
            await Problem("unavailable").response()(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _page(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Behind the people's door. Whoever has no session is shown where to log in, whatever they asked for and however."""
        held, cookies = self._installation, Headers(scope=scope).get("cookie", "")
        try:
            found = await run_in_threadpool(doors.person, held.sessions, held.store, cookies, held.today)
        except FrailtyError:
            await refusals.unavailable()(scope, receive, send)
            return
        if found is None:
            over_tls = doors.secure(held.settings, scope["scheme"])
            await returning.remember(refusals.logged_out(), scope["path"], over_tls)(scope, receive, send)
            return
        session, access = found
        try:
            spend(self._installation.limits.every, access.client_id)
        except Problem as problem:
            await refusals.of(problem)(scope, receive, send)
            return
        scope["state"] |= {"session": session, "access": access, "client_id": access.client_id}
        await self.app(scope, receive, send)

    async def _access(self, authorization: str, path: str) -> Access:
        if not authorization.lower().startswith(_SCHEME):
            raise Problem("unauthenticated")
        token = authorization[len(_SCHEME) :].strip()
        if hook_tokens.signed_by_clients(path):
            return await run_in_threadpool(hook_tokens.access, self._installation, token, path)
        bearer = self._installation.tokens.bearer(token)
        if bearer is None:
            raise Problem("unauthenticated")
        store, day = self._installation.store, self._installation.today
        access = await run_in_threadpool(clients.access, store, bearer.client_id, day)
        if access is None:
            raise Problem("unauthenticated")
        return access.narrowed(bearer.scopes)
