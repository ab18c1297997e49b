"""Whether a model predicts what its outcome means here and now: an area's rules decide what an outcome is."""

from __future__ import annotations

from features.errors import Refused
from features.outcomes import Outcome, named
from models.bundle import Bundle


def same_outcome(bundle: Bundle) -> Outcome:
    """The outcome that the model predicts, by the rules of today's settings.

    :class:`~features.errors.Refused` where it was trained under other rules: its probabilities would be of something else than is said
    beside them. A model that does not say under which rules it was trained (made before that was kept) is taken at its word.
    """
    outcome = named(bundle.outcome)
    learned = bundle.provenance.get("outcome_fingerprint")
    if learned is not None and learned != outcome.fingerprint:
        raise Refused(
            f"{bundle.name} version {bundle.version} was trained when {bundle.outcome} was decided by other rules than today's "
            "(setting `outcomes`, `frailty outcomes` prints them): its probabilities are of another outcome; "
            "set the rules back, or train the model again"
        )
    return outcome
