"""Lists of whoever has opted out nationally or of this area's own, as the controller has them: NHS numbers, one a line. They are no feed;
`frailty opt-outs` takes each in. (A type 1 opt-out is a code among the practices'.)"""

from __future__ import annotations

from pathlib import Path

from features.population.writing.tables import Tables

FOLDER, KINDS = "opt_outs", ("national", "local")
#: SQL of whose objection of a kind stands at the end of the history.
STANDING = """SELECT DISTINCT person, kind FROM objection CROSS JOIN (SELECT max(known_at) AS ends FROM feed)
    WHERE kind IN ('national', 'local') AND known_at <= ends AND (known_until IS NULL OR known_until > ends) AND event_date <= ends
        AND (end_date IS NULL OR end_date > ends)"""


def lists(tables: Tables, out: Path) -> None:
    """Write ``opt_outs/<kind>.txt`` into ``out``."""
    folder = out / FOLDER
    folder.mkdir()
    for kind in KINDS:
        found = tables.sql(
            f"SELECT nhs_number FROM ({STANDING}) JOIN people USING (person) WHERE kind = '{kind}' ORDER BY 1"
        )
        (folder / f"{kind}.txt").write_text("".join(f"{number}\n" for number in found["nhs_number"].to_pylist()))
