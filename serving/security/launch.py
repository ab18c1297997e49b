"""An EHR launch (SMART App Launch 2.2): a practice's own system opens the pages at the person on its screen, and vouches for who is looking.

Only systems that the area's file names launch, at the addresses that it names: what a launch brings is compared with them and never asked. Of the system's record
one thing is read, the NHS number of the person on the screen, and nothing of it is kept.
"""

from __future__ import annotations

import re
import urllib.parse
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import Field

from features.coding import nhs_number_ok
from serving.security.issuers import Address, BackChannel, Issuer, OverHttp
from serving.security.login import LogIn, Somebody

#: Under which a Patient's NHS number stands (https://simplifier.net/guide/UK-Core, Patient).
NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
#: An id of FHIR (https://hl7.org/fhir/R4/datatypes.html#id): nothing else goes into an address.
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
#: Letters of the longest ``launch`` that is passed on.
LONGEST = 2048


class Launcher(Issuer):
    """A system of ``organisation`` that launches, at whose ``fhir`` address a launch's ``iss`` is. ``subjects`` goes before what it calls somebody, so that one
    system's people are nobody of another's: it must be there."""

    fhir: Address
    organisation: str = Field(min_length=1)
    subjects: str = Field(min_length=1)
    scheme: str = "ods"
    scope: str = "launch openid fhirUser patient/Patient.r"


class Ehr(BackChannel, Protocol):
    """What the service asks a system that launched it."""

    def patient(self, access_token: str, patient: str) -> dict[str, Any]: ...


class EhrOverHttp(OverHttp):
    """The addresses of the file. A secret goes as the specification has it, in the head (client-confidential-symmetric)."""

    def __init__(self, launcher: Launcher) -> None:
        super().__init__(launcher)
        self._launcher = launcher

    def token(self, form: dict[str, str]) -> dict[str, Any]:
        secret = self._launcher.client_secret()
        if secret is None:
            return super().token(form)
        said = ":".join(urllib.parse.quote(part, safe="") for part in (self._launcher.client_id, secret))
        sent = urllib.parse.urlencode({name: value for name, value in form.items() if name != "client_id"})
        return self._ask(self._launcher.token, sent.encode(), {"Authorization": f"Basic {b64encode(said.encode()).decode()}"})  # fmt: skip

    def patient(self, access_token: str, patient: str) -> dict[str, Any]:
        address = f"{self._launcher.fhir.rstrip('/')}/Patient/{patient}"
        return self._ask(address, None, {"Authorization": f"Bearer {access_token}", "Accept": "application/fhir+json"})


@dataclass(frozen=True)
class Launched:
    """Who looks, and at whom: the NHS number of the person on the screen; None where there is nobody on it, or nobody with a number."""

    somebody: Somebody
    nhs_number: str | None


class Launch(LogIn):
    """The two ways of a launch by one system; errors as of :class:`~serving.security.login.LogIn`."""

    def __init__(self, launcher: Launcher, channel: Ehr, *given: Any) -> None:
        super().__init__(launcher, channel, *given)
        self._launcher, self._ehr = launcher, channel

    def out(self, launch: str) -> tuple[str, str]:
        """Where the browser goes for a ``launch``, and the sealed attempt that it brings back."""
        return self.begin(more={"launch": launch, "aud": self._launcher.fhir})

    def back(self, sealed: str, answer: Mapping[str, str]) -> Launched:
        """Who it is, and whom they have on their screen."""
        somebody, given = self.believed(sealed, answer)
        patient = given.get("patient")
        if not isinstance(patient, str) or not _ID.fullmatch(patient):
            return Launched(somebody, None)
        return Launched(somebody, _number(self._ehr.patient(str(given.get("access_token", "")), patient)))

    def _somebody(self, claims: Mapping[str, Any], details: Mapping[str, Any]) -> Somebody:
        """At the organisation whose system it is."""
        return Somebody(f"{self._launcher.subjects}{claims['sub']}", self._launcher.scheme, self._launcher.organisation)


def _number(patient: Mapping[str, Any]) -> str | None:
    held = patient.get("identifier")
    for one in held if isinstance(held, list) else ():
        value = one.get("value") if isinstance(one, Mapping) and one.get("system") == NHS_NUMBER else None
        if isinstance(value, str) and nhs_number_ok(value.replace(" ", "")):
            return value.replace(" ", "")
    return None
