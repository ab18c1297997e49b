"""The language in which predictors are declared: what facts, over which window, put together how, said in which words.

A declaration is immutable and refuses nonsense when it is made. What it means is fixed here and by nothing else; the
compiled kernel and the plain reference both follow this page:

* A version of a row counts at *t* when its day ``< t``, ``known_at < t`` and ``known_until`` is null or ``>= t``.
* A fact is in the window when ``t - within <= day < t - ago``, an interval by its first day. Without ``within`` the window has
  no beginning.
* ``DAYS`` counts the days of ``[day, end_date)`` that lie in ``[t - within, t - ago)``, whenever the interval began; an end
  unknown at *t*, or later, reads as open and is cut at ``t - ago``. ``OPEN`` is an interval that began before ``t - ago`` and whose
  end is unknown or after it.
* ``lasting`` leaves out intervals that have lasted less than so many days by ``t - ago``.
* ``NEW`` counts a value of the window that no fact of ``[t - within - quiet, t - within)`` has.
* ``SOON`` takes the intervals in order of their day (then of what was known of them, see below). One that begins *d* days after
  the end of the latest-ending earlier one counts when ``0 <= d <= gap``; while an earlier one is open, none does.
* Facts of one day are in order of their time of day (none first), then ``known_at``, then ``row_id``: by it the latest is told.
* A table whose feed does not reach the person at *t* makes its predictors absent (NaN), never zero.
* A window that begins before the person's observation of the table (see :mod:`features.coverage`) is partly observed: what was
  seen in it is the value, and where that is nothing the predictor is absent, for nobody knows what went before.
* A value that is null is no fact for an aggregate of values.
* A :class:`~features.engine.derived.Derived` number is worked out in double precision from its parts as they are in the matrix
  (single precision), and rounded once.
"""

from __future__ import annotations

from features.engine.aggregate import (
    DEVIATION_NEEDS,
    DIFFERENT,
    LASTING,
    SLOPE_NEEDS,
    VALUED,
    WHOLE,
    WINDOWLESS,
    Kind,
    Predictor,
)
from features.engine.derived import OBSERVED_AT_MOST, Circumstance, Declared, Derived, Op, What
from features.engine.picking import OF_THE_DAY, Between, Condition, Facts, Misdeclared, facts

__all__ = [
    "DEVIATION_NEEDS", "DIFFERENT", "LASTING", "OBSERVED_AT_MOST", "OF_THE_DAY", "SLOPE_NEEDS", "VALUED", "WHOLE", "WINDOWLESS",
    "Between", "Circumstance", "Condition", "Declared", "Derived", "Facts", "Kind", "Misdeclared", "Op", "Predictor", "What", "facts",
]  # fmt: skip
