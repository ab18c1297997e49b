"""Why somebody is shown no more after a run was published: each ground, what it means, and whether a row can lift it.

Sources: NHS England's Personal Demographics Service tells an informal death (a practice's or a hospital's word, to be given within one working
day: data provision notice on mortality data flows) from a formal one (registered), and marks restricted and very restricted records. 23% of
deaths are registered within 2 days and 77% within 7 (NHS Digital, mortality data review): an informal word cannot wait for a formal one.
"""

from __future__ import annotations

from dataclasses import dataclass

from risk.store.hiding import DIED, LEFT_PRACTICE, UNLINKED

DIED_INFORMAL, RESTRICTED, OPTED_OUT = "died_informal", "restricted", "opted_out"


@dataclass(frozen=True)
class Ground:
    """``lifts``: a row by whoever told it takes it back. ``of_a_practice``: holds for one practice alone."""

    name: str
    says: str
    lifts: bool = True
    of_a_practice: bool = False


GROUNDS: dict[str, Ground] = {
    ground.name: ground
    for ground in (
        Ground(DIED, "died: the death is registered, or the practice took them off its list for it", lifts=False),
        Ground(DIED_INFORMAL, "died, by the word of a practice or a ward; stands until the same source takes it back"),
        Ground(LEFT_PRACTICE, "no longer registered with the practice", of_a_practice=True),
        Ground(RESTRICTED, "address restricted or very restricted on the national demographics service"),
        Ground(OPTED_OUT, "opted out: no longer wants to be on a list"),
        Ground(UNLINKED, "found not to be one person with somebody; a later run shows them, scored anew"),
    )
}
