"""Which feeds the record was made from, and what each delivery of them covers."""

from __future__ import annotations

import pandera.pandas as pa

from features.coding import SCHEMES
from features.record.versioned import Day, Id, Text, maybe, needed, organisation_check


class Feed(pa.DataFrameModel):
    """One delivery of a feed. Deliveries of one feed share ``feed_id`` and are versions like any row: at *t* the one in
    force says what the feed had covered by then. ``covers`` is the code of the practice whose people it speaks for, or
    ``*`` for everyone in the area."""

    feed_id: Id = needed("identity of the feed")
    known_at: Day = needed("day on which this delivery was received")
    known_until: Day = maybe("day on which the next delivery took its place")
    source: Text = needed("what kind of extract", str_matches=r"^[a-z][a-z0-9_]*$")
    table_name: Text = needed("table of the record that it feeds")
    organisation: Text = needed("who sent it")
    organisation_scheme: Text = needed("scheme of the sender's code", isin=list(SCHEMES))
    covers: Text = needed("practice whose people it speaks for, or * for all")
    period_from: Day = needed("first day that the feed covers")
    period_to: Day = needed("day after the last that the feed covers")
    purposes: Text = needed("purposes permitted, separated by spaces, or *")

    class Config:
        strict = True
        coerce = False

    _organisation_well_formed = pa.dataframe_check(name="malformed_code")(
        organisation_check("organisation", "organisation_scheme")
    )
