"""Who may write now: one row a name, whose number grows with every holder and whose beat grows while its holder lives.

No moment is kept: whether a holder lives is told by its beat alone, so no clock that steps can free a lease that is held or hold one that is not.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, String, Table

from risk.store.tables.columns import code, metadata

lease = Table(
    "lease",
    metadata,
    code("name", primary_key=True),
    #: The fencing number: whoever writes under a lower one is refused.
    Column("fence", Integer, nullable=False),
    Column("beat", BigInteger, nullable=False),
    #: None when nobody holds it.
    Column("holder", String(255)),
)
