"""How a scheduler starts the weekly run: lines for cron, units for systemd, a CronJob for Kubernetes, each with this installation's own settings.

The product starts nothing by itself: an area's operators own when it runs. Two schedulers that start it at once do no harm, since a lease in the
store lets one go on and refuses the other (exit code 4); a run that was killed goes on at the next start.
"""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from features.errors import WrongUsage
from risk.settings import Settings

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
KINDS = ("cron", "systemd", "kubernetes")
ZONE = "Europe/London"
#: Hours after which a scheduler may take it that a run hangs.
LONGEST_HOURS = 12
_AT = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
LEASE = (
    "Two starts at once do no harm: one holds the lease in the store, the other ends with exit code 4. A run that was killed is gone on with "
    "at the next start, {seconds:g} seconds after its last sign of life at the earliest."
)


@dataclass(frozen=True)
class Weekly:
    """When and on what the weekly run is started: ``day`` of :data:`DAYS`, ``at`` HH:MM London time."""

    record: Path
    home: Path
    day: str = "Mon"
    at: str = "05:00"
    image: str = "frailty-risk"

    def __post_init__(self) -> None:
        if self.day not in DAYS:
            raise WrongUsage(f"expected a day of {', '.join(DAYS)}, found {self.day!r}")
        if _AT.fullmatch(self.at) is None:
            raise WrongUsage(f"expected a time as HH:MM, from 00:00 to 23:59, found {self.at!r}")

    @property
    def hour(self) -> int:
        return int(self.at[:2])

    @property
    def minute(self) -> int:
        return int(self.at[3:])

    @property
    def command(self) -> tuple[str, ...]:
        return (str(Path(sys.executable).parent / "frailty"), "run", "--record", str(self.record), "--json")


def weekly(settings: Settings, record: Path, day: str, at: str, image: str) -> Weekly:
    """The weekly run of this installation; :class:`WrongUsage` where a day or time is none."""
    return Weekly(record.absolute(), settings.home.absolute(), day, at, image)


def snippets(when: Weekly, settings: Settings) -> Mapping[str, str]:
    """Text by kind (:data:`KINDS`)."""
    said = LEASE.format(seconds=settings.lease_seconds)
    return {"cron": cron(when, said), "systemd": systemd(when, said), "kubernetes": kubernetes(when, said)}


def cron(when: Weekly, said: str) -> str:
    """Lines for a crontab (crontab(5)): a percent sign there would end the command, so it is escaped."""
    command = " ".join(shlex.quote(word) for word in when.command).replace("%", r"\%")
    line = (
        f"{when.minute} {when.hour} * * {DAYS.index(when.day) + 1} FRAILTY_HOME={shlex.quote(str(when.home))} {command}"
    )
    log = shlex.quote(str(when.home / "run.log")).replace("%", r"\%")
    return f"# {said}\n# Some systems read no zone here and take the machine's own.\nCRON_TZ={ZONE}\n{line} >> {log} 2>&1\n"


def systemd(when: Weekly, said: str) -> str:
    """A service and a timer (systemd.service(5), systemd.timer(5)); ``Persistent`` makes up for a machine that was off."""
    command = " ".join(_unit_word(word) for word in when.command)
    return f"""# frailty-run.service
# {said}
[Unit]
Description=Weekly run of frailty-risk
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
Environment={_unit_word(f"FRAILTY_HOME={when.home}")}
ExecStart={command}
TimeoutStartSec={LONGEST_HOURS}h
UMask=0077
NoNewPrivileges=yes

# frailty-run.timer
[Unit]
Description=Every week

[Timer]
OnCalendar={when.day} *-*-* {when.at}:00 {ZONE}
Persistent=true

[Install]
WantedBy=timers.target
"""


def kubernetes(when: Weekly, said: str) -> str:
    """A CronJob (batch/v1) that starts no second run beside one, and no failed one again by itself."""
    return f"""# {said}
apiVersion: batch/v1
kind: CronJob
metadata:
  name: frailty-run
spec:
  schedule: "{when.minute} {when.hour} * * {DAYS.index(when.day) + 1}"
  timeZone: {ZONE}
  concurrencyPolicy: Forbid
  jobTemplate:
    spec:
      backoffLimit: 0
      activeDeadlineSeconds: {LONGEST_HOURS * 3600}
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: run
              image: {_yaml(when.image)}
              command: ["frailty", "run", "--record", {_yaml(str(when.record))}, "--json"]
              env:
                - name: FRAILTY_HOME
                  value: {_yaml(str(when.home))}
              volumeMounts:
                - name: frailty
                  mountPath: {_yaml(str(when.home))}
          volumes:
            - name: frailty
              persistentVolumeClaim:
                claimName: frailty
"""


def _unit_word(word: str) -> str:
    """A word of a unit file: specifiers and quotes escaped (systemd.syntax(7))."""
    plain = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{plain}"' if re.search(r"[\s\"'\\]", word) else plain


def _yaml(word: str) -> str:
    plain = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{plain}"'
