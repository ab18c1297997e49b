"""By what a list has as many places as it has, in words: what the area and the team set in, the rule out."""

from __future__ import annotations

from typing import Any

import pytest

from risk.run.saying_numbers import places_by
from serving.answers import sized_by

# the run's share and teams' capacities, the practice, and what its list says; harm of another answer: a list is cut or filled and nobody can tell by which rule
RULES: list[tuple[float, dict[str, Any] | None, str]] = [
    (0.02, None, "by the area's share of those scored, 2%, rounded up"),
    (0.02, {"capacity": {"A81001": 1_040}}, "as many as the team can take on (1,040)"),
    (0.025, {"capacity": {"A81002": 6}}, "by the area's share of those scored, 2.5%, rounded up"),
    (0.005, {}, "by the area's share of those scored, 0.5%, rounded up"),
]


@pytest.mark.parametrize(("fraction", "counts", "says"), RULES)
def test_a_list_says_by_which_rule_it_is_as_long_as_it_is(
    fraction: float, counts: dict[str, Any] | None, says: str
) -> None:
    assert places_by(sized_by({"fraction": fraction, "counts": counts}, "A81001")) == says
