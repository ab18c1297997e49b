"""The hazard log is whole, rated by its matrix, and every control names a test that exists."""

from __future__ import annotations

import ast
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LOG = ROOT / "docs" / "safety" / "hazards.toml"
FIELDS = ("id", "hazard", "cause", "effect", "severity", "likelihood", "residual_likelihood", "control", "tests")
SEVERITIES = ("minor", "significant", "considerable", "major", "catastrophic")
LIKELIHOODS = ("very low", "low", "medium", "high", "very high")
#: DCB0129's matrix: rows by severity, columns by likelihood; 1 and 2 acceptable, 3 to be reduced, 4 and 5 not acceptable.
MATRIX = ((1, 1, 2, 2, 3), (1, 2, 3, 3, 4), (2, 3, 3, 4, 5), (2, 3, 4, 5, 5), (3, 4, 5, 5, 5))


def rating(severity: str, likelihood: str) -> int:
    """The matrix's rating, 1 to 5."""
    return MATRIX[SEVERITIES.index(severity)][LIKELIHOODS.index(likelihood)]


def tests_of(path: Path) -> set[str]:
    """Names of the test functions and methods in a file."""
    if not path.is_file():
        return set()
    tree = ast.parse(path.read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def faults_in(log: dict[str, Any], root: Path = ROOT) -> list[str]:
    """What is wrong with the hazard log, a sentence each."""
    faults: list[str] = []
    seen: set[str] = set()
    for number, hazard in enumerate(log.get("hazard", []), 1):
        name = hazard.get("id", f"hazard {number}")
        missing = [field for field in FIELDS if not hazard.get(field)]
        if missing:
            faults.append(f"{name}: lacks {', '.join(missing)}")
            continue
        if name in seen:
            faults.append(f"{name}: given twice")
        seen.add(name)
        known = hazard["severity"] in SEVERITIES and {hazard["likelihood"], hazard["residual_likelihood"]} <= set(
            LIKELIHOODS
        )
        if not known:
            faults.append(
                f"{name}: severity is one of {', '.join(SEVERITIES)}; likelihood one of {', '.join(LIKELIHOODS)}"
            )
        elif rating(hazard["severity"], hazard["residual_likelihood"]) > 3:
            faults.append(f"{name}: still rated above 3 after its control; it may not ship")
        for test in hazard["tests"]:
            file, _, function = test.partition("::")
            if function.split("[")[0] not in tests_of(root / file):
                faults.append(f"{name}: its control names {test}, which does not exist")
    return faults if log.get("hazard") else ["expected hazards in the log, found none"]


def main() -> int:
    faults = faults_in(tomllib.loads(LOG.read_text()))
    print("\n".join(faults))
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
