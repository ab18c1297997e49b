"""What a client signs itself to say who it is: for one address, for minutes, good once. One check for every place that takes such a thing.

Which key signs for whom is in the directory; neither a key nor an address of keys (``jwk``, ``jku``, ``x5u``) is ever taken from what was sent, and the
algorithm is one of two, and the one of the key. What the client may read is looked up apart, on each request.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import orjson
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from risk.client_keys import ALGORITHMS, Keys
from risk.store import Store
from risk.tokens import LONGEST
from serving.installation import Installation
from serving.problems import Problem

#: Seconds from its making to its end, at the most, and by which clocks may differ.
LIFE, LEEWAY = 300, 5
_KINDS: dict[str, Any] = {"EC": ECKey, "RSA": RSAKey}
#: The client that an ``iss`` stands for, and its keys; None where it stands for nobody.
Known = Callable[[Store, str], tuple[str, Keys] | None]


class NotBelieved(Exception):
    """What was sent does not prove who sent it. Nobody is told why: it would help whoever forges one."""


def own_address(installation: Installation, path: str) -> str:
    """The address that a client must have signed for; :class:`Problem` ``not-ready`` where the installation does not know its own."""
    address = installation.settings.address.rstrip("/")
    if not address:
        raise Problem("not-ready", "the setting `address` says for which address a client signs, and it is empty")
    return address + path


def proven(installation: Installation, signed: str, path: str, known: Known, *, essential: tuple[str, ...]) -> str:
    """The client that signed for ``path`` of this installation, with the claims named ``essential`` beside the usual; it is used up by this.

    :class:`NotBelieved` for any other, and for one that was used before; :class:`Problem` as of :func:`own_address`.
    """
    address = own_address(installation, path)
    try:
        client_id, claims = _read(installation.store, signed, known)
        _check(claims, address, essential)
    except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise NotBelieved from error
    if "sub" in essential and claims["sub"] != claims["iss"]:
        raise NotBelieved
    used = sha256(f"{client_id}\n{claims['jti']}".encode()).digest()
    until = datetime.fromtimestamp(claims["exp"] + LEEWAY + 1, UTC)
    if not installation.store.first_use(used, until, datetime.now(UTC)):
        raise NotBelieved
    return client_id


def _read(store: Store, signed: str, known: Known) -> tuple[str, dict[str, Any]]:
    """Client and claims, if one of the client's own keys signed them."""
    if len(signed) > LONGEST:
        raise ValueError("too long")
    read = jws.extract_compact(signed.encode())
    header, said = read.headers(), orjson.loads(read.payload)
    if header["typ"] != "JWT" or header["alg"] not in ALGORITHMS or not isinstance(said["iss"], str):
        raise ValueError("another kind of token")
    found = known(store, said["iss"])
    if found is None:
        raise ValueError("nobody's")
    client_id, keys = found
    key = keys[header["kid"]]
    if key["kty"] != ALGORITHMS[header["alg"]]:
        raise ValueError("another kind of key")
    return client_id, jwt.decode(signed, _KINDS[key["kty"]].import_key(key), algorithms=[header["alg"]]).claims


def _check(claims: dict[str, Any], address: str, essential: tuple[str, ...]) -> None:
    """Refuse what is not for this very address and this minute."""
    names = ("iss", "aud", "exp", "jti", *essential)
    needed: dict[str, Any] = {name: {"essential": True} for name in names}
    jwt.JWTClaimsRegistry(leeway=LEEWAY, **needed).validate(claims)
    if claims["aud"] not in (address, [address]):
        raise ValueError("for another address")
    if not (isinstance(claims["jti"], str) and 0 < len(claims["jti"]) <= 255):
        raise ValueError("no name of its own")
    now = time.time()
    made = claims.get("iat", now)
    if claims["exp"] - made > LIFE or claims["exp"] - now > LIFE + LEEWAY or made > now + LEEWAY:
        raise ValueError("good for too long")
