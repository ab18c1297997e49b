"""Logs as JSON lines on standard error. A line names routes and clients, never people, parameters or bodies."""

from __future__ import annotations

import logging
import sys
from types import TracebackType
from typing import Any

import structlog

#: Loggers whose messages are about the server alone, and so are printed.
SPOKEN = ("uvicorn",)


def configure() -> None:
    """Send the service's own events, and those of the server that runs it, to standard error as JSON."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,  # the request's id, in every line that is written for it
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = _Quiet()
    logging.getLogger().handlers = [handler]
    logging.getLogger().setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True
        logger.setLevel(logging.INFO)


def where(error: BaseException) -> dict[str, Any]:
    """An error as a log may tell it: its type and the place in the code; its words may quote a row."""
    traceback: TracebackType | None = error.__traceback__
    place = "unknown"
    while traceback is not None:
        code = traceback.tb_frame.f_code
        place = f"{code.co_filename.rsplit('/', 1)[-1]}:{traceback.tb_lineno} in {code.co_name}"
        traceback = traceback.tb_next
    return {"error": type(error).__name__, "at": place}


class _Quiet(logging.Handler):
    """Other people's logs: their name and level, an error's type and place; their words only where they are the server's."""

    def emit(self, record: logging.LogRecord) -> None:
        said: dict[str, Any] = {"logger": record.name}
        if record.name.split(".")[0] in SPOKEN and not record.exc_info:
            said["says"] = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            said |= where(record.exc_info[1])
        structlog.get_logger().log(record.levelno, "log", **said)
