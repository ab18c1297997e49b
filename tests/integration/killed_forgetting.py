"""Run by a test in a process of its own: forgets somebody, killed at each point in turn and taken up again until the next.

python -m tests.integration.killed_forgetting FOLDER NHS_NUMBER
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from features.linkage.forgotten import Forgotten
from features.record import erasure
from risk import learnt
from risk.forgetting import carrying_out
from risk.forgetting import forget as forgetting
from risk.forgetting.ledger import ForgottenLedger
from risk.run import amending
from risk.store import Store
from tests.integration.interrupted import Killed
from tests.integration.test_forget import Area


def killed(*_: Any, **__: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def killed_at_the_second(rename: Callable[..., None]) -> SimpleNamespace:
    left = iter([rename])
    return SimpleNamespace(rename=lambda *given: next(left, killed)(*given))


#: What is put in the place of what: a kill within each step.
WITHIN: list[tuple[Any, str, Any]] = [
    (Forgotten, "scrub", killed),
    (erasure, "remove_unnamed", killed),
    (amending, "os", killed_at_the_second(os.rename)),
    (Store, "amend_run", killed),
    (Store, "remove_audit_texts", killed),
    (learnt, "remove", killed),
    (carrying_out, "found", killed),
    (ForgottenLedger, "done", killed),
]


def forget(folder: Path, number: str, first: bool, **progress: Any) -> None:
    area = Area(folder)
    if first:
        forgetting.forget(area.settings, [area.place.record], number, "erasure", **progress)
    else:
        forgetting.resume(area.settings, [area.place.record], **progress)


def main() -> None:
    folder, number = Path(sys.argv[1]), sys.argv[2]
    points: list[Any] = [
        0,
        *WITHIN,
    ]  # once begun, and then within each step, in their order: each is met for the first time
    for turn, point in enumerate(points):
        child = os.fork()
        if child == 0:
            if isinstance(point, int):
                forget(folder, number, turn == 0, progress=Killed("forgetting", point))
            else:
                setattr(*point)
                forget(folder, number, turn == 0)
            os._exit(0)
        status = os.waitpid(child, 0)[1]
        if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGKILL:
            sys.exit(f"not killed at point {turn}: {status}")
    print(len(points))


if __name__ == "__main__":
    main()
