"""The floors under the service's answers, served by the very command that serves the product.

    python -m benchmarks.serve_floors bare|behind [--port N]

``bare``: FastAPI and a route that returns bytes. ``behind``: the same bytes behind the product's middleware, its token check and one row in the audit about as
many people; nothing is looked up. The bytes are those of the file that ``FRAILTY_BENCH_BYTES`` names.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from fastapi import FastAPI, Request, Response

from risk.commands import serve
from serving.app import create_app
from serving.security.caller import Caller

FLOOR = "/v1/floor"


def _bytes() -> bytes:
    return Path(os.environ["FRAILTY_BENCH_BYTES"]).read_bytes()


def bare() -> FastAPI:
    """Floor (a)."""
    app, held = FastAPI(), _bytes()

    @app.get(FLOOR)
    def floor() -> Response:
        return Response(held, media_type="application/json")

    @app.get("/ready")
    def ready() -> dict[str, bool]:
        return {"ready": True}

    return app


def behind() -> FastAPI:
    """Floor (b)."""
    app, held = create_app(), _bytes()
    people = list(range(1, 51))

    @app.get(FLOOR)
    def floor(request: Request) -> Response:
        Caller(request).audit("list.read", "answered", organisation="A81001", people=people, run=1)
        return Response(held, media_type="application/json")

    return app


def main() -> None:
    which, port = sys.argv[1], int(sys.argv[2])
    serve.APPLICATION = f"benchmarks.serve_floors:{which}"
    serve.serve("127.0.0.1", port, True)


if __name__ == "__main__":
    main()
