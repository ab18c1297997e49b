"""Deaths from civil registration: one row a registration, the latest of a person holding.

Field names: NHS England, Civil Registrations of Death (``REG_DATE``, ``REG_DATE_OF_DEATH``, ``S_UNDERLYING_COD_ICD10``,
``DEC_CONF_NHS_NUMBER``). A death may be registered again, with another cause or another day, when an inquest ends; of several
registrations of one person that of the latest ``REG_DATE`` holds (as in the BHF Data Science Centre's curation). Deaths that a
coroner inquires into are registered months late: the registration's day, not the death's, is when it was known.
"""

from __future__ import annotations

import pandera.pandas as pa

from features.record.versioned import Text, maybe
from features.sources.delivered import Layout, Lookup, RawFile, Rule, dated, opener
from features.sources.delivered.declared import day


class Registration(pa.DataFrameModel):
    """A death as registered."""

    DEC_CONF_NHS_NUMBER: Text = maybe("NHS number of the deceased, as traced")
    REG_DATE: Text = dated("day of registration", nullable=False)
    REG_DATE_OF_DEATH: Text = dated("day of death", nullable=False)
    S_UNDERLYING_COD_ICD10: Text = maybe("underlying cause; null until an inquest ends")


_DIED, _REGISTERED = day("r.REG_DATE_OF_DEATH"), day("r.REG_DATE")
_CAUSE = "upper(replace(r.S_UNDERLYING_COD_ICD10, '.', ''))"
#: A later registration of the same person has come, with this delivery or before.
_LATER = (
    "EXISTS (SELECT 1 FROM registered q WHERE q.nhs = r.DEC_CONF_NHS_NUMBER AND q.received <= r.received "
    f"AND q.on_day > CAST({_REGISTERED} AS VARCHAR))"
)

LAYOUT = Layout(
    name="deaths",
    title="Registered deaths",
    may_be_empty=True,
    lag_days=7,
    files=(RawFile("deaths", Registration, upto=_REGISTERED),),
    lookups=(Lookup("registered", "deaths", {"nhs": "r.DEC_CONF_NHS_NUMBER", "on_day": f"CAST({_REGISTERED} AS VARCHAR)"}),),
    rules=(
        Rule("deaths", "deaths", "death",
             {"nhs_number": "r.DEC_CONF_NHS_NUMBER", "event_date": _DIED,
              "cause": rf"CASE WHEN regexp_full_match({_CAUSE}, '[A-Z]\d{{2}}[0-9A-Z]{{0,2}}') THEN {_CAUSE} END"},
             drops=(("later_registration", _LATER),), entered=_REGISTERED,
             refusals=(("REG_DATE", "registered_before_death", f"{_REGISTERED} < {_DIED}"),)),
    ),
)  # fmt: skip
open_source = opener(LAYOUT)
