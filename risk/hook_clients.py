"""Systems that sign their calls themselves (CDS Hooks 2.0): a client of the directory, what it calls itself, and its public keys.

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

#: What CDS Hooks recommends (https://cds-hooks.hl7.org/2.0/#signing-algorithms), each with its kind of key.
ALGORITHMS = {"ES384": "EC", "RS384": "RSA"}
CURVE, SHORTEST_RSA = "P-384", 2048


def register_keys(store: Store, client_id: str, issuer: str, file: Path) -> dict[str, Any]:
    """Keep the public keys of a JWK Set for a client, in place of those before.

    :class:`~features.errors.WrongUsage` where there is no such client, or the issuer is another's; :class:`~features.errors.BadInput` where the file is no set of
    public keys that can be used.
    """
    if store.client(client_id) is None:
        raise WrongUsage("expected a registered client; `frailty client list` shows them")
    other = of_issuer(store, issuer)
    if other is not None and other[0] != client_id:
        raise WrongUsage(f"expected an issuer of its own, found that of {other[0]}")
    try:
        keys = orjson.loads(file.read_bytes())["keys"]
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise BadInput(f"expected a JWK Set in {file}: a JSON object with `keys`") from error
    faults = [f"key {number}: {fault}" for number, one in enumerate(keys, 1) if (fault := _fault(one))]
    names = [one.get("kid") for one in keys if isinstance(one, dict)]
    if faults or not keys or len(set(names)) != len(names):
        raise BadInput(f"{file}: {'; '.join(faults) or 'expected keys, each with a `kid` of its own'}")
    store.set_public_key(client_id, orjson.dumps({"issuer": issuer, "keys": keys}).decode())
    return {"client_id": client_id, "issuer": issuer, "keys": names}


def of_issuer(store: Store, issuer: str) -> tuple[str, dict[str, Mapping[str, Any]]] | None:
    """The client that calls itself so, and its keys by name; None where no client does."""
    for row in store.clients():
        held = orjson.loads(row["public_key"]) if row["public_key"] else {}
        if held.get("issuer") == issuer:
            return row["client_id"], {one["kid"]: one for one in held["keys"]}
    return None


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
