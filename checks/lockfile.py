"""The lock file names the public index alone, and no other tracked file names a registry's host or one machine's path."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = "uv.lock"
PUBLIC = {"pypi.org", "files.pythonhosted.org"}
_URL = re.compile(r"(https?://[^/\s\"'\\]+|file:)")
#: Built from parts so that this file does not name what it refuses.
_HOSTS = [".".join(parts) for parts in (("pypi", "org"), ("pythonhosted", "org"), ("registry", "npmjs", "org"),
                                        ("deb", "debian", "org"))]  # fmt: skip
_PATHS = re.compile("(?<![\\w.])/(?:" + "|".join(("root", "home", "Users", "work")) + r")/[\w.-]+")


def faults_in_lock(text: str) -> list[str]:
    """Every host of the lock file that is not the public index, and every `file:`."""
    found = {match.removeprefix("https://").removeprefix("http://") for match in _URL.findall(text)}
    return [f"{LOCK} names {host}; expected the public index alone: run `uv lock` without other indexes"
            for host in sorted(found - PUBLIC)]  # fmt: skip


def faults_in_file(name: str, text: str) -> list[str]:
    """Registry hosts and absolute paths of one machine in a file."""
    faults = [f"{name} names the registry host {host}" for host in _HOSTS if host in text]
    return faults + [f"{name} names a path of one machine: {path}" for path in sorted(set(_PATHS.findall(text)))]


def main() -> int:
    faults = faults_in_lock((ROOT / LOCK).read_text())
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in tracked.split():
        path = ROOT / name
        if name in {LOCK, "checks/lockfile.py", "tests/unit/test_checks.py"} or not path.is_file():
            continue
        try:
            faults += faults_in_file(name, path.read_text())
        except UnicodeDecodeError:
            continue
    print("\n".join(faults))
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
