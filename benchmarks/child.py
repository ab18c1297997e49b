"""Work measured in a process of its own, so that its memory is its own, with a limit to its time and its memory."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

#: How often memory is looked at, in seconds.
LOOK = 0.1
_KILOBYTE = 1024


@dataclass(frozen=True)
class Ran:
    """How a process ended: ``outcome`` (``done``, ``over time``, ``over memory``, ``failed``), wall ``seconds`` of all of it,
    ``peak`` bytes of its memory and its children's together, and the ``end`` of what it printed."""

    outcome: str
    seconds: float
    peak: int
    end: str


def run(command: Sequence[str], log: Path, *, seconds: float, memory: int, env: Mapping[str, str] | None = None) -> Ran:
    """Run a command to its end, or to its limit of ``seconds`` or of bytes of ``memory``, its output going to ``log``."""
    began, peak, outcome = time.perf_counter(), 0, ""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
                                   env={**os.environ, **(env or {})})  # fmt: skip
        try:
            while not _ended(process):
                peak = max(peak, held(process.pid))
                outcome = (
                    "over time" if time.perf_counter() - began > seconds else "over memory" if peak > memory else ""
                )
                if outcome:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
                    break
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
    outcome = outcome or ("done" if process.returncode == 0 else "failed")
    return Ran(outcome, time.perf_counter() - began, peak, log.read_text(errors="replace")[-4_000:])


def _ended(process: subprocess.Popen[bytes]) -> bool:
    try:
        process.wait(LOOK)
    except subprocess.TimeoutExpired:
        return False
    return True


def held(leader: int) -> int:
    """Bytes that a session's processes hold in memory, the greatest that each has held taken for each."""
    total = 0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if os.getsid(int(entry.name)) == leader:
                    status = (entry / "status").read_text()
                    total += next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")), 0)
            except OSError:  # It ended while we looked.
                continue
    return total * _KILOBYTE
