"""Everything that `make check` checks, all failures shown at once."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
CODE = ("features", "models", "risk", "serving", "tests", "checks", "benchmarks")

CHECKS: dict[str, list[str]] = {
    "style": [str(BIN / "ruff"), "check", *CODE],
    "format": [str(BIN / "ruff"), "format", "--check", *CODE],
    "types": [str(BIN / "mypy")],
    "one way": [str(BIN / "lint-imports"), "--no-cache"],
    "documents": [sys.executable, "-m", "checks.documents"],
    "reference": [sys.executable, "-m", "checks.reference", "--check"],
    "hazards": [sys.executable, "-m", "checks.hazards"],
    "lock file": [sys.executable, "-m", "checks.lockfile"],
}


def run(name: str) -> tuple[str, int, str]:
    """Run one check: its name, exit code, and what it said."""
    done = subprocess.run(CHECKS[name], cwd=ROOT, capture_output=True, text=True, check=False)
    return name, done.returncode, (done.stdout + done.stderr).strip()


def main() -> int:
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(run, CHECKS))
    for name, code, said in results:
        print(f"{'ok  ' if code == 0 else 'FAIL'} {name}")
        if code:
            print("\n".join(f"     {line}" for line in said.splitlines()))
    return int(any(code for _, code, _ in results))


if __name__ == "__main__":
    sys.exit(main())
