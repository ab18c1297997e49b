"""Where a webhook may go: over TLS to an address of the open internet, or of a network that the area allows by name. Asked when the webhook is added and
again at each call, and the connection goes to the very address that was asked about: a name that points elsewhere a moment later gains nothing."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import urlsplit

from features.errors import Refused, WrongUsage
from risk.settings import Settings

Address = IPv4Address | IPv6Address
#: IPv6 addresses that carry an IPv4 one (RFC 6052).
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True)
class Target:
    """A webhook's URL in its parts."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def named(self) -> str:
        """Scheme, host and port: what may stand in the audit. A path may be a secret."""
        return f"{self.scheme}://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"


def target(url: str, settings: Settings) -> Target:
    """``url`` in its parts; :class:`WrongUsage` where a webhook cannot go there. Over plain HTTP in the demo alone."""
    schemes = ("https", "http") if settings.environment == "demo" else ("https",)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise WrongUsage("expected an https:// URL for the webhook, found one that cannot be read") from error
    plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= 2048
    if not plain or parts.scheme not in schemes or not parts.hostname or parts.username is not None or parts.fragment:
        raise WrongUsage(
            "expected an https:// URL with a host, without a user name and without a fragment, for the webhook"
        )
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, parts.hostname, port or (443 if parts.scheme == "https" else 80), path)


def resolved(to: Target, settings: Settings) -> str:
    """The address to connect to. :class:`Refused` where any address of the host is one that a webhook may not go to, or there is none."""
    try:
        found = {str(one[4][0]).split("%")[0] for one in socket.getaddrinfo(to.host, to.port, type=socket.SOCK_STREAM)}
    except OSError as error:
        raise Refused(f"no address is known of the host of {to.named}") from error
    networks = allowed(settings)
    if not found or any(not may(ipaddress.ip_address(one), networks) for one in found):
        raise Refused(
            f"{to.named} has an address that is not of the open internet; the setting `webhook_networks` names networks of the area's own that may be called"
        )
    return min(found)


def allowed(settings: Settings) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """The networks of the setting; :class:`WrongUsage` where one is none."""
    named = [one.strip() for one in settings.webhook_networks.split(",") if one.strip()]
    try:
        return [ipaddress.ip_network(one) for one in named]
    except ValueError as error:
        raise WrongUsage(
            "expected webhook_networks to be networks such as 10.20.0.0/16, separated by commas"
        ) from error


def may(address: Address, networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> bool:
    """Whether a webhook may go to ``address``: of the open internet, and so every IPv4 address that an IPv6 one carries; or of ``networks``."""
    inner = _carried(address)
    if inner is not None:
        return may(inner, networks)
    if any(address in network for network in networks):
        return True
    return address.is_global and not address.is_multicast and not address.is_reserved


def _carried(address: Address) -> IPv4Address | None:
    if isinstance(address, IPv4Address):
        return None
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
