"""Plans and wishes from an electronic palliative care co-ordination system (EPaCCS): one row an item, with what was answered.

EPaCCS have an information standard for their content (SCCI1580, End of Life Care Co-ordination) and no common extract; the columns here
are the least that one has, in plain names. *No* (asked, and there is none) is kept as an interval that is empty on its day: it is
never in force, and a flag reads it as no. What was not asked is dropped, and is not recorded.
"""

from __future__ import annotations

import pandera.pandas as pa

from features.record.versioned import Text, maybe, needed
from features.sources.delivered import Layout, RawFile, Rule, dated, opener
from features.sources.delivered.declared import day, one_of

#: Items in the extract's words.
ITEMS = {
    "end of life care plan": "end_of_life_plan", "end of life plan": "end_of_life_plan", "respect": "respect", "respect form": "respect",
    "advance decision to refuse treatment": "advance_decision", "adrt": "advance_decision",
    "lasting power of attorney": "power_of_attorney", "lasting power of attorney for health and welfare": "power_of_attorney",
    "palliative care register": "palliative_register", "care plan": "care_plan", "personalised care and support plan": "care_plan",
}  # fmt: skip
ANSWERS = {"yes": "yes", "y": "yes", "in place": "yes", "no": "no", "n": "no", "none": "no", "withdrawn": "ended", "ended": "ended",
           "revoked": "ended"}  # fmt: skip


class Item(pa.DataFrameModel):
    """What a person was asked, and what is in place."""

    NHS_NUMBER: Text = needed("NHS number")
    ITEM: Text = needed("which plan or wish")
    ANSWER: Text = maybe("yes, no or withdrawn; blank or anything else: not asked")
    RECORDED_DATE: Text = dated("the day it was made, or asked", nullable=False)
    ENDED_DATE: Text = dated("the day it was withdrawn")
    UPDATED_DATE: Text = dated("the day this was entered")


_ON, _SAID, _ITEM = day("r.RECORDED_DATE"), one_of("r.ANSWER", ANSWERS), one_of("r.ITEM", ITEMS)
_END = f"CASE {_SAID} WHEN 'no' THEN {_ON} WHEN 'ended' THEN coalesce({day('r.ENDED_DATE')}, {day('r.UPDATED_DATE')}, {_ON}) ELSE {day('r.ENDED_DATE')} END"

LAYOUT = Layout(
    name="preferences",
    title="End-of-life co-ordination records",
    may_be_empty=True,
    lag_days=7,
    files=(RawFile("preferences", Item, may_lack=("ENDED_DATE", "UPDATED_DATE"), adds_to=frozenset({"preference"})),),
    rules=(
        Rule("preferences", "preferences", "preference",
             {"nhs_number": "r.NHS_NUMBER", "event_date": _ON, "end_date": _END, "kind": _ITEM},
             drops=(("not_asked", f"{_SAID} IS NULL"),), key=f"r.NHS_NUMBER || '/' || {_ITEM}",
             entered=f"greatest({_ON}, {day('r.UPDATED_DATE')}, {day('r.ENDED_DATE')})",
             refusals=(("ITEM", "not_allowed", f"r.ITEM IS NOT NULL AND {_ITEM} IS NULL"), ("ENDED_DATE", "end_before_start", f"{_END} < {_ON}"))),
    ),
)  # fmt: skip
open_source = opener(LAYOUT)
