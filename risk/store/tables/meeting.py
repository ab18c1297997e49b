"""What meetings write of people: one append-only history for each person at each practice (:mod:`risk.store.tables.histories`), from which all that
stands is read.

``of`` is the row that a row is about (an action's outcome, a correction's answer), ``supersedes`` the decision whose place it takes.
"""

from __future__ import annotations

from risk.store.tables.histories import history

meeting_entry, meeting_text = history("meeting")
