"""What is in deploy/ fits the program: its settings, its commands, its ports, and each file the others."""

from __future__ import annotations

import configparser
import json
import os
import re
import shlex
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import yaml

from risk import keys
from risk.scheduling_snippets import KINDS
from risk.settings import Settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
CONTAINER = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
#: Of the environment, what is another program's.
OTHERS = {"NUMBA_CACHE_DIR"}


def unit() -> configparser.SectionProxy:
    held = configparser.RawConfigParser(strict=False, interpolation=None)
    held.optionxform = str  # type: ignore[assignment,method-assign]
    held.read(DEPLOY / "systemd" / "frailty.service", encoding="utf-8")
    return held["Service"]


def manifests() -> dict[str, Any]:
    held = yaml.safe_load_all((DEPLOY / "kubernetes" / "frailty.yaml").read_text(encoding="utf-8"))
    return {f"{one['kind']} {one['metadata']['name']}": one for one in held}


def test_every_name_of_the_environment_is_a_setting() -> None:
    """Harm: a key, a journal or the store lies elsewhere than its operator believes, and is in no backup or in every one."""
    told = set(manifests()["ConfigMap frailty"]["data"])
    told |= set(
        re.findall(r"\b([A-Z][A-Z_]+)=", "\n".join(line for line in CONTAINER.splitlines() if "FRAILTY_" in line))
    )
    told |= set(re.findall(r"^Environment=(\w+)=", (DEPLOY / "systemd" / "frailty.service").read_text(), re.MULTILINE))
    names = {name for name in told if name.startswith("FRAILTY_")}
    assert {"FRAILTY_HOME", "FRAILTY_KEYS", "FRAILTY_FORGOTTEN"} <= names
    assert {name.removeprefix("FRAILTY_").lower() for name in names} <= set(Settings.model_fields)
    assert told - names <= OTHERS | {"PATH", "PYTHONDONTWRITEBYTECODE"}


def test_the_units_own_command_serves(tmp_path: Path) -> None:
    program, *words = shlex.split(unit()["ExecStart"])
    assert Path(program).name == "frailty"
    words[words.index("--port") + 1] = "0"
    command = [str(Path(sys.executable).parent / "frailty"), *words, "--json"]
    home = Settings(home=tmp_path / "home")
    keys.held(home, make=True)
    environment = {**os.environ, "FRAILTY_HOME": str(home.home)}
    with subprocess.Popen(command, env=environment, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as service:  # fmt: skip
        try:
            assert service.stdout is not None
            lines = iter(service.stdout.readline, "")
            told = ""
            while "}" not in told:
                told += next(lines)
            address = json.loads(told)["address"]
            with urllib.request.urlopen(f"{address}/health", timeout=20) as answer:
                assert json.loads(answer.read()) == {"status": "alive"}
        finally:
            service.terminate()
            assert service.wait(timeout=60) in {0, -15}


def test_a_pod_may_do_nothing_that_it_need_not() -> None:
    """Harm: whoever takes over the service takes over the machine."""
    pod = manifests()["Deployment frailty"]["spec"]["template"]["spec"]
    (serve,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert serve["securityContext"]["readOnlyRootFilesystem"] is True
    assert serve["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert serve["securityContext"]["allowPrivilegeEscalation"] is False
    assert pod["automountServiceAccountToken"] is False
    user = str(pod["securityContext"]["runAsUser"])
    assert f"--uid {user}" in CONTAINER
    assert f"USER {user}" in CONTAINER


def test_volumes_ports_and_probes_fit_together() -> None:
    held = manifests()
    pod = held["Deployment frailty"]["spec"]["template"]["spec"]
    (serve,) = pod["containers"]
    claims = {
        volume["persistentVolumeClaim"]["claimName"] for volume in pod["volumes"] if "persistentVolumeClaim" in volume
    }
    assert claims == {name.split()[1] for name in held if name.startswith("PersistentVolumeClaim")}
    assert {mount["name"] for mount in serve["volumeMounts"]} == {volume["name"] for volume in pod["volumes"]}
    mounted = [mount["mountPath"] for mount in serve["volumeMounts"]]
    kept = {
        name: path
        for name, path in held["ConfigMap frailty"]["data"].items()
        if name not in {"FRAILTY_RECORD", "FRAILTY_BACKUPS"}
    }
    assert [name for name, path in kept.items() if not any(path.startswith(place) for place in mounted)] == []
    assert serve["command"] == json.loads(re.findall(r"^CMD (.*)$", CONTAINER, re.MULTILINE)[0])
    assert [serve[probe]["httpGet"]["path"] for probe in ("livenessProbe", "readinessProbe")] == ["/health", "/ready"]
    assert serve["ports"][0]["containerPort"] == 8000


def test_the_container_holds_what_the_wheel_is_made_of_and_the_same_uv() -> None:
    packages = re.findall(r"^COPY (\w+) \1$", CONTAINER, re.MULTILINE)
    built = re.findall(r"packages = \[(.*)\]", (ROOT / "pyproject.toml").read_text(encoding="utf-8"))[0]
    assert packages == re.findall(r'"(\w+)"', built)
    pinned = re.findall(r"^UV_VERSION := (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)[0]
    assert f"uv=={pinned}" in CONTAINER


def test_the_jobs_of_kubernetes_use_the_claim_of_the_home() -> None:
    assert "kubernetes" in KINDS
    assert "PersistentVolumeClaim frailty" in manifests()


def test_the_proxy_keeps_no_log_and_no_copy() -> None:
    """Harm: a second place says who was looked up, and nobody audits or empties it."""
    said = (DEPLOY / "proxy" / "nginx.conf").read_text(encoding="utf-8")
    assert "access_log off;" in said
    assert "proxy_cache off;" in said
    assert "proxy_pass http://127.0.0.1:8000;" in said
