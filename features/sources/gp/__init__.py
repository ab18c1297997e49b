"""General practice: the flat national shape (``gdppr``), the operational one (``olids``), and out-of-hours contacts (``out_of_hours``)."""
