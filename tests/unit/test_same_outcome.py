"""Harm prevented: an area changes what counts as an admission, and a model of the old rule goes on telling its probability as the new one's."""

from __future__ import annotations

from pathlib import Path

import pytest

from features.errors import Refused
from features.outcomes import named
from features.outcomes.rules import VARIABLE
from risk.same_outcome import same_outcome
from tests.released import release

ADMISSION = "unplanned_admission"


def test_a_model_trained_under_todays_rules_is_taken(tmp_path: Path) -> None:
    bundle = release(tmp_path, provenance={"outcome_fingerprint": named(ADMISSION).fingerprint})
    assert same_outcome(bundle) == named(ADMISSION)


def test_a_model_trained_under_other_rules_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = release(tmp_path, provenance={"outcome_fingerprint": named(ADMISSION).fingerprint})
    rules = tmp_path / "rules.toml"
    rules.write_text("zero_days = false\n")
    monkeypatch.setenv(VARIABLE, str(rules))
    with pytest.raises(Refused, match="decided by other rules than today's"):
        same_outcome(bundle)


def test_a_model_that_does_not_say_its_rules_is_taken_at_its_word(tmp_path: Path) -> None:
    assert same_outcome(release(tmp_path)).name == ADMISSION
