"""A job as each scheduler writes it: a line for cron, units for systemd, a CronJob for Kubernetes, with the installation's own home."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping

from risk.scheduling import ZONE, Job, Place


def cron(job: Job, place: Place) -> str:
    """Lines for a crontab (crontab(5)): a percent sign there would end the command, so it is escaped."""
    command = " ".join(shlex.quote(word) for word in (place.program, *job.words(place))).replace("%", r"\%")
    home, log = (shlex.quote(str(path)).replace("%", r"\%") for path in (place.home, place.home / f"{job.name}.log"))
    line = f"{job.when.crontab} FRAILTY_HOME={home} {command}"
    return f"# {job.about}. {_says(job, place)}\n# Some systems read no zone here and take the machine's own.\nCRON_TZ={ZONE}\n{line} >> {log} 2>&1\n"


def systemd(job: Job, place: Place) -> str:
    """A service and a timer (systemd.service(5), systemd.timer(5)); ``Persistent`` makes up for a machine that was off."""
    command = " ".join(_unit_word(word) for word in (place.program, *job.words(place)))
    return f"""# frailty-{job.name}.service
# {_says(job, place)}
[Unit]
Description={job.about} of frailty-risk
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
Environment={_unit_word(f"FRAILTY_HOME={place.home}")}
ExecStart={command}
TimeoutStartSec={job.hours}h
UMask=0077
NoNewPrivileges=yes

# frailty-{job.name}.timer
[Unit]
Description=Every {job.when.every}

[Timer]
OnCalendar={job.when.calendar}
Persistent=true

[Install]
WantedBy=timers.target
"""


def kubernetes(job: Job, place: Place) -> str:
    """A CronJob (batch/v1) that starts no second one beside one, and no failed one again by itself. Every folder outside the home has a claim of its own."""
    outside = [path for path in (place.record, place.backups, place.downtime)
               if path is not None and str(path) in job.words(place) and not path.is_relative_to(place.home)]  # fmt: skip
    claims = {"frailty": place.home} | {f"frailty-{number}": path for number, path in enumerate(outside, 1)}
    mounts = "".join(f"                - name: {name}\n                  mountPath: {_yaml(str(path))}\n" for name, path in claims.items())  # fmt: skip
    volumes = "".join(f"            - name: {name}\n              persistentVolumeClaim:\n                claimName: {name}\n" for name in claims)  # fmt: skip
    command = ", ".join(["frailty", *(_yaml(word) for word in job.words(place))])
    return f"""---
# {_says(job, place)}
apiVersion: batch/v1
kind: CronJob
metadata:
  name: frailty-{job.name}
spec:
  schedule: "{job.when.crontab}"
  timeZone: {ZONE}
  concurrencyPolicy: Forbid
  jobTemplate:
    spec:
      backoffLimit: 0
      activeDeadlineSeconds: {job.hours * 3600}
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: {job.name}
              image: {_yaml(place.image)}
              command: [{command}]
              env:
                - name: FRAILTY_HOME
                  value: {_yaml(str(place.home))}
              volumeMounts:
{mounts}          volumes:
{volumes}"""


KINDS: Mapping[str, Callable[[Job, Place], str]] = {"cron": cron, "systemd": systemd, "kubernetes": kubernetes}


def _says(job: Job, place: Place) -> str:
    return job.says.format(seconds=place.seconds)


def _unit_word(word: str) -> str:
    """A word of a unit file: specifiers and quotes escaped (systemd.syntax(7))."""
    plain = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{plain}"' if re.search(r"[\s\"'\\]", word) else plain


def _yaml(word: str) -> str:
    plain = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{plain}"'
