"""Tokens that a client signs itself, one for each call of CDS Hooks (2.0, "Trusting CDS Clients"): for the address that is called, and good once.

Like any other token it is only a name: what the client may read is looked up on each call.
"""

from __future__ import annotations

from risk import clients
from risk.client_keys import of_issuer
from risk.clients import Access
from serving.installation import Installation
from serving.problems import Problem
from serving.security import assertions

HOOKS = "/cds-services"


def signed_by_clients(path: str) -> bool:
    """Whether a path is behind such tokens and no others."""
    return path == HOOKS or path.startswith(f"{HOOKS}/")


def access(installation: Installation, token: str, path: str) -> Access:
    """What whoever signed a token may read today. :class:`Problem` ``unauthenticated`` for any other token, and for one that was used before;
    ``not-ready`` where the installation does not know its own address, which every token must name."""
    try:
        client_id = assertions.proven(installation, token, path, of_issuer, essential=("iat",))
    except assertions.NotBelieved as error:
        raise Problem("unauthenticated") from error
    found = clients.access(installation.store, client_id, installation.today)
    if found is None:
        raise Problem("unauthenticated")
    return found
