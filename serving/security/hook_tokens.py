"""Tokens that a client signs itself, one for each call of CDS Hooks (2.0, "Trusting CDS Clients"): for one address, for minutes, good once.

Which key signs for whom is in the directory; neither a key nor an address of keys is taken from a token. Like any other token it is only a name: what the
client may read is looked up on each call.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import orjson
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from risk import clients, hook_clients
from risk.clients import Access
from risk.hook_clients import ALGORITHMS
from risk.tokens import LONGEST
from serving.installation import Installation
from serving.problems import Problem

HOOKS = "/cds-services"
#: Seconds from a token's making to its end, at the most, and by which clocks may differ.
LIFE, LEEWAY = 300, 5
_KINDS: dict[str, Any] = {"EC": ECKey, "RSA": RSAKey}


def signed_by_clients(path: str) -> bool:
    """Whether a path is behind such tokens and no others."""
    return path == HOOKS or path.startswith(f"{HOOKS}/")


def access(installation: Installation, token: str, path: str) -> Access:
    """What whoever signed a token may read today. :class:`Problem` ``unauthenticated`` for any other token, and for one that was used before;
    ``not-ready`` where the installation does not know its own address, which every token must name."""
    address = installation.settings.address.rstrip("/")
    if not address:
        raise Problem("not-ready", "the setting `address` says for which address a client signs, and it is empty")
    try:
        client_id, claims = _signed(installation, token)
        _claims(claims, address + path)
    except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise Problem("unauthenticated") from error
    now = datetime.now(UTC)
    used = sha256(f"{claims['iss']}\n{claims['jti']}".encode()).digest()
    until = datetime.fromtimestamp(claims["exp"] + LEEWAY + 1, UTC)
    if not installation.store.first_use(used, until, now):
        raise Problem("unauthenticated")
    found = clients.access(installation.store, client_id, installation.today)
    if found is None:
        raise Problem("unauthenticated")
    return found


def _signed(installation: Installation, token: str) -> tuple[str, dict[str, Any]]:
    """Client and claims of a token, if one of the client's own keys signed it."""
    if len(token) > LONGEST:
        raise ValueError("too long")
    read = jws.extract_compact(token.encode())
    header, said = read.headers(), orjson.loads(read.payload)
    if header["typ"] != "JWT" or header["alg"] not in ALGORITHMS or not isinstance(said["iss"], str):
        raise ValueError("another kind of token")
    found = hook_clients.of_issuer(installation.store, said["iss"])
    if found is None:
        raise ValueError("nobody's")
    client_id, keys = found
    key = keys[header["kid"]]
    if key["kty"] != ALGORITHMS[header["alg"]]:
        raise ValueError("another kind of key")
    claims = jwt.decode(token, _KINDS[key["kty"]].import_key(key), algorithms=[header["alg"]]).claims
    return client_id, claims


def _claims(claims: dict[str, Any], address: str) -> None:
    """Refuse what is not for this very address and this minute."""
    wanted = jwt.JWTClaimsRegistry(
        leeway=LEEWAY,
        iss={"essential": True},
        aud={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        jti={"essential": True},
    )
    wanted.validate(claims)
    if claims["aud"] not in (address, [address]):
        raise ValueError("for another address")
    if not (isinstance(claims["jti"], str) and 0 < len(claims["jti"]) <= 255):
        raise ValueError("no name of its own")
    if claims["exp"] - claims["iat"] > LIFE or claims["iat"] > time.time() + LEEWAY:
        raise ValueError("good for too long")
