"""Commands as typed, without a process of their own."""

from __future__ import annotations

import json
from typing import Any

from typer.testing import CliRunner

from risk.cli import app


def typed(*arguments: str) -> Any:
    """What a command did: its exit code, output and exception."""
    return CliRunner().invoke(app, list(arguments))


def told(*arguments: str) -> dict[str, Any]:
    """What a command that succeeds prints as JSON."""
    done = typed(*arguments, "--json")
    assert done.exception is None, (done.exception, done.output)
    printed: dict[str, Any] = json.loads(done.stdout)
    return printed
