"""Errors that a user can act on. Each says what was expected, what was found, where, and what to do; none carries a
person's data. The command line turns the class into an exit code, the service into a problem document."""

from __future__ import annotations


class FrailtyError(Exception):
    """An error with a sentence for the user."""

    exit_code = 70


class WrongUsage(FrailtyError):
    """The command or call does not make sense as given."""

    exit_code = 2


class BadInput(FrailtyError):
    """Data handed in does not fit its contract. Nothing was changed."""

    exit_code = 3


class Refused(FrailtyError):
    """A rule or gate says no."""

    exit_code = 4


class MissingPart(FrailtyError):
    """A part of the environment is missing or unreachable."""

    exit_code = 5
