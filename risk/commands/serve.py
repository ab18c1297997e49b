"""``frailty serve``."""

from __future__ import annotations

import errno
import socket
import sys
from typing import Annotated

import typer

from features.errors import MissingPart
from risk.console import show, words

#: The service, started by name: the command line imports nothing of it.
APPLICATION = "serving.app:create_app"
#: The server's side of a connection, by name for the same reason.
CONNECTION = "serving.security.connections:Connection"


def register(app: typer.Typer) -> None:
    app.command("serve")(serve)


def serve(
    host: Annotated[str, typer.Option(help="address to listen on; loopback alone unless told otherwise")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="port; 0 for any that is free")] = 8000,
    as_json: Annotated[bool, typer.Option("--json", help="print the address as JSON")] = False,
) -> None:
    """Serve the API. Stop it with Ctrl-C; requests under way are answered first.

    Example: frailty serve --port 8000
    """
    import uvicorn

    listener = _listen(host, port)
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{listener.getsockname()[1]}"
    config = uvicorn.Config(APPLICATION, factory=True, http=CONNECTION, log_config=None, access_log=False, server_header=False,
                            lifespan="on", timeout_keep_alive=15, timeout_graceful_shutdown=20, limit_concurrency=500)  # fmt: skip
    config.load()
    show(
        {"address": address},
        as_json,
        lambda said: words.print(f"serving {said['address']} (docs: {said['address']}/docs)"),
    )
    sys.stdout.flush()
    if host not in {"127.0.0.1", "::1", "localhost"}:
        words.print("this listens beyond this machine without TLS: put a proxy that ends TLS in front of it")
    uvicorn.Server(config).run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket; :class:`MissingPart` says why there is none."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise MissingPart(
                f"port {port} on {host} is in use; stop what uses it, or choose another with --port"
            ) from error
        raise MissingPart(
            f"cannot listen on {host}, port {port}: {error.strerror or error}; choose another with --host or --port"
        ) from error
    return listener
