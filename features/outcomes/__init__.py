"""What is predicted: declared outcomes, their labels, and the dates at which a record can tell them."""

from features.outcomes.dates import usable_dates
from features.outcomes.declared import LAGS, OUTCOMES, Outcome, named
from features.outcomes.labels import CENSORED, label
from features.outcomes.rules import use

__all__ = ["CENSORED", "LAGS", "OUTCOMES", "Outcome", "label", "named", "usable_dates", "use"]
