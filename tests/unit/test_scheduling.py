"""Snippets for schedulers: each is of its scheduler's own syntax, and starts the right command with the right home."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from features.errors import WrongUsage
from risk import scheduling
from risk.cli import app
from risk.scheduling import JOBS, Job, Place, When
from risk.scheduling_snippets import KINDS, cron, kubernetes, systemd
from tests.typed import told, typed

#: Minute, hour, day of month, month, day of week, and the command (crontab(5)).
CRONTAB = re.compile(r"^(\d{1,2}|\*/5) (\d{1,2}|\*) (1|\*) \* ([1-7]|\*) (\S.*)$", re.MULTILINE)
PLACE = Place(
    Path("/data/an area's 100% record"),
    Path("/srv/frailty home"),
    60,
    backups=Path("/backups"),
    downtime=Path("/share/down"),
)
(WHEN,) = scheduling.asked(PLACE, "run", "Thu", "23:05")


def test_a_crontab_line() -> None:
    text = cron(WHEN, PLACE)
    (line,) = CRONTAB.findall(text)
    assert (line[0], line[1], line[3]) == ("5", "23", "4")
    words = shlex.split(line[4].replace(r"\%", "%"))
    assert words[0] == "FRAILTY_HOME=/srv/frailty home"
    assert words[1].endswith("/frailty")
    assert words[2:6] == ["run", "--record", "/data/an area's 100% record", "--json"]
    assert not re.search(r"(?<!\\)%", line[4]), "a bare percent sign ends a crontab's command"


@pytest.mark.parametrize("job", JOBS.values(), ids=JOBS)
def test_systemd_units(job: Job, tmp_path: Path) -> None:
    text = systemd(WHEN, PLACE)
    service, timer = text.split("# frailty-run.timer")
    assert "OnCalendar=Thu *-*-* 23:05:00 Europe/London" in timer
    assert 'Environment="FRAILTY_HOME=/srv/frailty home"' in service
    assert '"/data/an area\'s 100%% record"' in service
    verify = shutil.which("systemd-analyze")
    if verify is not None:
        name = f"frailty-{job.name}"
        plain = Place(tmp_path, tmp_path, 60, backups=tmp_path, downtime=tmp_path)
        service, timer = systemd(job, plain).split(f"# {name}.timer")
        for unit, said in ((f"{name}.service", service), (f"{name}.timer", timer)):
            (tmp_path / unit).write_text(said)
        done = subprocess.run(
            [verify, "verify", *map(str, sorted(tmp_path.glob(f"{name}.*")))],
            capture_output=True,
            text=True,
            check=False,
        )
        assert name not in done.stderr, done.stderr


def test_a_kubernetes_cronjob() -> None:
    held = yaml.safe_load(kubernetes(WHEN, PLACE))
    assert (held["apiVersion"], held["kind"]) == ("batch/v1", "CronJob")
    assert (held["spec"]["schedule"], held["spec"]["timeZone"], held["spec"]["concurrencyPolicy"]) == (
        "5 23 * * 4",
        "Europe/London",
        "Forbid",
    )
    pod = held["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["command"] == ["frailty", "run", "--record", "/data/an area's 100% record", "--json"]
    assert container["env"] == [{"name": "FRAILTY_HOME", "value": "/srv/frailty home"}]
    assert [one["mountPath"] for one in container["volumeMounts"]] == [
        "/srv/frailty home",
        "/data/an area's 100% record",
    ]
    assert [one["name"] for one in pod["volumes"]] == [one["name"] for one in container["volumeMounts"]]
    assert pod["restartPolicy"] == "Never"


@pytest.mark.parametrize(
    ("when", "crontab", "calendar"),
    [
        (When("hour", "00:10"), "10 * * * *", "*-*-* *:10:00 Europe/London"),
        (When("day", "02:05"), "5 2 * * *", "*-*-* 02:05:00 Europe/London"),
        (When("week", "05:00", "Sun"), "0 5 * * 7", "Sun *-*-* 05:00:00 Europe/London"),
        (When("month", "03:30"), "30 3 1 * *", "*-*-01 03:30:00 Europe/London"),
    ],
)
def test_one_moment_is_the_same_to_every_scheduler(when: When, crontab: str, calendar: str) -> None:
    """Harm: the nightly backup is made once a month, and nobody looks until it is needed."""
    assert (when.crontab, when.calendar) == (crontab, calendar)


@pytest.mark.parametrize("name", JOBS)
def test_every_job_starts_a_command_that_there_is(name: str) -> None:
    """Harm: a scheduler starts a command with an option that it does not have, every night, and its failure is in a log that nobody reads."""
    (job,) = scheduling.asked(PLACE, name, None, None)
    words = list(job.words(PLACE))
    command: Any = typer.main.get_command(app)
    while hasattr(command, "commands"):
        command = command.commands[words.pop(0)]
    with command.make_context(name, words) as context:
        assert context.params["as_json"] is True


def test_all_are_those_that_have_the_folders_they_need() -> None:
    """Harm: a snippet writes backups to a folder that nobody named."""
    bare = Place(Path("/record"), Path("/home"), 60)
    assert [job.name for job in scheduling.asked(bare, "all", None, None)] == [
        "run",
        "retention",
        "webhooks",
        "checkpoints",
    ]
    every = scheduling.asked(PLACE, "all", None, None)
    assert [job.name for job in every] == list(JOBS)
    documents = list(yaml.safe_load_all("\n".join(kubernetes(job, PLACE) for job in every)))
    assert [one["metadata"]["name"] for one in documents] == [f"frailty-{job.name}" for job in every]
    assert len(CRONTAB.findall("\n".join(cron(job, PLACE) for job in every))) == len(JOBS)
    for job, says in (("backup", "set `backups`"), ("drill", "set `backups`"), ("downtime", "--downtime DIR")):
        with pytest.raises(WrongUsage, match=says):
            scheduling.asked(bare, job, None, None)
    with pytest.raises(WrongUsage, match="with one job"):
        scheduling.asked(PLACE, "all", "Mon", None)
    with pytest.raises(WrongUsage, match="expected --job"):
        scheduling.asked(PLACE, "reboot", None, None)


@pytest.mark.parametrize(
    ("day", "at", "says"),
    [("Monday", "05:00", "a day of"), ("Mon", "24:00", "a time as"), ("Mon", "5:00", "a time as")],
)
def test_what_is_no_time_is_refused(day: str, at: str, says: str) -> None:
    with pytest.raises(WrongUsage, match=says):
        scheduling.asked(PLACE, "run", day, at)


def test_as_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRAILTY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("FRAILTY_LEASE_SECONDS", "90")
    monkeypatch.setenv("FRAILTY_BACKUPS", str(tmp_path / "backups"))
    assert sorted(told("schedule", "--record", "record")) == sorted(KINDS)
    printed = typed("schedule", "--record", "record", "--kind", "cron").output
    assert "90 seconds after its last sign of life" in printed
    assert f"FRAILTY_HOME={tmp_path / 'home'}" in printed
    drill = typed("schedule", "--record", "record", "--kind", "cron", "--job", "drill").output
    assert f"restore {tmp_path / 'backups'} --newest --drill" in drill
    assert isinstance(typed("schedule", "--record", "record", "--kind", "at").exception, WrongUsage)
