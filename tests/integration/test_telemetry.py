"""Metrics, traces and logs: what they tell of the service and its runs, and that none of them tells of anybody."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import orjson
import pytest
import structlog
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from features.errors import BadInput, WrongUsage
from features.progress import SILENT
from risk import keys, operator, tracing, watching
from risk.audit import Audit, Event
from risk.settings import Settings
from risk.tracing import ATTRIBUTES, Traced, Tracing
from serving import app as application
from serving import logs
from serving.metrics import METHODS, Listening, Metrics
from tests.asked import requests
from tests.service import TODAY, Service, serving

TABLES_AND_BANDS = {
    "audit",
    "lease",
    "backups",
    "run",
    "meetings",
    "gp_event",
    "spell",
    "high",
    "medium",
    "low",
    "predictors",
    "publish",
}


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    """Where every span of the service goes."""
    exporter = InMemorySpanExporter()
    monkeypatch.setattr(application, "tracing", lambda _: Tracing(exporter))
    return exporter


def walked(service: Service) -> set[str]:
    """Ask everything there is of one person and practice, by a client that may, and by nobody; the templates there are."""
    head = service.bearer(service.client())
    person = service.http.get("/v1/practices/A81001/list", headers=head).json()["people"][0]["person"]
    every = requests(service.http.app)
    for asked in every:
        method, path, more = asked.filled("A81001", person)
        for headers in (head, {}):
            service.http.request(
                method, path, **{**more, "headers": {**more.get("headers", {}), **headers}}, follow_redirects=False
            )
    service.http.get(f"/v1/nowhere/{person}", headers=head)
    service.http.request("PEOPLE", "/health")
    return {asked.template for asked in every}


@pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)
def test_no_metric_and_no_span_names_anybody(store_settings: Settings, spans: InMemorySpanExporter) -> None:
    """Every label and attribute is one of those that are declared: no id, practice, client, path or word of an error is among them.

    Harm: who was looked up, and by whom, lies in a monitoring system that the whole organisation reads."""
    with serving(store_settings) as service:
        templates = walked(service)
        told = generate_latest(service.http.app.state.metrics.registry).decode()
    statuses = {str(status) for status in range(200, 600)}
    labels = {value for family in text_string_to_metric_families(told) for sample in family.samples
              for name, value in sample.labels.items() if name != "le"}  # fmt: skip
    of_routes = templates | {"none", "other"} | METHODS | statuses
    assert "/v1/practices/{code}/list" in labels
    assert labels <= of_routes | TABLES_AND_BANDS
    exported = spans.get_finished_spans()
    assert {"GET /v1/practices/{code}/list", "GET none", "other /health"} <= {span.name for span in exported}
    for span in exported:
        held = dict(span.attributes or {})
        assert set(held) <= ATTRIBUTES
        assert {str(value) for value in held.values()} <= of_routes
        assert span.name.split(" ", 1)[1] in of_routes
        assert not span.events


def test_what_is_told_of_an_installation(store_settings: Settings) -> None:
    """Harm: the run of the week did not come, or actions lie undone, and nobody is told."""
    with serving(store_settings) as service:
        settings = service.settings.model_copy(update={"stale_days": 3})
        found = {gauge.name: gauge.values for gauge in watching.gauges(settings, service.store)}
        told = {name: values[""] for name, values in found.items() if "" in values}
        assert (told["frailty_run_current"], told["frailty_run_data_age_days"]) == (1, 4)  # 28 November to 2 December
        assert (told["frailty_run_stale"], told["frailty_run_expired"], told["frailty_lease_held"]) == (1, 0, 0)
        assert (told["frailty_not_reviewed"], told["frailty_actions_open"], told["frailty_actions_late"]) == (3, 0, 0)
        operator.record(settings, service.store, "list", outcome="answered")  # which signs a checkpoint
        Audit(service.store, keys.held(settings).audit, settings).record(
            Event("system", "a test", "list")
        )  # which does not
        service.store.take_lease("a run")
        found = {gauge.name: gauge.values for gauge in watching.gauges(settings, service.store)}
        assert (found["frailty_lease_held"][""], found["frailty_audit_unsigned_rows"][""]) == (1, 1)


@pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)
def test_what_cannot_be_read_is_told_and_hides_nothing_else(
    store_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Harm: one number that cannot be made silences the alarm of all the others."""
    with serving(store_settings) as service:
        monkeypatch.setattr(watching, "meeting", lambda *_: (_ for _ in ()).throw(AttributeError("of an old run")))
        found = {gauge.name: gauge.values for gauge in watching.gauges(service.settings, service.store)}
    assert found["frailty_watch_faults"] == {"audit": 0, "lease": 0, "backups": 0, "run": 0, "meetings": 1}
    assert found["frailty_run_data_age_days"] == {"": 4}


@pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)
def test_the_age_of_each_feed_and_backup(store_settings: Settings, tmp_path: Path) -> None:
    """Harm: a feed stops, or backups do, and it is seen when they are needed."""
    (tmp_path / "backup-20241201T020000Z-until-20250105-0123456789abcdef").mkdir()
    run = {"run": 1, "number": 1, "started_at": datetime(2024, 12, 1, tzinfo=UTC), "data_as_at": TODAY, "index_date": TODAY,
           "valid_until": TODAY, "counts": {"bands": {"high": 2}}, "feeds": {"gp_event": {"received": "2024-11-25"}, "spell": {"received": None}}}  # fmt: skip
    settings = store_settings.model_copy(update={"today": TODAY, "backups": tmp_path})
    found = {gauge.name: gauge.values for gauge in [*watching._of_run(settings, run), *watching._backups(settings)]}
    assert found["frailty_feed_age_days"] == {"gp_event": 7.0}
    assert found["frailty_run_people"] == {"high": 2}
    assert found["frailty_backup_age_seconds"][""] > 0


@pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)
def test_metrics_have_an_address_of_their_own(store_settings: Settings) -> None:
    """Harm: whoever reaches the API's port reads how many people of an area are at high risk, and what is left undone."""
    with serving(store_settings) as service:
        head = service.bearer(service.client())
        assert service.http.get("/metrics").status_code == 401
        assert service.http.get("/metrics", headers=head).status_code == 404
        listening = Listening(service.http.app.state.metrics, "127.0.0.1:0")
        try:
            asked = HTTPConnection("127.0.0.1", listening.port, timeout=10)
            asked.request("GET", "/metrics")
            told = asked.getresponse().read().decode()
        finally:
            listening.close()
        assert "frailty_run_data_age_days 4.0" in told
        assert 'frailty_requests_total{method="GET",route="none",status="401"} 1.0' in told
        service.store.close()


@pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)
def test_a_store_that_does_not_answer_is_told(store_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Harm: the one number that matters in an outage is missing because the outage hides it."""
    with serving(store_settings) as service:
        monkeypatch.setattr(watching, "gauges", lambda *_: (_ for _ in ()).throw(BadInput("gone")))
        told = generate_latest(Metrics(service.settings, service.store).registry).decode()
    assert "frailty_store_up 0.0" in told


@pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)
def test_an_address_that_is_none_is_refused(store_settings: Settings) -> None:
    """Harm: a service starts without the metrics that its settings ask for."""
    with pytest.raises(WrongUsage, match=r"such as 127\.0\.0\.1:9464"):
        Listening(None, "9464")  # type: ignore[arg-type]


def test_a_runs_stages_are_spans_and_an_error_is_told_by_its_type_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Harm: nobody sees which stage takes the night; or an error's words, which may quote a row, are sent away."""
    exporter = InMemorySpanExporter()
    monkeypatch.setattr(tracing, "tracing", lambda _: Tracing(exporter))
    monkeypatch.setattr(exporter, "shutdown", lambda: None)

    def work() -> None:
        with tracing.of_run(Settings(), SILENT) as progress:
            progress.stage("predictors", 3)
            progress.advance(3)
            progress.stage("publish")
            raise BadInput("row of 9434765919")

    with pytest.raises(BadInput):
        work()
    told = [(span.name, dict(span.attributes or {}), list(span.events)) for span in exporter.get_finished_spans()]
    assert told == [
        ("run: predictors", {"frailty.stage": "predictors"}, []),
        ("run: publish", {"frailty.stage": "publish", "error.type": "BadInput"}, []),
    ]


def test_nothing_is_traced_unless_a_setting_says_so() -> None:
    """Harm: a new installation sends what it does to an address that nobody chose."""
    held = tracing.tracing(Settings())
    assert held.begin("GET", {}) is None
    traced = Traced(held, SILENT)
    traced.stage("predictors")
    traced.ended()
    assert Settings().metrics == ""


def test_a_span_says_nothing_that_is_not_declared() -> None:
    """Harm: somebody adds a person's id to a span, and it is seen a year later."""
    with pytest.raises(ValueError, match="does not say person_id"):
        Tracing(InMemorySpanExporter()).begin("GET", {"person_id": 101})


@pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)
def test_every_line_of_the_log_has_its_requests_id(store_settings: Settings, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    """Harm: a fault is reported with its id, and the lines that tell why cannot be found."""
    given = "6f1e2d3c-4b5a-4978-8a6b-5c4d3e2f1a0b"

    def spoken(*_: Any) -> None:
        structlog.get_logger().warning("in between")
        raise RuntimeError("words that may quote a row")

    logs.configure()
    try:
        with serving(store_settings) as service:
            monkeypatch.setattr("serving.routes.runs.answers.provenance", spoken)
            head = {**service.bearer(service.client()), "X-Request-ID": given}
            assert service.http.get("/v1/runs/current", headers=head).headers["x-request-id"] == given
            service.http.get("/health")
    finally:
        structlog.reset_defaults()
    lines = [orjson.loads(line) for line in capfd.readouterr().err.splitlines() if line.startswith("{")]
    of_request = [line for line in lines if line.get("request_id") == given]
    assert [line["event"] for line in of_request] == ["in between", "failed", "answered"]
    assert "quote" not in json.dumps(lines)
    assert any(line["event"] == "answered" and line["request_id"] != given for line in lines)
