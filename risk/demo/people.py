"""The people of the demonstration: one of each role, made up, at the practice that it shows and in teams that cover it."""

from __future__ import annotations

from pathlib import Path

#: The demonstration's own organisations. Their codes are of no organisation: see the directory of any real one.
TRUST, COUNCIL, AREA = "DEMO-TRUST", "DEMO-COUNCIL", "DEMO-AREA"
_FILE = """# The directory of the demonstration. Nobody in it exists.
organisation = [
  {{scheme = "{scheme}", code = "{practice}", name = "Practice {practice}", kind = "practice", from = 2020-01-01}},
  {{scheme = "local", code = "{trust}", name = "A community trust", kind = "trust", from = 2020-01-01}},
  {{scheme = "local", code = "{council}", name = "A council", kind = "council", from = 2020-01-01}},
  {{scheme = "local", code = "{area}", name = "The area", kind = "system", from = 2020-01-01}},
]
"""
_TEAM = """
[[team]]
id = "{id}"
name = "{name}"
kind = "{kind}"
scheme = "local"
organisation = "{organisation}"
from = 2020-01-01
covers = [{{scheme = "{scheme}", practice = "{practice}", from = 2020-01-01}}]
"""
_USER = """
[[user]]
id = "{id}"
subject = "{id}"
name = "{name}"
from = 2020-01-01
roles = [{{role = "{role}", {held}, from = 2020-01-01}}]
"""
_TEAMS = (
    ("demo-neighbourhood", "Neighbourhood team", "neighbourhood", TRUST),
    ("demo-social-care", "Social care team", "social_care", COUNCIL),
)
_AREA = f'scheme = "local", organisation = "{AREA}"'
#: Id, name, role, and where it is held (None: at the practice).
_USERS = (
    ("demo-gp", "Dr Asha Example", "gp", None),
    ("demo-matron", "Brona Example", "matron", 'team = "demo-neighbourhood"'),
    ("demo-social-worker", "Chidi Example", "social_worker", 'team = "demo-social-care"'),
    ("demo-analyst", "Dilys Example", "analyst", _AREA),
    ("demo-governance", "Ewan Example", "information_governance", _AREA),
)


def write_directory(folder: Path, practice: str, scheme: str = "ods") -> Path:
    """The directory's file, to be imported."""
    file = folder / "organisations.toml"
    here = {"scheme": scheme, "practice": practice}
    parts = [
        _FILE.format(**here, trust=TRUST, council=COUNCIL, area=AREA),
        *(_TEAM.format(id=team, name=name, kind=kind, organisation=at, **here) for team, name, kind, at in _TEAMS),
        *(_USER.format(id=user, name=name, role=role, held=held or f'scheme = "{scheme}", organisation = "{practice}"')
          for user, name, role, held in _USERS),
    ]  # fmt: skip
    file.write_text("".join(parts), encoding="utf-8")
    return file
