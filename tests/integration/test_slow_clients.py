"""Clients that are slow, or send more than is taken, beside one that is neither: it is served, and they are ended. A process over loopback."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import psutil
import pytest

from risk.demo.client import Client
from risk.settings import Settings
from tests.integration.clients_under_load import LIST, bearer, installation
from tests.integration.test_service_process import Running

LIMITS = {"FRAILTY_HEAD_SECONDS": "0.5", "FRAILTY_READER_SECONDS": "0.5", "FRAILTY_REQUEST_SECONDS": "1"}
#: Seconds without an end of its connection after which a client counts as one that is held for ever.
FOR_EVER = 30
#: Bytes that a client would send: many times what the service's memory may grow by.
BODY = 64 * 1024**2
MORE_MEMORY = 24 * 1024**2
CHUNK = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"


@dataclass
class Place:
    service: Running
    headers: str
    quick: Client

    def connection(self, sent: str) -> socket.socket:
        host, _, port = self.service.address.removeprefix("http://").partition(":")
        made = socket.create_connection((host, int(port)), timeout=FOR_EVER)
        made.sendall(sent.encode())
        return made

    def posting(self, length: str) -> str:
        return f"POST /v1/persons/lookup HTTP/1.1\r\nHost: a\r\n{self.headers}Content-Type: application/json\r\n{length}\r\n\r\n"

    def memory(self) -> int:
        return int(psutil.Process(self.service.process.pid).memory_info().rss)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    settings = Settings(home=tmp_path_factory.mktemp("slow") / "home", environment="test")
    store, given = installation(settings)
    _, named = bearer(settings, store)
    store.close()
    service = Running({**given, **LIMITS})
    headers = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    yield Place(service, headers, Client(service.address, named["Authorization"].removeprefix("Bearer ")))
    service.stop()
    assert "Traceback" not in "".join(service.said)


def until_ended(connection: socket.socket, drop: bytes, every: float) -> str:
    """What came until the service ended the connection, while ``drop`` was sent again and again."""
    over = threading.Event()

    def trickle() -> None:
        try:
            while not over.wait(every):
                connection.sendall(drop)
        except OSError:
            return  # it was ended

    thread = threading.Thread(target=trickle)
    thread.start()
    came = b""
    try:
        while part := connection.recv(65536):
            came += part
    except ConnectionError:
        pass  # ended with something on its way
    finally:
        over.set()
        thread.join()
        connection.close()
    return came.decode()


@pytest.mark.parametrize(
    ("sent", "drop", "answer"),
    [
        ("", b"", ""),
        ("GET /health HTTP/1.1\r\n", b"X-Slow: 1\r\n", ""),
        ("GET /health HTTP/1.1\r\nHost: a\r\n\r\n", b"X", "200 OK"),
        ("body of 60000 bytes", b" ", "408 Request Timeout"),
        ("body in chunks", b"1\r\n \r\n", "408 Request Timeout"),
        ("body of 60000000 bytes", b" ", "413 Request Entity Too Large"),
    ],
    ids=["nothing", "a head", "a second head", "a body", "a chunked body", "the body of a request that was refused"],
)
def test_what_trickles_in_is_ended_and_others_are_served(place: Place, sent: str, drop: bytes, answer: str) -> None:
    """Harm: a few hundred connections that say nothing keep every practice out."""
    if sent.startswith("body"):
        sent = place.posting("Transfer-Encoding: chunked" if "chunks" in sent else f"Content-Length: {sent.split()[2]}")
    slow = [place.connection(sent) for _ in range(8)]
    with ThreadPoolExecutor(len(slow)) as threads:
        ends = [threads.submit(until_ended, connection, drop, 0.05) for connection in slow]
        while not all(end.done() for end in ends):
            assert place.quick.get(LIST).status == 200
    for end in ends:
        assert answer in end.result().partition("\r\n")[0]
        assert bool(end.result()) == bool(answer)


def test_a_reader_that_does_not_read_is_cut_off_and_others_are_served(place: Place) -> None:
    """Harm: a client asks and asks and reads no answer, and what it asked for stays in memory and its connection open."""
    slow = [place.connection("") for _ in range(4)]
    asking = b"GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n" * 20

    def ask(connection: socket.socket) -> None:
        while True:  # until the service has cut it off; one that it keeps stands still here until it times out
            connection.sendall(asking)

    with ThreadPoolExecutor(len(slow)) as threads:
        ends = [threads.submit(ask, connection) for connection in slow]
        while not all(end.done() for end in ends):
            assert place.quick.get(LIST).status == 200
    for end, connection in zip(ends, slow, strict=True):
        assert isinstance(end.exception(), ConnectionError)
        connection.close()


@pytest.mark.parametrize(
    "length", [f"Content-Length: {BODY}", "Transfer-Encoding: chunked"], ids=["declared", "chunked"]
)
def test_a_body_that_is_too_large_takes_no_memory_and_others_are_served(place: Place, length: str) -> None:
    """Harm: a client that sends without end takes the service's memory, and every practice's list with it."""
    place.quick.get(LIST)
    before = place.memory()
    large = [place.connection(place.posting(length)) for _ in range(8)]
    most = before
    with ThreadPoolExecutor(len(large)) as threads:
        ends = [threads.submit(until_ended, connection, CHUNK, 0) for connection in large]
        while not all(end.done() for end in ends):
            assert place.quick.get(LIST).status == 200
            most = max(most, place.memory())
    for end in ends:
        assert end.result().startswith("HTTP/1.1 413 ")
        assert "urn:frailty:problem:too-large" in end.result()
    assert most - before < MORE_MEMORY
