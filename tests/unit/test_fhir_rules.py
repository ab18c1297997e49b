"""The rules by which FHIR answers are judged find what is wrong with one."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.fhir_rules import faults

GOOD: dict[str, Any] = {
    "resourceType": "RiskAssessment",
    "id": "a-1",
    "status": "final",
    "subject": {"reference": "Patient/a"},
    "prediction": [{"probabilityDecimal": 23, "whenPeriod": {"start": "2024-11-30", "end": "2025-11-29"}, "rationale": "23 in 100"}],
}  # fmt: skip


def test_what_is_right_is_not_faulted() -> None:
    assert faults(GOOD) == []


@pytest.mark.parametrize(
    ("broken", "where"),
    [
        (lambda one: one.pop("status"), "status"),
        (lambda one: one.pop("subject"), "subject"),
        (lambda one: one.update(status="zzz"), "status"),
        (lambda one: one.update(likelihood=1), "likelihood"),
        (lambda one: one.update(prediction=one["prediction"][0]), "prediction"),
        (lambda one: one.update(note=[]), "note"),
        (lambda one: one.update(mitigation=None), "mitigation"),
        (lambda one: one.update(id="a_1"), "id"),
        (lambda one: one["prediction"][0].update(probabilityDecimal=142), "probabilityDecimal"),
        (lambda one: one["prediction"][0].update(probabilityDecimal="23"), "probabilityDecimal"),
        (lambda one: one["prediction"][0]["whenPeriod"].update(end="2024-11-01"), "per-1"),
    ],
)
def test_what_is_wrong_is_found(broken: Callable[[dict[str, Any]], object], where: str) -> None:
    one = copy.deepcopy(GOOD)
    broken(one)
    assert any(where in fault for fault in faults(one))


GROUP: dict[str, Any] = {"resourceType": "Group", "type": "person", "actual": True, "member": [{"entity": {"reference": "Patient/a"}}]}  # fmt: skip
EVENT: dict[str, Any] = {
    "resourceType": "AuditEvent",
    "type": {"code": "rest"},
    "recorded": "2024-11-30T06:00:00.000001+00:00",
    "agent": [{"requestor": True}],
    "source": {"observer": {"display": "a test"}},
}


@pytest.mark.parametrize(
    ("good", "changed", "where"),
    [
        (GROUP, {"actual": False}, "grp-1"),
        (GROUP, {"actual": "true"}, "actual"),
        (GROUP, {"type": "patients"}, "type"),
        (EVENT, {"recorded": "2024-11-30"}, "recorded"),
        (EVENT, {"agent": [{}]}, "agent"),
        (EVENT, {"outcome": "refused"}, "outcome"),
        (EVENT, {"source": {}}, "source"),
    ],
)
def test_what_is_wrong_with_a_group_or_an_event_is_found(
    good: dict[str, Any], changed: dict[str, Any], where: str
) -> None:
    assert faults(good) == []
    assert any(where in fault for fault in faults({**good, **changed}))
