"""What a council says of how its people live: whether they have an unpaid carer, and the kind of dwelling, as SQL over a submission.

A submission repeats what the council holds of a person on every event of theirs. The word of the latest event that has one stands, until
a newer submission says something else; then the new word is a version of the same row. Of somebody whom a newer submission no longer
has, the council says nothing any more: the row has ended with the period before, since nobody would tell that a carer has gone.

Words: *Has_Unpaid_Carer* and *Accommodation_Status* of the collection (DHSC, ASC-CLD-LA-Dashboard, June 2026: data cleaning). A
word that is not listed is nothing, *Unknown* among them. A refuge, a prison and an approved premises are sensitive and are not read at
all; a hospital is where somebody is for now, not where they live.
"""

from __future__ import annotations

from features.sources.cld.wording import FOLDED

CARER = {"yes": "true", "no": "false"}
#: Beginnings of folded words: councils and releases word the rest of a dwelling differently.
DWELLINGS = {
    "owner occupier": "own_home", "tenant": "own_home", "settled mainstream housing": "own_home", "supported accommodation": "supported",
    "shared lives": "supported", "sheltered": "sheltered", "registered care home": "care_home", "registered nursing home": "nursing_home",
}  # fmt: skip
#: Table of the record that each is told in.
TABLES = {"carer": "has_carer", "residence": "kind"}

_CARER = " ".join(f"WHEN '{said}' THEN '{means}'" for said, means in CARER.items())
_DWELLING = " ".join(f"WHEN starts_with(dwelling, '{said}') THEN '{means}'" for said, means in DWELLINGS.items())

#: Who is in the submission, and the word of each of the two that stands in it.
WORDS = f"""
    CREATE OR REPLACE TEMP TABLE words AS
    WITH rows AS (
        SELECT source_row, coalesce(local_id, NHS_Number) AS who, NHS_Number, local_id, starts,
            CASE {FOLDED.format("Has_Unpaid_Carer")} {_CARER} END AS carer, {FOLDED.format("Accommodation_Status")} AS dwelling
        FROM said WHERE event IS NOT NULL AND NOT of_carer AND starts < $period_end::DATE AND coalesce(local_id, NHS_Number) IS NOT NULL),
    told AS (
        SELECT *, unnest([{{'of': 'carer', 'says': carer}}, {{'of': 'residence', 'says': CASE {_DWELLING} END}}], recursive := true) FROM rows)
    SELECT who, of, max(NHS_Number) AS NHS_Number, any_value(local_id) AS local_id,
        arg_max(says, (starts, source_row)) AS says, arg_max(starts, (starts, source_row)) FILTER (says IS NOT NULL) AS since,
        arg_max(source_row, (starts, source_row)) FILTER (says IS NOT NULL) AS source_row
    FROM told GROUP BY who, of"""

HELD = "CREATE TABLE circumstance (who VARCHAR, of VARCHAR, says VARCHAR, since DATE, NHS_Number VARCHAR, local_id VARCHAR, PRIMARY KEY (who, of))"

_KEY = "'{0}/' || {1}.who"


def news(table: str) -> str:
    """Rows of ``table`` that the submission says anew."""
    return f"""
        SELECT w.source_row, w.NHS_Number AS nhs_number, w.local_id, {_KEY.format(table, "w")} AS row_key, w.since AS event_date,
            NULL::DATE AS end_date, {_said(table, "w")}
        FROM words w LEFT JOIN circumstance c USING (who, of)
        WHERE w.of = '{table}' AND w.says IS NOT NULL AND c.says IS DISTINCT FROM w.says ORDER BY w.source_row"""


def ended(table: str) -> str:
    """Rows of ``table`` of people whom the submission no longer has; ``$before`` is the end of the period before."""
    return f"""
        SELECT 0::BIGINT AS source_row, c.NHS_Number AS nhs_number, c.local_id, {_KEY.format(table, "c")} AS row_key, c.since AS event_date,
            greatest($before::DATE, c.since) AS end_date, {_said(table, "c")}
        FROM circumstance c WHERE c.of = '{table}' AND c.who NOT IN (SELECT who FROM words) ORDER BY row_key"""


#: What stands after the submission.
REMEMBER = (
    "DELETE FROM circumstance WHERE who NOT IN (SELECT who FROM words)",
    """INSERT OR REPLACE INTO circumstance
        SELECT w.who, w.of, w.says, CASE WHEN c.says = w.says THEN c.since ELSE w.since END, w.NHS_Number, w.local_id
        FROM words w LEFT JOIN circumstance c USING (who, of) WHERE w.says IS NOT NULL""",
)


def _said(table: str, of: str) -> str:
    return f"{of}.says = 'true' AS has_carer" if table == "carer" else f"{of}.says AS kind, 'council' AS kind_from"
