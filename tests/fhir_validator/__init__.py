"""The R4 validator of the npm registry (`fhir`), which knows nothing of the service or of our own reading of R4 (:mod:`tests.fhir_rules`)."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from risk.parts import fhir_validator, node


@cache
def _started() -> subprocess.Popen[bytes]:
    """One process for all resources; it ends when its standard input does, with this one."""
    script = Path(__file__).parent / "validate.js"
    return subprocess.Popen([node() or "", script, fhir_validator() or ""], stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # fmt: skip


def objections(resource: Mapping[str, Any]) -> list[str]:
    """What the validator has against a resource; nothing where it is missing (the part ``fhir`` of tests)."""
    if fhir_validator() is None or node() is None:
        return []
    running = _started()
    assert running.stdin is not None
    assert running.stdout is not None
    running.stdin.write(orjson.dumps(resource) + b"\n")
    running.stdin.flush()
    return [f"{told['location']}: {told['message']}" for told in orjson.loads(running.stdout.readline())]
