"""Home care as it was given: a week of visits at a time, from electronic call monitoring."""

from __future__ import annotations

from features.record.versioned import Event, Number, Whole, maybe, needed


class HomeCareWeek(Event):
    """A week of home care as the carers' own log of calls tells it. ``event_date`` is the day on which the week began. No row
    for a week means that nothing was told of it, never that nobody came; a week in which nobody came has ``visits_made`` 0."""

    visits_planned: Whole = maybe("visits that were planned", ge=0)
    visits_made: Whole = needed("visits that were made", ge=0)
    carers: Whole = maybe("how many different carers came", ge=0)
    minutes: Number = maybe("minutes that the visits lasted, all together", ge=0)
