"""Where a webhook may go, and what its signature is, as small tables. Each rule names the harm that it prevents."""

from __future__ import annotations

import ipaddress
from pathlib import Path

import pytest

from features.errors import Refused, WrongUsage
from risk.settings import Settings
from risk.webhooks import signing
from risk.webhooks.addresses import may, resolved, target
from serving.client.webhooks import NotGenuine, Waiting, verify

ADDRESSES: list[tuple[str, str, bool]] = [
    ("8.8.8.8", "", True),
    ("2001:4860:4860::8888", "", True),
    ("127.0.0.1", "", False),  # the service's own machine
    ("10.1.2.3", "", False),
    ("172.16.0.9", "", False),
    ("192.168.1.1", "", False),
    ("169.254.169.254", "", False),  # where a cloud's machine asks for its credentials
    ("100.64.0.1", "", False),  # a carrier's own
    ("0.0.0.0", "", False),
    ("224.0.0.1", "", False),
    ("255.255.255.255", "", False),
    ("::1", "", False),
    ("fe80::1", "", False),
    ("fd00::1", "", False),
    ("::ffff:10.0.0.1", "", False),  # IPv4 in another coat
    ("64:ff9b::7f00:1", "", False),
    ("2002:7f00:1::", "", False),
    ("10.1.2.3", "10.1.0.0/16", True),
    ("10.2.2.3", "10.1.0.0/16", False),
    ("::ffff:10.1.0.1", "10.1.0.0/16", True),
]


@pytest.mark.parametrize(("address", "networks", "allowed"), ADDRESSES)
def test_where_a_webhook_may_go(address: str, networks: str, allowed: bool) -> None:
    """A client has the service ask its own network, from the inside, whatever it may not ask itself."""
    own = [ipaddress.ip_network(networks)] if networks else []
    assert may(ipaddress.ip_address(address), own) is allowed


def _settings(tmp_path: Path, **more: str) -> Settings:
    return Settings(home=tmp_path / "home", **{"environment": "production", **more})


@pytest.mark.parametrize(
    "url",
    [
        "http://tool.example/x",
        "ftp://tool.example/x",
        "https:///x",
        "https://user@tool.example/x",
        "https://tool.example/x#y",
        "https://tool.example:x/",
        "https://tool.example/a b",
        "https://tool.example/\r\nHost: other",
        "tool.example",
    ],
)
def test_what_is_no_url_of_a_webhook(tmp_path: Path, url: str) -> None:
    """Word of a practice's events goes over an open line, or a header of somebody's own goes along."""
    with pytest.raises(WrongUsage):
        target(url, _settings(tmp_path))


def test_plain_http_is_for_the_demo_alone(tmp_path: Path) -> None:
    assert target("http://127.0.0.1:8080/x?y=1", _settings(tmp_path, environment="demo")).path == "/x?y=1"
    with pytest.raises(WrongUsage):
        target("http://127.0.0.1:8080/", _settings(tmp_path, environment="test"))


def test_a_name_that_means_this_machine_is_refused(tmp_path: Path) -> None:
    """A name of the open internet is pointed at the inside."""
    settings = _settings(tmp_path)
    with pytest.raises(Refused, match="not of the open internet"):
        resolved(target("https://localhost/", settings), settings)
    own = settings.model_copy(update={"webhook_networks": "127.0.0.0/8, ::1/128"})
    assert resolved(target("https://localhost/", own), own) in ("127.0.0.1", "::1")
    with pytest.raises(WrongUsage, match=r"10\.20\.0\.0/16"):
        resolved(target("https://localhost/", own), own.model_copy(update={"webhook_networks": "all"}))


KEY, BODY = bytes(range(32)), b'{"type":"events.waiting","timestamp":"2024-12-02T06:30:00Z","data":{"since":"abc"}}'


def test_the_signature_is_that_of_standard_webhooks() -> None:
    """HMAC-SHA256 of ``id.second.body``, worked out by openssl: a receiver of any language takes it."""
    assert signing.signature(KEY, "msg_1", 1733121000, b"{}") == "v1,hO1VZfIFGGCvYXFXf4QsT8M4O/lhB6YqDzGktBXluaI="
    assert signing.secret(signing.shown(KEY)) == KEY


GOOD = {
    "Webhook-Id": "msg_1",
    "webhook-timestamp": "1733121000",
    "webhook-signature": signing.signature(KEY, "msg_1", 1733121000, BODY),
}
FORGED: list[tuple[str, dict[str, str], bytes, float]] = [
    ("of another id", {"Webhook-Id": "msg_2"}, BODY, 0),
    ("of another second", {"webhook-timestamp": "1733121001"}, BODY, 0),
    ("of another body", {}, BODY + b" ", 0),
    ("of another version", {"webhook-signature": GOOD["webhook-signature"].replace("v1", "v2")}, BODY, 0),
    ("unsigned", {"webhook-signature": ""}, BODY, 0),
    ("overheard and sent again", {}, BODY, 301),
    ("of the future", {}, BODY, -301),
    ("no second", {"webhook-timestamp": "now"}, BODY, 0),
    ("no id", {"Webhook-Id": ""}, BODY, 0),
]


@pytest.mark.parametrize(("changed", "body", "later"), [row[1:] for row in FORGED], ids=[row[0] for row in FORGED])
def test_a_forged_webhook_is_known(changed: dict[str, str], body: bytes, later: float) -> None:
    """Somebody else has a tool ask, again and again, or from a place of their choosing."""
    shown = signing.shown(KEY)
    assert verify(shown, GOOD, BODY, now=1733121000) == Waiting("msg_1", "abc")
    also = {**GOOD, "webhook-signature": f"v1,AAAA {GOOD['webhook-signature']}"}
    assert verify(shown, also, BODY, now=1733121299).id == "msg_1", "one of several, as while a secret is changed"
    with pytest.raises(NotGenuine):
        verify(shown, {**GOOD, **changed}, body, now=1733121000 + later)


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_!!", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "whsec_AAEC"]
)
def test_what_is_no_secret(secret: str) -> None:
    with pytest.raises(ValueError, match="whsec_"):
        verify(secret, GOOD, BODY, now=1733121000)
