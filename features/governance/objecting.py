"""Who objects, by kind, as all that the record holds says today.

A type 1 opt-out is told in two ways: by rows of ``objection``, and by codes in the GP record. Both are put in one order by
day, and the latest wins; on one day an objection wins over a withdrawal. Feeds that may not be read for a purpose are read for
this: that somebody objects is never overlooked for want of a basis.

Source of the rule and of the code of objection: practices' own instructions (Read v2 9Nu0, CTV3 XaZ89, SNOMED CT
827241000000103; thegoodpractice.london); that the latest of objection and withdrawal holds: the published reporting model of
North Central London ICB. The withdrawal's code is not yet checked; a
withdrawal that is not recognised leaves somebody out who would be in.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import duckdb

from features.codelists import load as load_codes
from features.governance.choices import CODES
from features.record import manifest
from features.record.reader import view
from features.record.tables import TABLES

_SAID = """
WITH said AS (
    SELECT person_id, kind, event_date AS day, true AS objects FROM objection WHERE known_until IS NULL
    UNION ALL
    SELECT person_id, kind, end_date, false FROM objection
    WHERE known_until IS NULL AND end_date <= $today
    UNION ALL
    SELECT g.person_id, 'type_1', g.event_date, c.objects
    FROM gp_event g JOIN (SELECT unnest($codes::VARCHAR[]) AS code, unnest($objects::BOOLEAN[]) AS objects) c USING (code)
    WHERE g.system = 'snomed' AND g.known_until IS NULL AND (c.objects OR g.event_date <= $today)
),
-- Two rows of a kind other than type 1 may overlap: one that has ended does not end the other.
open_still AS (
    SELECT person_id, kind FROM objection
    WHERE known_until IS NULL AND kind <> 'type_1' AND (end_date IS NULL OR end_date > $today)
),
last_word AS (
    SELECT person_id, max_by(objects, (day, objects)) AS objects FROM said WHERE kind = 'type_1' GROUP BY person_id
)
SELECT person_id, kind FROM open_still
UNION
SELECT person_id, 'type_1' FROM last_word WHERE objects
"""


def objecting(record: Path, today: date) -> Mapping[str, frozenset[int]]:
    """``person_id`` of everybody who objects, by kind; who is one person with somebody is the reader's to say."""
    held = manifest.load(record)
    codes = load_codes(CODES)
    with duckdb.connect() as connection:
        for name in ("objection", "gp_event"):
            connection.execute(view(record, held, TABLES[name]))
        rows = connection.execute(
            _SAID,
            {
                "today": today,
                "codes": list(codes.codes),
                "objects": [codes.categories[code] == "type_1_objection" for code in codes.codes],
            },
        ).fetchall()
    found: dict[str, set[int]] = defaultdict(set)
    for person, kind in rows:
        found[kind].add(person)
    return {kind: frozenset(people) for kind, people in found.items()}


def kind_of(record: Path) -> str:
    """What data the record holds: ``real``, ``simulated``, ``demonstration``, or ``unknown`` where it does not say."""
    kind: str = json.loads(manifest.load(record).notes.get("about", "{}")).get("kind", "unknown")
    return kind
