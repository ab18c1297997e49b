"""Snippets for schedulers: each is of its scheduler's own syntax, and starts the right command with the right home."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from features.errors import WrongUsage
from risk import scheduling
from risk.settings import Settings
from tests.typed import told, typed

#: Minute, hour, day of month, month, day of week, and the command (crontab(5)).
CRONTAB = re.compile(r"^(\d{1,2}) (\d{1,2}) \* \* ([1-7]) (\S.*)$", re.MULTILINE)
WHEN = scheduling.Weekly(Path("/data/an area's 100% record"), Path("/srv/frailty home"), "Thu", "23:05")
SETTINGS = Settings(environment="test")


def test_a_crontab_line() -> None:
    text = scheduling.snippets(WHEN, SETTINGS)["cron"]
    (line,) = CRONTAB.findall(text)
    assert line[:3] == ("5", "23", "4")
    words = shlex.split(line[3].replace(r"\%", "%"))
    assert words[0] == "FRAILTY_HOME=/srv/frailty home"
    assert words[1].endswith("/frailty")
    assert words[2:6] == ["run", "--record", "/data/an area's 100% record", "--json"]
    assert not re.search(r"(?<!\\)%", line[3]), "a bare percent sign ends a crontab's command"


def test_systemd_units(tmp_path: Path) -> None:
    text = scheduling.snippets(WHEN, SETTINGS)["systemd"]
    service, timer = text.split("# frailty-run.timer")
    assert "OnCalendar=Thu *-*-* 23:05:00 Europe/London" in timer
    assert 'Environment="FRAILTY_HOME=/srv/frailty home"' in service
    assert '"/data/an area\'s 100%% record"' in service
    verify = shutil.which("systemd-analyze")
    if verify is not None:
        plain = scheduling.Weekly(tmp_path, tmp_path)
        service, timer = scheduling.systemd(plain, "a").split("# frailty-run.timer")
        for name, unit in (("frailty-run.service", service), ("frailty-run.timer", timer)):
            (tmp_path / name).write_text(unit)
        done = subprocess.run(
            [verify, "verify", *map(str, sorted(tmp_path.glob("frailty-run.*")))],
            capture_output=True,
            text=True,
            check=False,
        )
        assert "frailty-run" not in done.stderr, done.stderr


def test_a_kubernetes_cronjob() -> None:
    held = yaml.safe_load(scheduling.snippets(WHEN, SETTINGS)["kubernetes"])
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
    assert pod["restartPolicy"] == "Never"


@pytest.mark.parametrize(
    ("day", "at", "says"),
    [("Monday", "05:00", "a day of"), ("Mon", "24:00", "a time as"), ("Mon", "5:00", "a time as")],
)
def test_what_is_no_time_is_refused(day: str, at: str, says: str) -> None:
    with pytest.raises(WrongUsage, match=says):
        scheduling.weekly(SETTINGS, Path("record"), day, at, "image")


def test_as_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRAILTY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("FRAILTY_LEASE_SECONDS", "90")
    assert sorted(told("schedule", "--record", "record")) == sorted(scheduling.KINDS)
    printed = typed("schedule", "--record", "record", "--kind", "cron").output
    assert "90 seconds after its last sign of life" in printed
    assert f"FRAILTY_HOME={tmp_path / 'home'}" in printed
    assert isinstance(typed("schedule", "--record", "record", "--kind", "at").exception, WrongUsage)
