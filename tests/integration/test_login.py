"""Log-in by authorization code: what an issuer says is believed only as far as it can be checked."""

from __future__ import annotations

import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from features.errors import BadInput, Refused
from risk.keys import Secret
from serving.installation import open_installation
from serving.security.demo_issuer import DemoIssuer
from serving.security.doors import COOKIE
from serving.security.issuers import Issuer, OverHttp, Unreachable
from serving.security.login import LogIn, NotLoggedIn, Somebody, challenge
from serving.security.vouching import issuers, read
from tests.logged_in import directory
from tests.service import Service

REDIRECT = "https://lists.example/pages/login/callback"
ISSUER = Issuer(name="a test", issuer="https://issuer.example", client_id="pages", authorize="https://issuer.example/authorize",
                token="https://issuer.example/token", jwks="https://issuer.example/jwks")  # fmt: skip
KEY, ANOTHER = RSAKey.generate_key(2048, {"kid": "k1"}), RSAKey.generate_key(2048, {"kid": "k1"})
ROLES = [{"person_roleid": "r1", "org_code": "A81001"}, {"person_roleid": "r2", "org_code": "A81002"}]
OURS = Secret("token", b"k" * 32)


class Channel:
    """An issuer as a test wants it: ``claims`` over the good ones (None: left out), signed ``signed`` by."""

    def __init__(self, claims: dict[str, Any] | None = None, details: dict[str, Any] | None = None, signed: Callable[[dict[str, Any]], str] | None = None) -> None:  # fmt: skip
        self.claims, self.about = claims or {}, details
        self.signed = signed or (lambda said: jwt.encode({"alg": "RS256", "kid": "k1"}, said, KEY))
        self.asked: dict[str, str] = {}
        self.nonce = ""

    def token(self, form: dict[str, str]) -> dict[str, Any]:
        self.asked = form
        now = int(time.time())
        said = {
            "iss": ISSUER.issuer,
            "aud": "pages",
            "sub": "555",
            "iat": now,
            "exp": now + 300,
            "nonce": self.nonce,
            "selected_roleid": "r1",
        }
        said = {name: value for name, value in (said | self.claims).items() if value is not None}
        return {"id_token": self.signed(said), "access_token": "a"}

    def details(self, access_token: str) -> dict[str, Any]:
        return {"sub": "555", "nhsid_nrbac_roles": ROLES} if self.about is None else self.about

    def keys(self) -> dict[str, Any]:
        return {"keys": [KEY.as_dict(private=False)]}


def attempt(channel: Channel, issuer: Issuer = ISSUER, late: float = 0, **answer: str) -> Somebody:
    """Out and back again."""
    log_in = LogIn(issuer, channel, OURS, REDIRECT)
    address, sealed = log_in.begin()
    sent = dict(parse_qsl(urlsplit(address).query))
    channel.nonce = sent["nonce"]
    return log_in.finish(sealed, {"code": "c", "state": sent["state"], **answer}, time.time() + late)


def test_the_selected_roles_organisation_counts() -> None:
    """Harm: somebody with roles at two practices sees the one that they did not select."""
    assert attempt(Channel()) == Somebody("555", "ods", "A81001")
    assert attempt(Channel({"selected_roleid": "r2"})) == Somebody("555", "ods", "A81002")


def test_an_issuer_without_nhs_identities() -> None:
    """Council and charity members: their own issuer, and nobody of another issuer can be taken for one of them."""
    council = ISSUER.model_copy(update={"claims": "plain", "subjects": "council:"})
    assert attempt(Channel({"organisation": "806", "scheme": "ods"}), council) == Somebody("council:555", "ods", "806")


def _hmac(said: dict[str, Any], key: bytes) -> str:
    """A token under HS256 with any bytes as its key, as no library makes it."""
    parts = [
        urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in ({"alg": "HS256", "kid": "k1"}, said)
    ]
    signature = hmac.digest(key, b".".join(parts), "sha256")
    return b".".join([*parts, urlsafe_b64encode(signature).rstrip(b"=")]).decode()


NOW = int(time.time())
BAD: dict[str, Channel] = {
    "of another issuer": Channel({"iss": "https://elsewhere.example"}),
    "for another client": Channel({"aud": "other"}),
    "for several, and not for us": Channel({"aud": ["pages", "other"]}),
    "expired": Channel({"exp": NOW - 60}),
    "never expires": Channel({"exp": None}),
    "made long ago": Channel({"iat": NOW - 7200}),
    "of another attempt": Channel({"nonce": "another"}),
    "without a nonce": Channel({"nonce": None}),
    "of nobody": Channel({"sub": None}),
    "no role selected": Channel({"selected_roleid": None}),
    "a role that is not theirs": Channel({"selected_roleid": "r9"}),
    "no roles": Channel(details={"sub": "555"}),
    "another's details": Channel(details={"sub": "556", "nhsid_nrbac_roles": ROLES}),
    "another key": Channel(signed=lambda said: jwt.encode({"alg": "RS256", "kid": "k1"}, said, ANOTHER)),
    "no signature": Channel(signed=lambda said: jwt.encode({"alg": "none"}, said, OctKey.import_key("x" * 32), algorithms=["none"])),
    "signed with the public key": Channel(signed=lambda said: _hmac(said, KEY.as_pem(private=False))),
    "an algorithm of the token's own": Channel(signed=lambda said: jwt.encode({"alg": "ES384", "kid": "k1"}, said, ECKey.generate_key("P-384"), algorithms=["ES384"])),
    "a key that it points to": Channel(signed=lambda said: jwt.encode({"alg": "RS256", "kid": "k2", "jku": "https://elsewhere.example/jwks"}, said, ANOTHER)),
    "no token": Channel(signed=lambda said: ""),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
def test_what_cannot_be_checked_is_not_believed(what: str) -> None:
    """Harm: whoever makes up a token is whoever they like."""
    with pytest.raises(NotLoggedIn):
        attempt(BAD[what])


def test_an_attempt_is_this_browsers_and_short() -> None:
    """Harm: a link in a mail logs somebody in as another (RFC 6749 §10.12)."""
    with pytest.raises(NotLoggedIn, match="state"):
        attempt(Channel(), state="another")
    with pytest.raises(NotLoggedIn, match="too long"):
        attempt(Channel(), late=601)
    with pytest.raises(NotLoggedIn, match="no code"):
        attempt(Channel(), code="")
    log_in = LogIn(ISSUER, Channel(), OURS, REDIRECT)
    other = LogIn(ISSUER, Channel(), Secret("token", b"o" * 32), REDIRECT)
    for sealed in ("", "AAAA", other.begin()[1]):
        with pytest.raises(NotLoggedIn, match="no attempt"):
            log_in.finish(sealed, {"code": "c", "state": "s"})


def test_the_verifier_stays_behind_until_the_code_is_used() -> None:
    """Harm: whoever sees the address bar can use the code (RFC 7636)."""
    channel = Channel()
    log_in = LogIn(ISSUER, channel, OURS, REDIRECT)
    address, sealed = log_in.begin()
    sent = dict(parse_qsl(urlsplit(address).query))
    channel.nonce = sent["nonce"]
    log_in.finish(sealed, {"code": "c", "state": sent["state"]})
    assert sent["code_challenge"] == challenge(channel.asked["code_verifier"])
    assert channel.asked["code_verifier"] not in address
    assert sent["code_challenge_method"] == "S256"


@pytest.mark.parametrize(
    "address", ["http://issuer.example/token", "https://user@issuer.example/token", "ftp://issuer.example", "/token"]
)
def test_an_issuer_is_asked_over_tls_alone(address: str, tmp_path: Any) -> None:
    """Harm: a code and the client's secret are read on the way."""
    file = tmp_path / "login.toml"
    said = {**ISSUER.model_dump(exclude_none=True), "token": address}
    file.write_text("[[issuer]]\n" + "\n".join(f'{name} = "{value}"' for name, value in said.items()))
    with pytest.raises(BadInput, match="token"):
        read(file)


def test_an_issuer_that_does_not_answer_is_a_sentence() -> None:
    nobody = ISSUER.model_copy(update={"jwks": "http://127.0.0.1:9/jwks"})
    with pytest.raises(Unreachable, match="does not answer as it should"):
        OverHttp(nobody).keys()


@pytest.fixture
def demo(service: Service) -> Service:
    """The service of a demonstration."""
    directory(service)
    installation = service.http.app.state.installation  # type: ignore[attr-defined]
    service.http.app.state.issuers = issuers(installation.settings.model_copy(update={"demo_login": True}))  # type: ignore[attr-defined]
    return service


def test_a_demonstration_from_the_log_in_page_to_the_list(demo: Service) -> None:
    assert 'href="/pages/login/start?issuer=0"' in demo.http.get("/pages/login").text
    chosen = demo.http.get("/pages/login/start", params={"issuer": 0})
    assert chosen.status_code == 200
    assert "The Limes Surgery" in chosen.text
    link = (
        next(part for part in chosen.text.split('href="') if "subject=s-gp" in part).split('"')[0].replace("&amp;", "&")
    )
    landed = demo.http.get(link)
    assert (landed.status_code, landed.url.path) == (200, "/pages")
    assert "Dr A. Example" in landed.text
    assert [row["outcome"] for row in demo.audited("session.begin")] == ["done"]
    cookie = next(
        one for answer in landed.history for one in answer.headers.get_list("set-cookie") if one.startswith(COOKIE)
    )
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/pages" in cookie


def test_somebody_whom_the_directory_does_not_know_is_not_logged_in(demo: Service) -> None:
    """Harm: a good log-in of somebody who left opens the lists."""
    chosen = demo.http.get("/pages/login/start", params={"issuer": 0})
    link = (
        next(part for part in chosen.text.split('href="') if "subject=s-gp" in part).split('"')[0].replace("&amp;", "&")
    )
    for changed in (link.replace("s-gp", "s-nobody"), link.replace("organisation=A81001", "organisation=A81002")):
        answer = demo.http.get(changed)
        assert (answer.status_code, COOKIE in answer.headers.get("set-cookie", "")) == (403, False)
        demo.http.get("/pages/login/start", params={"issuer": 0})
    assert {row["outcome"] for row in demo.audited("session.begin")} == {"refused"}


def test_the_demonstrations_issuer_refuses_production(service: Service) -> None:
    """Harm: a setting of the demo left on, and anybody reads everybody."""
    production = service.settings.model_copy(update={"environment": "production", "demo_login": True, "today": None})
    with pytest.raises(Refused, match="anybody be anybody"):
        DemoIssuer(production, "https://lists.example")
    with pytest.raises(Refused, match="FRAILTY_DEMO_LOGIN"):
        open_installation(production)
    assert service.http.get("/pages/demo-issuer/authorize").status_code == 404


def test_a_code_is_good_once(demo: Service) -> None:
    issuer: DemoIssuer = demo.http.app.state.issuers.demo  # type: ignore[attr-defined]
    asked = {"code_challenge": challenge("v"), "redirect_uri": REDIRECT, "nonce": "n"}
    form = {"code": issuer.grant(asked, "s-gp", "ods", "A81001"), "code_verifier": "v", "redirect_uri": REDIRECT}
    assert issuer.token(form)["id_token"]
    with pytest.raises(NotLoggedIn, match="used"):
        issuer.token(form)
    for wrong in ({"code_verifier": "w"}, {"redirect_uri": "https://elsewhere.example"}):
        with pytest.raises(NotLoggedIn):
            issuer.token({**form, "code": issuer.grant(asked, "s-gp", "ods", "A81001"), **wrong})
