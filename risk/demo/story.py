"""The commands of the demonstration, in order, each resumable: a step that is done is not done again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from features.errors import FrailtyError, Refused
from risk.console import words

#: The simulated record ends on this day; the demo takes it as today.
RUN_DATE = "2024-11-30"
#: The run before it: without one, nobody joined a list and nothing happened.
WEEK_BEFORE = "2024-11-23"


#: The command line of this very installation; -P: a folder of the user's called `models` is not taken for ours.
FRAILTY = (sys.executable, "-P", "-c", "from risk.cli import main; main()")


class StepFailed(FrailtyError):
    """A command of the demonstration failed; its own words are above."""


@dataclass
class Demo:
    """A demonstration in ``folder``: what its commands share, and which are done."""

    folder: Path
    people: int
    seed: int
    began: float = field(default_factory=time.perf_counter)

    @property
    def seconds(self) -> float:
        """Since the demonstration was begun or taken up again."""
        return time.perf_counter() - self.began

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "FRAILTY_ENVIRONMENT": "demo",
            "FRAILTY_DEMO_LOGIN": "true",
            "FRAILTY_HOME": str(self.folder.absolute() / "home"),
            "FRAILTY_RECORD": str(self.folder.absolute() / "record"),
            "FRAILTY_TODAY": RUN_DATE,
            "COLUMNS": os.environ.get("COLUMNS", "120"),
        }

    def frailty(self, *arguments: str) -> dict[str, Any]:
        """Run one command with ``--json``: its progress goes to the terminal, its result comes back."""
        words.print(f"$ frailty {' '.join(arguments)}", style="bold", markup=False, soft_wrap=True)
        command = [*FRAILTY, *arguments, "--json"]
        done = subprocess.run(command, env=self.environment, stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            raise StepFailed(
                f"the demo stopped at `frailty {arguments[0]}` (exit code {done.returncode}); its own words are above"
            )
        return json.loads(done.stdout)

    def step(self, name: str, *arguments: str) -> dict[str, Any]:
        """Run a command once: a step whose result is kept from an interrupted demo is not run again. No secret is kept.
        :class:`Refused` where the folder holds the result of other arguments."""
        kept = self.folder / "done" / f"{name}.json"
        if kept.exists():
            held = json.loads(kept.read_text())
            if held["arguments"] != list(arguments):
                raise Refused(
                    f"{self.folder} holds another demonstration (its `frailty {' '.join(held['arguments'][:5])} …`); "
                    "choose another --folder, or delete this one"
                )
            words.print(f"  {name}: kept from before")
            return dict(held["result"])
        result = {key: value for key, value in self.frailty(*arguments).items() if key != "secret"}
        kept.parent.mkdir(parents=True, exist_ok=True)
        fresh = kept.with_suffix(".new")
        fresh.write_text(json.dumps({"arguments": list(arguments), "result": result}))
        os.replace(fresh, kept)
        return result

    def prepare(self) -> dict[str, Any]:
        """From nothing to a published run; what each step printed, by name."""
        record, truth = str(self.folder / "record"), str(self.folder / "truth")
        extract, report = str(self.folder / "extract"), str(self.folder / "report")
        outcome = "unplanned_admission"
        results = {
            "simulate": self.step("simulate", "simulate", "--people", str(self.people), "--seed", str(self.seed),
                                  "--years", "5", "--out", extract, "--truth", truth),
            "ingest": self.step("ingest", "ingest", "native", extract, "--record", record),
            "train": self.step("train", "train", "--record", record, "--outcome", outcome, "--truth", truth),
        }  # fmt: skip
        name, version = results["train"]["name"], str(results["train"]["version"])
        results["validate"] = self.step("validate", "validate", "--record", record, "--model", f"{name}@{version}",
                                        "--truth", truth, "--out", report)  # fmt: skip
        results["promote"] = self.step("promote", "promote", name, version,
                                       "--override", "a demonstration on simulated data")  # fmt: skip
        self.step("run-before", "run", "--record", record, "--at", WEEK_BEFORE)
        results["run"] = self.step("run", "run", "--record", record, "--at", RUN_DATE)
        return results
