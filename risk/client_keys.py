"""The public keys of systems that sign: one token for each call (CDS Hooks 2.0), or an assertion for an access token (RFC 7523, SMART App Launch 2.2,
"Backend Services").

Keys are registered by whoever runs the installation and never fetched: an address in a token (``jku``) is a wish of whoever made the token.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from features.errors import BadInput, WrongUsage
from risk.store import Store

#: What CDS Hooks recommends (https://cds-hooks.hl7.org/2.0/#signing-algorithms) and SMART asks of servers
#: (https://hl7.org/fhir/smart-app-launch/client-confidential-asymmetric.html), each with its kind of key.
ALGORITHMS = {"ES384": "EC", "RS384": "RSA"}
CURVE, SHORTEST_RSA = "P-384", 2048
#: Public keys by name (``kid``).
Keys = Mapping[str, Mapping[str, Any]]


def register_keys(store: Store, client_id: str, issuer: str | None, file: Path) -> dict[str, Any]:
    """Keep the public keys of a JWK Set for a client, in place of those before; ``issuer`` is what it calls itself in CDS Hooks, None: it does not call
    them.

    :class:`~features.errors.WrongUsage` where there is no such client, or the issuer is another's; errors else as of :func:`public_keys`.
    """
    if store.client(client_id) is None:
        raise WrongUsage("expected a registered client; `frailty client list` shows them")
    other = of_issuer(store, issuer) if issuer is not None else None
    if other is not None and other[0] != client_id:
        raise WrongUsage(f"expected an issuer of its own, found that of {other[0]}")
    keys = public_keys(file)
    store.set_public_key(client_id, kept(keys, issuer))
    return {"client_id": client_id, "issuer": issuer, "keys": [one["kid"] for one in keys]}


def public_keys(file: Path) -> list[dict[str, Any]]:
    """The keys of a JWK Set in a file; :class:`~features.errors.BadInput` where it is no set of public keys that can be used."""
    try:
        keys = orjson.loads(file.read_bytes())["keys"]
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise BadInput(f"expected a JWK Set in {file}: a JSON object with `keys`") from error
    if not isinstance(keys, list):
        raise BadInput(f"{file}: expected `keys` to be a list")
    faults = [f"key {number}: {fault}" for number, one in enumerate(keys, 1) if (fault := _fault(one))]
    names = [one.get("kid") for one in keys if isinstance(one, dict)]
    if faults or not keys or len(set(names)) != len(names):
        raise BadInput(f"{file}: {'; '.join(faults) or 'expected keys, each with a `kid` of its own'}")
    return keys


def kept(keys: list[dict[str, Any]], issuer: str | None) -> str:
    """As the directory keeps them."""
    return orjson.dumps({"issuer": issuer, "keys": keys}).decode()


def of_issuer(store: Store, issuer: str) -> tuple[str, Keys] | None:
    """The client that calls itself so in CDS Hooks, and its keys; None where no client does."""
    for row in store.clients():
        held = orjson.loads(row["public_key"]) if row["public_key"] else {}
        if held.get("issuer") == issuer:
            return row["client_id"], _by_name(held)
    return None


def of_client(store: Store, client_id: str) -> tuple[str, Keys] | None:
    """A client that goes by its own id, and its keys; None where there is none, or it has no keys."""
    row = store.client(client_id)
    return (client_id, _by_name(orjson.loads(row["public_key"]))) if row and row["public_key"] else None


def _by_name(held: Mapping[str, Any]) -> Keys:
    return {one["kid"]: one for one in held["keys"]}


def _fault(one: Any) -> str | None:
    """Why a key cannot be used; None where it can."""
    if not isinstance(one, dict) or one.get("kty") not in ALGORITHMS.values():
        return "expected kty EC or RSA"
    if not isinstance(one.get("kid"), str) or not one["kid"]:
        return "expected a `kid`"
    if "d" in one:
        return "this is a private key, which is its owner's alone; make a new one and send its public half"
    try:
        if one["kty"] == "EC":
            ECKey.import_key(one)
            return None if one.get("crv") == CURVE else f"expected the curve {CURVE}"
        size = RSAKey.import_key(one).public_key.key_size
    except (JoseError, ValueError, KeyError, TypeError):
        return "cannot be read"
    return None if size >= SHORTEST_RSA else f"expected {SHORTEST_RSA} bits or more, found {size}"
