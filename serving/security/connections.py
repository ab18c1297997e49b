"""No connection is held by a client that is slow about it: not by a request's head that trickles in, not by a body that nobody reads any more, not by an answer
that is not read. (OWASP API4:2023, unrestricted resource consumption.)

A body that is waited for, and the work on an answer, are :mod:`serving.security.deadline`'s; a connection between two requests is the server's own.
"""

from __future__ import annotations

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

#: Bytes that a client must take of its answer for each second that it is given: less than the slowest line that anybody works on.
LEAST_A_SECOND = 1024


class Connection(H11Protocol):
    """The server's connection, with two limits of the settings, which the application's lifespan hands on as ``settings``: ``head_seconds`` from the opening of
    the connection, or from a request's first byte, until its head is whole; ``reader_seconds`` in which so much of an answer must be taken."""

    _idle: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None
    _left = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=0)  # whatever the operating system does not take counts as not read
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_idle()
        self._end_unread()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._wait_for_reader()

    def resume_writing(self) -> None:
        self._end_unread()
        super().resume_writing()

    def _watch(self) -> None:
        """Give what comes in a limit while nobody works on it: what is not yet a request, and what is left of one that was answered already."""
        answered = self.conn.our_state is h11.DONE and self.conn.their_state is h11.SEND_BODY
        if self.conn.their_state is not h11.IDLE and not answered:
            self._end_idle()
        elif self._idle is None and not self.transport.is_closing():
            self._idle = self.loop.call_later(self.app_state["settings"].head_seconds, self.transport.close)

    def _wait_for_reader(self) -> None:
        self._left = self.transport.get_write_buffer_size()
        self._unread = self.loop.call_later(self.app_state["settings"].reader_seconds, self._taken)

    def _taken(self) -> None:
        least = LEAST_A_SECOND * self.app_state["settings"].reader_seconds
        if self._left - self.transport.get_write_buffer_size() < least:
            self.transport.abort()
        else:
            self._wait_for_reader()

    def _end_idle(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def _end_unread(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None
