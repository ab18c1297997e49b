"""Traces of requests and of a run's stages, sent by OTLP where a setting says to; by default there are none.

A span's name and attributes are of routes and stages as they are declared, of methods, statuses and types of errors, and of nothing else: what is not in
:data:`ATTRIBUTES` is refused here, so that nobody's id can be in a trace. Errors are not recorded in words, which may quote a row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import Span, SpanKind, Status, StatusCode

from features.progress import Progress
from risk.settings import Settings

#: All that a span may say, by the names of OpenTelemetry's semantic conventions where they have one.
ATTRIBUTES = frozenset(
    {"http.request.method", "http.route", "http.response.status_code", "error.type", "frailty.stage"}
)
#: Seconds that the end of a process waits for its last spans to be sent.
PATIENCE = 5


class Tracing:
    """Where spans go. Without an exporter there are none, and asking for one costs nothing."""

    def __init__(self, exporter: SpanExporter | None) -> None:
        self._provider: TracerProvider | None = None
        if exporter is not None:
            about = Resource({"service.name": "frailty-risk", "service.version": version("frailty-risk")})
            self._provider = TracerProvider(resource=about, shutdown_on_exit=False)
            self._provider.add_span_processor(BatchSpanProcessor(exporter))

    def begin(self, name: str, attributes: Mapping[str, Any], kind: SpanKind = SpanKind.INTERNAL) -> Span | None:
        """A span that begins now, for :func:`end`; None where nothing is traced."""
        if self._provider is None:
            return None
        _allowed(attributes)
        return self._provider.get_tracer("frailty").start_span(name, attributes=dict(attributes), kind=kind)

    def close(self) -> None:
        """Send what is left."""
        if self._provider is not None:
            self._provider.force_flush(PATIENCE * 1000)
            self._provider.shutdown()


def end(span: Span | None, name: str | None = None, error: bool = False, **attributes: Any) -> None:
    """End a span, with what was known only then; dots of attributes' names are written as two underscores."""
    if span is None:
        return
    said = {key.replace("__", "."): value for key, value in attributes.items() if value is not None}
    _allowed(said)
    span.set_attributes(said)
    if name is not None:
        span.update_name(name)
    if error:
        span.set_status(Status(StatusCode.ERROR))
    span.end()


def tracing(settings: Settings) -> Tracing:
    """Tracing as the settings say."""
    if not settings.traces:
        return Tracing(None)
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (
        OTLPSpanExporter,
    )  # only for whom it matters: it loads much

    return Tracing(OTLPSpanExporter(endpoint=settings.traces, timeout=PATIENCE))


class Traced:
    """A progress each of whose stages is a span; tells another."""

    def __init__(self, held: Tracing, watcher: Progress) -> None:
        self._held, self._watcher = held, watcher
        self._span: Span | None = None

    def stage(self, name: str, total: int | None = None) -> None:
        end(self._span)
        self._span = self._held.begin(f"run: {name}", {"frailty.stage": name})
        self._watcher.stage(name, total)

    def advance(self, by: int = 1) -> None:
        self._watcher.advance(by)

    def ended(self, error: str | None = None) -> None:
        end(self._span, error=error is not None, error__type=error)
        self._span = None


@contextmanager
def of_run(settings: Settings, watcher: Progress) -> Iterator[Progress]:
    """The progress to give to a run, whose stages are traced where the settings say so."""
    held = tracing(settings)
    traced = Traced(held, watcher)
    try:
        yield traced
        traced.ended()
    except BaseException as error:
        traced.ended(type(error).__name__)
        raise
    finally:
        held.close()


def _allowed(attributes: Mapping[str, Any]) -> None:
    more = set(attributes) - ATTRIBUTES
    if more:
        raise ValueError(f"a span does not say {', '.join(sorted(more))}")
