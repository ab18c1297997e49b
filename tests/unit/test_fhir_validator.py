"""The npm validator sees what is wrong, so that its silence of the service's resources says something."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fhir_validator import objections

GOOD = {"resourceType": "Patient", "gender": "female", "birthDate": "1940"}

pytestmark = [pytest.mark.part("node"), pytest.mark.part("fhir")]


def test_a_good_one_passes() -> None:
    assert objections(GOOD) == []


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"gender": "f"}, "Patient.gender"),
        ({"shoes": 2}, "Patient.shoes"),
        ({"active": "yes"}, "Patient.active"),
        ({"link": [{"type": "seealso"}]}, "link"),
    ],
)
def test_a_faulty_one_is_told_of(changed: dict[str, Any], where: str) -> None:
    assert any(where in told for told in objections({**GOOD, **changed}))
