"""Small counts: which must be hidden, and which others with them, so that none can be worked out from what is left.

- Of kinds of people that add up to everybody, those with a small count are hidden, and with them as many more as it takes
  that the hidden are two or more and add up to ten or more in each count (:func:`hidden`): the whole less what is
  shown then gives the sum of the hidden and of none of them.
- Of groups within groups (the top 1% lies within the top 2%, and both on one curve), those are shown that differ from each
  other by ten or more in each count (:class:`Nested`): one less the other then gives no small count either.

Counts under ten are not published; zero is a count under ten.
"""

from __future__ import annotations

from collections.abc import Sequence

#: Counts under this are small.
SMALL = 10


def hidden(cells: Sequence[Sequence[int]], small: int = SMALL, overlap: int = 1) -> set[int]:
    """Which of the kinds must be hidden. ``cells`` holds the counts of each, the same number of counts for each kind; the kinds
    add up to a whole that is known, count by count.

    Those with a count under ``small``, and then the smallest of the others, until none is hidden, or two or more are that add
    up to ``small`` or more in each count. A person may stand in up to ``overlap`` kinds (at several dates), so sums count
    that much less. Everything is hidden where nothing less does.
    """
    out = {i for i, counts in enumerate(cells) if min(counts, default=0) < small}
    rest = sorted(set(range(len(cells))) - out, key=lambda i: (min(cells[i], default=0), i))
    while out and not _covers([cells[i] for i in out], small, overlap):
        if not rest:
            return set(range(len(cells)))
        out.add(rest.pop(0))
    return out


def _covers(cells: Sequence[Sequence[int]], small: int, overlap: int) -> bool:
    return len(cells) > 1 and all(sum(counts) >= small * overlap for counts in zip(*cells, strict=True))


class Nested:
    """Groups within groups (whoever scores highest, and more of them), of which those are told that give no small count away.

    ``whole`` holds everybody's counts, with and without the event. A group may be told that holds ``small`` or more of each count,
    leaves as many of the whole, and differs by as many from each other group told, or is the same group again.
    """

    def __init__(self, whole: Sequence[int], small: int = SMALL) -> None:
        self.small = small
        self.told: list[Sequence[int]] = [[0] * len(whole), list(whole)]

    def offer(self, counts: Sequence[int]) -> bool:
        """Whether the group may be told; from then on it is."""
        gaps = [[abs(a - b) for a, b in zip(counts, other, strict=True)] for other in self.told]
        if not all(max(gap) == 0 or min(gap) >= self.small for gap in gaps):
            return False
        self.told.append(list(counts))
        return True
