"""Who vouches for people here: the issuers by which they log in and the systems that launch the pages, read from the area's file."""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from features.errors import BadInput, WrongUsage
from risk.settings import Settings
from serving.security.demo_issuer import DemoIssuer
from serving.security.issuers import BackChannel, Issuer, OverHttp
from serving.security.launch import Ehr, EhrOverHttp, Launcher


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")
    issuer: list[Issuer] = []
    launch: list[Launcher] = []

    @model_validator(mode="after")
    def _nobody_is_taken_for_another(self) -> _File:
        if not self.issuer and not self.launch:
            raise ValueError("expected [[issuer]] or [[launch]], once or more")
        addresses = [one.fhir.rstrip("/") for one in self.launch]
        if twice := [one for one, many in Counter(addresses).items() if many > 1]:
            raise ValueError(f"expected each [[launch]] its own fhir, found {twice[0]} twice")
        # A system calls its people what it likes: one whose words begin as another's could make itself anybody of the other.
        held = [one.subjects for one in self.launch] + [*{one.subjects for one in self.issuer if one.subjects}]
        if alike := [(one, other) for one, other in permutations(held, 2) if other.startswith(one)]:
            raise ValueError(f"expected each [[launch]] its own subjects, found {alike[0][0]} and {alike[0][1]}, which begin alike")  # fmt: skip
        return self


def read(path: Path) -> tuple[list[Issuer], list[Launcher]]:
    """The ``[[issuer]]`` and the ``[[launch]]`` of a file; :class:`BadInput` names what does not fit."""
    try:
        found = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInput(f"expected issuers of log-ins in {path}, and cannot read them; see the setting login") from error
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise BadInput(f"{path} does not fit: {faults}; see docs/pages.md") from error
    return found.issuer, found.launch


@dataclass(frozen=True)
class Issuers:
    """By which people log in here and which systems launch, each with how it is asked; ``demo`` where there is one."""

    held: tuple[tuple[Issuer, BackChannel], ...]
    demo: DemoIssuer | None = None
    launchers: tuple[tuple[Launcher, Ehr], ...] = ()


def issuers(settings: Settings) -> Issuers:
    """Of the settings. :class:`WrongUsage` where people are to log in and nobody said at which address they come back; :class:`features.errors.Refused` where
    the demonstration's issuer is asked for in production."""
    named, launching = read(settings.login) if settings.login is not None else ([], [])
    if settings.login is not None and not settings.address.startswith(
        ("https://", "http://127.0.0.1", "http://localhost")
    ):
        raise WrongUsage(
            "expected FRAILTY_ADDRESS to be the https address at which people reach the pages; `login` needs it"
        )
    held: list[tuple[Issuer, BackChannel]] = [(one, OverHttp(one)) for one in named]
    demo = DemoIssuer(settings, "http://localhost") if settings.demo_login else None
    launchers = tuple((one, EhrOverHttp(one)) for one in launching)
    return Issuers((*held, (demo.issuer, demo)) if demo else tuple(held), demo, launchers)
