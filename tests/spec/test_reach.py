"""Whose list a list over several practices is: small tables, read by hand."""

from __future__ import annotations

import pytest

from risk.reach import reached

A, B, C = (("ods", code) for code in ("A", "B", "C"))


@pytest.mark.parametrize(
    ("drawn", "now", "reads", "shown"),
    [
        ((A, B), (A, B), {A, B}, (A, B)),
        ((A, B), (A, B), {A, B, C}, (A, B)),
        ((A, B), (A, B), {A}, None),  # one of its practices alone
        ((A, B), (A, B), set(), None),
        ((A, B), (A,), {A}, (A,)),  # B left since: its people are not shown
        ((A, B), (A, C), {A, C}, (A,)),  # C came since: the list was not drawn over it
        ((A, B), (A, C), {C}, None),  # nobody on the list is the reader's
        ((A, B), (), {A}, None),  # nothing belongs to it any more
        ((A, B), None, {A}, None),  # the team is no more: whoever reads all of its practices reads its list
        ((A, B), None, {A, B}, (A, B)),
    ],
)
def test_a_list_is_of_whoever_reads_every_practice_that_still_belongs_to_it(
    drawn: tuple[tuple[str, str], ...],
    now: tuple[tuple[str, str], ...] | None,
    reads: set[tuple[str, str]],
    shown: tuple[tuple[str, str], ...] | None,
) -> None:
    """Harm: a reader of one practice learns another's numbers or people from a list that holds both; or a team loses its list when one practice leaves it."""
    assert reached(drawn, now, reads.__contains__) == shown
