"""How a system finds out where and how it gets a token: SMART App Launch 2.2, "FHIR Authorization Endpoint and Capabilities Discovery" and "Backend Services"
(https://hl7.org/fhir/smart-app-launch/conformance.html). Open to all; it holds no secret and names no client."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import APIRouter, Request, Response

from risk.client_keys import ALGORITHMS
from risk.clients import SCOPES
from risk.settings import Settings
from serving.fhir.speaking import BASE, address
from serving.routes import tokens

#: Under the resources' own address, as the guide has it.
CONFIGURATION = f"{BASE}/.well-known/smart-configuration"
router = APIRouter(include_in_schema=False)


@router.get(CONFIGURATION)
def configuration(request: Request) -> Response:
    """Told as JSON whatever is asked for, as the guide has it."""
    told = offered(token_address(request), request.app.state.installation.settings)
    return Response(orjson.dumps(told), 200, media_type="application/json")


def token_address(request: Request) -> str:
    """Where tokens are given: the very address that a client signs for."""
    return address(request).removesuffix(BASE) + tokens.PATH


def offered(token_endpoint: str, settings: Settings) -> dict[str, Any]:
    """What of the guide is taken here. An installation that does not know its own address takes no signature, because nobody could sign for it; one that takes
    no secrets names no secret."""
    signed, secret = bool(settings.address), settings.client_secrets
    return {
        "token_endpoint": token_endpoint,
        "token_endpoint_auth_methods_supported": ["private_key_jwt"] * signed + ["client_secret_basic", "client_secret_post"] * secret,
        "token_endpoint_auth_signing_alg_values_supported": sorted(ALGORITHMS, reverse=True) if signed else [],
        "grant_types_supported": ["client_credentials"],
        "scopes_supported": sorted(SCOPES),
        # The guide wants it of everybody, also where nobody is sent with a code.
        "code_challenge_methods_supported": ["S256"],
        "capabilities": ["client-confidential-asymmetric"] * signed + ["client-confidential-symmetric"] * secret,
    }  # fmt: skip
