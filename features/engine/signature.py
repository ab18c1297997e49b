"""What prepared facts depend on, as one hash: facts made of anything else are not read."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

from features.engine.plan import Plan
from features.record.reader import Record

FORMAT = 1


def signature(record: Record, plan: Plan) -> str:
    """Hash of the record's rows, of whom and which feeds may be read and who is one person with whom, of the declarations with their
    code sets, and of the engine itself."""
    left_out = [sorted(_column(record, f"SELECT id FROM {table}")) for table in ("refused_feed", "barred_person")]
    same = [repr(period) for period in record.same]
    declared = [predictor.fingerprint for predictor in plan.base]
    said = json.dumps([FORMAT, record.fingerprint, left_out, same, declared, _engine()])
    return hashlib.sha256(said.encode()).hexdigest()


def _column(record: Record, query: str) -> list[int]:
    return [row[0] for row in record.connection.execute(query).fetchall()]


@cache
def _engine() -> str:
    sources = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
