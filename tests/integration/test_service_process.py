"""The service as it runs: a process of its own, started by the command, called over loopback."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from features.errors import FrailtyError, MissingPart, Refused
from risk import clients, keys
from risk import store as stores
from risk.demo.client import Client
from risk.pseudonyms import Pseudonyms
from risk.settings import Settings
from serving.installation import open_installation
from tests.area import FRAILTY, frailty
from tests.published import published

#: Planted in paths, queries, headers and bodies; it must come out nowhere.
PLANTED = "9434765919"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    settings = Settings(home=tmp_path / "home")
    with_run = stores.open(settings)
    (settings.runs / str(published(with_run))).mkdir(parents=True)
    with_run.close()
    return settings.home


@pytest.fixture
def environment(home: Path) -> dict[str, str]:
    return {"FRAILTY_HOME": str(home), "FRAILTY_ENVIRONMENT": "test", "FRAILTY_TODAY": "2024-12-02"}


@pytest.fixture
def client(home: Path) -> dict[str, Any]:
    settings = Settings(home=home)
    keys.held(settings, make=True)
    return clients.add(stores.open(settings), "a test", ["A81001"], date(2024, 12, 2))


class Running:
    """A service under way, and all that it wrote to standard error."""

    def __init__(self, environment: dict[str, str], *flags: str) -> None:
        self.process = subprocess.Popen([str(FRAILTY), "serve", "--port", "0", "--json", *flags], text=True,
                                        env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip
        self.said: list[str] = []
        assert self.process.stderr is not None
        self._reader = threading.Thread(target=self.said.extend, args=(self.process.stderr,))
        self._reader.start()
        assert self.process.stdout is not None
        self.address = json.loads("".join(iter(self.process.stdout.readline, "}\n")) + "}")["address"]
        Client(self.address).wait_until_ready()

    def stop(self, how: int = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        code = self.process.wait(30)
        self._reader.join()
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code


@pytest.fixture
def running(environment: dict[str, str], client: dict[str, Any]) -> Iterator[Running]:
    service = Running(environment)
    yield service
    if service.process.poll() is None:
        service.stop(signal.SIGKILL)


def test_a_client_reads_its_list_over_loopback_and_the_audit_verifies(running: Running, environment: dict[str, str], client: dict[str, Any], home: Path) -> None:  # fmt: skip
    token = json.loads(frailty(environment, "client", "token", client["client_id"], "--json").stdout)["token"]
    caller = Client(running.address, token)
    listed = caller.get("/v1/practices/A81001/list")
    assert [person["rank"] for person in listed.body["people"]] == [1, 2]
    assert caller.get(f"/v1/persons/{listed.body['people'][0]['person']}/risk").status == 200
    assert caller.get("/v1/practices/A81002/list").status == 404
    assert Client(running.address).get("/v1/practices/A81001/list").status == 401
    with ThreadPoolExecutor(8) as callers:
        at_once = list(callers.map(caller.get, ["/v1/practices/A81001/list"] * 40))
    assert [answer.status for answer in at_once] == [200] * 40
    running.stop()
    verdict = json.loads(frailty(environment, "audit", "verify", "--json").stdout)
    assert (verdict["faults"], verdict["after"]) == ([], 0), "the last checkpoint is signed on the way out"
    assert verdict["rows"] == 4 + 40, "token issued, list, person, refusal, and the forty"


def test_logs_name_nobody(running: Running, client: dict[str, Any], home: Path) -> None:
    """Opaque ids, NHS numbers in odd places, tokens, secrets: none comes out in the log, in an error or in the audit."""
    keyring = keys.held(Settings(home=home))
    opaque = Pseudonyms(keyring.person, client["client_id"]).of(101)
    form = f"grant_type=client_credentials&client_id={client['client_id']}&client_secret={client['secret']}"
    token = json.loads(call(running, "POST", "/v1/token", form)[1])["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    answers = [
        call(running, "GET", "/v1/practices/A81001/list", **bearer),
        call(running, "GET", f"/v1/persons/{opaque}/risk", **bearer),
        call(running, "GET", f"/v1/persons/{PLANTED}/risk", **bearer),
        call(running, "GET", f"/v1/practices/{PLANTED}/list?limit={PLANTED}", **bearer),
        call(running, "GET", f"/v1/practices/{PLANTED}/list", **bearer),
        call(running, "GET", f"/{PLANTED}?nhs={PLANTED}", **{**bearer, "X-Request-ID": PLANTED, "User-Agent": PLANTED}),
        call(running, "GET", "/v1/runs/current", Authorization=f"Bearer {PLANTED}"),
        call(running, "POST", "/v1/token", f"grant_type=client_credentials&client_id={PLANTED}&client_secret={PLANTED}"),
        call(running, "POST", "/v1/token", f"nhs_number={PLANTED}"),
        call(running, "BREW", f"/{PLANTED}"),
    ]  # fmt: skip
    assert [status for status, _ in answers] == [200, 200, 404, 422, 404, 404, 401, 401, 400, 401]
    assert running.stop() in (0, -signal.SIGTERM)
    log = "".join(running.said)
    lines = [json.loads(line) for line in running.said]
    answered = [line for line in lines if line.get("route") == "/v1/persons/{person}/risk"]
    assert [line["status"] for line in answered] == [200, 404]
    assert set(answered[0]) == {
        "event",
        "level",
        "timestamp",
        "method",
        "route",
        "status",
        "ms",
        "request_id",
        "client",
    }
    for secret in (PLANTED, opaque, token, client["secret"]):
        assert secret not in log
    assert "3 emergency admissions" not in log
    assert all(PLANTED not in body for _, body in answers)
    store = stores.open(Settings(home=home))
    assert PLANTED not in repr(list(store.audit_rows()))


def call(running: Running, method: str, path: str, body: str = "", **headers: str) -> tuple[int, str]:
    """One raw request, so that nothing is tidied on the way; status and body."""
    host, port = running.address.removeprefix("http://").split(":")
    named = {"Host": host, "Connection": "close", "Content-Length": str(len(body)), **headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(f"{method} {path} HTTP/1.1\r\n{lines}\r\n{body}".encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
    return int(answer.split(" ", 2)[1]), answer.partition("\r\n\r\n")[2]


def test_a_port_in_use_is_a_sentence(environment: dict[str, str], client: dict[str, Any]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = frailty(environment, "serve", "--port", str(port))
    assert done.returncode == 5
    assert f"port {port} on 127.0.0.1 is in use" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("spoil", "kind", "says"),
    [
        (lambda home: (home / "keys" / "audit.key").unlink(), MissingPart, "expected the audit key in"),
        (lambda home: (home / "keys" / "token.key").chmod(0o644), Refused, "run chmod 600"),
        (lambda home: (home / "frailty.db").chmod(0o644), Refused, "readable by its owner alone"),
    ],
    ids=["a key is missing", "a key is open", "the database is open"],
)
def test_production_refuses_to_start_with_keys_or_data_astray(client: dict[str, Any], home: Path, spoil: Callable[[Path], None], kind: type[FrailtyError], says: str) -> None:  # fmt: skip
    settings = Settings(home=home, environment="production")
    assert open_installation(settings).settings == settings
    spoil(home)
    with pytest.raises(kind, match=says):
        open_installation(settings)


def test_a_refusal_to_start_is_a_sentence_and_an_exit_code(environment: dict[str, str], client: dict[str, Any]) -> None:
    """The day for tests, in production."""
    done = frailty({**environment, "FRAILTY_ENVIRONMENT": "production"}, "serve", "--port", "0")
    assert (done.returncode, "FRAILTY_TODAY is for tests and the demo alone" in " ".join(done.stderr.split())) == (
        4,
        True,
    )
    assert "Traceback" not in done.stderr
