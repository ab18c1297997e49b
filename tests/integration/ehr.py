"""A practice's own system that launches the pages, as far as the launch asks it: written from SMART App Launch 2.2, over HTTP, and as strict as it may be."""

from __future__ import annotations

import json
import secrets
import threading
import time
from base64 import b64decode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from serving.security.login import challenge

CLIENT, SECRET = "frailty-lists", "s3cret/with:signs"


class Ehr:
    """``screen``: the Patient that its user has open; ``user`` who they are to it. ``refuses`` holds what came and was not as specified."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "ehr-1"})
        self.screen: dict[str, Any] | None = None
        self.user = "u-1"
        self.refused: list[str] = []
        self.read: list[str] = []
        self._launches: set[str] = set()
        self._codes: dict[str, dict[str, str]] = {}
        self._tokens: set[str] = set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        self.fhir = f"{self.address}/fhir"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def launch(self) -> dict[str, str]:
        """What it opens the launch's address with."""
        self._launches.add(opaque := secrets.token_urlsafe(16))
        return {"iss": self.fhir, "launch": opaque}

    def authorized(self, address: str) -> dict[str, str]:
        """What its authorization answers to the browser that comes to ``address``."""
        asked = dict(parse_qsl(urlsplit(address).query))
        assert address.startswith(f"{self.address}/authorize?")
        assert asked["response_type"] == "code"
        assert (asked["client_id"], asked["aud"], asked["code_challenge_method"]) == (CLIENT, self.fhir, "S256")
        assert {"launch", "openid", "fhirUser"} <= set(asked["scope"].split())
        self._launches.remove(asked["launch"])
        self._codes[code := secrets.token_urlsafe(16)] = asked
        return {"code": code, "state": asked["state"]}

    def token(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        asked = self._codes.pop(form.get("code", ""), None)
        name, _, secret = b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        good = asked is not None and (unquote(name), unquote(secret)) == (CLIENT, SECRET)
        if asked is None or not good or form["redirect_uri"] != asked["redirect_uri"] or challenge(form["code_verifier"]) != asked["code_challenge"]:  # fmt: skip
            return None
        now = int(time.time())
        said = {
            "iss": self.fhir,
            "aud": CLIENT,
            "sub": self.user,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
        }
        self._tokens.add(access := secrets.token_urlsafe(16))
        given = {"access_token": access, "token_type": "Bearer", "expires_in": 300, "scope": asked["scope"]}
        patient = {} if self.screen is None else {"patient": self.screen["id"]}
        return {**given, **patient, "id_token": jwt.encode({"alg": "RS256", "kid": "ehr-1"}, said, self.key)}

    def _handler(ehr) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = {name: held[0] for name, held in parse_qs(body).items()}
                given = ehr.token(form, self.headers.get("Authorization", "")) if self.path == "/token" else None
                self._answer(given)

            def do_GET(self) -> None:
                ehr.read.append(self.path)
                screen, bearer = ehr.screen, self.headers.get("Authorization", "").removeprefix("Bearer ")
                if self.path == "/jwks":
                    self._answer({"keys": [ehr.key.as_dict(private=False)]})
                elif screen is not None and bearer in ehr._tokens and self.path == f"/fhir/Patient/{screen['id']}":
                    self._answer(screen)
                else:
                    self._answer(None)

            def _answer(self, said: dict[str, Any] | None) -> None:
                body = json.dumps(said or {"error": "invalid_request"}).encode()
                if said is None:
                    ehr.refused.append(self.path)
                self.send_response(200 if said is not None else 400)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                return

        return Handler
