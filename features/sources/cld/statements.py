"""The rules of the collection, as SQL over one submission (table ``raw``: the columns of ``columns.Submission`` as text and
``source_row``) and over what earlier submissions said (table ``service``).

All are DHSC's, from its published methodology and code for the collection (ASC-CLD-LA-Dashboard, June 2026), with one difference: a
person is known by the council's own number first and by the NHS number without one, for tracing adds NHS numbers to later
submissions and the same service must stay the same.
"""

from __future__ import annotations

from features.sources.cld.columns import COLUMNS
from features.sources.cld.wording import FOLDED

#: Submissions of fewer events than this are taken at their word for their period; below this share a month does not count.
FEWEST_EVENTS, LEAST_SHARE = 100, 0.02


def _day(column: str) -> str:
    return f"CAST(coalesce(try_strptime({column}[:10], '%Y-%m-%d'), try_strptime({column}[:10], '%d/%m/%Y')) AS DATE)"


def words(column: str) -> str:
    """What tells a value apart whichever release it is worded by: release 2 says *unpaid carer* for carer, and *home support
    or domiciliary care* for home support."""
    return f"replace(replace({FOLDED.format(column)}, 'unpaid ', ''), ' or domiciliary care', '')"


#: Every value trimmed, blank and 'NULL' as nothing.
PLAIN = "CREATE OR REPLACE TEMP TABLE plain AS SELECT source_row, " + ", ".join(
    f"CASE WHEN upper(trim({name})) NOT IN ('', 'NULL') THEN trim({name}) END AS {name}" for name in COLUMNS
) + " FROM raw"  # fmt: skip

#: Values read. ``ends``: cropped at the day of death. ``units``: a week (6.Costs_fact.sql: the frequency decides where it is a
#: week or longer; a single payment has none; else the units planned, whatever their sign).
READ = f"""
    CREATE OR REPLACE TEMP TABLE said AS
    SELECT *, least(last_day, died) AS ends,
        CASE WHEN frequency LIKE 'week%' THEN 1.0 WHEN frequency LIKE 'fortnight%' THEN 1 / 2.0
            WHEN frequency LIKE '4 week%' THEN 1 / 4.0 WHEN frequency LIKE 'month%' THEN 12 / 52.0
            WHEN frequency LIKE 'quarter%' THEN 4 / 52.0 WHEN frequency LIKE 'annual%' THEN 1 / 52.0
            WHEN frequency LIKE 'one off%' THEN NULL
            ELSE nullif(abs(TRY_CAST(Planned_units_per_week AS DOUBLE)), 0) END AS units
    FROM (
        SELECT p.*, e.means AS event, st.means AS service_kind, c.means AS component, o.means AS outcome,
            coalesce(o.rank, 999) AS outcome_rank, g.means AS sex, t.means AS ethnic_category, k.means IS NOT NULL AS of_carer,
            {_day("Event_Start_Date")} AS starts, {_day("Event_End_Date")} AS last_day, {_day("Date_of_Death")} AS died,
            {_day("Date_of_Birth")} AS born, {FOLDED.format("Cost_Frequency_Unit_Type")} AS frequency,
            LA_Code || '_' || LA_Person_Unique_Identifier AS local_id
        FROM plain p
        LEFT JOIN wording e ON e.field = 'event' AND e.said = {FOLDED.format("Event_Type")}
        LEFT JOIN wording st ON st.field = 'service_type' AND st.said = {FOLDED.format("Service_Type")}
        LEFT JOIN wording c ON c.field = 'component' AND c.said = {FOLDED.format("Service_Component")}
        LEFT JOIN wording o ON o.field = 'outcome'
            AND o.said = replace({FOLDED.format("Event_Outcome")}, 'no further action', 'nfa')
        LEFT JOIN wording g ON g.field = 'sex' AND g.said = {FOLDED.format("Gender")}
        LEFT JOIN wording t ON t.field = 'ethnicity' AND t.said = {FOLDED.format("Ethnicity")}
        LEFT JOIN wording k ON k.field = 'carer' AND k.said = {FOLDED.format("Client_Type")})"""

#: The period that the data covers, whatever is stated: months in which too little ended, or too few kinds, do not count, nor
#: does the month of the import (2-reporting-periods.md).
PERIOD = f"""
    WITH ended AS (
        SELECT date_trunc('month', last_day) AS month, event FROM said
        WHERE last_day < date_trunc('month', $received::DATE) AND event IS NOT NULL),
    months AS (
        SELECT month FROM ended GROUP BY month
        HAVING count(*) >= {LEAST_SHARE} * (SELECT count(*) FROM said)
            AND count(DISTINCT event) >= greatest(1, (SELECT count(DISTINCT event) FROM said) - 1)),
    stated AS (
        SELECT min({_day("Reporting_Period_Start_Date")}) AS first, max({_day("Reporting_Period_End_Date")}) AS last FROM plain)
    SELECT CASE WHEN derived THEN CAST(min(month) AS DATE) ELSE any_value(first) END,
        CASE WHEN derived THEN CAST(max(month) + INTERVAL 1 MONTH AS DATE) ELSE any_value(last) + 1 END
    FROM stated LEFT JOIN months ON true
    CROSS JOIN (SELECT (SELECT count(*) FROM said) >= {FEWEST_EVENTS} AND (SELECT count(*) FROM months) > 0 AS derived)
    GROUP BY derived"""

#: What becomes of each row. An event's identity: council, person, first day, client type and, of a request its route and last day,
#: of an assessment its type and last day, of a review its last day, of a service its type and component (6-deduplication.md, step
#: 1). Of the rows of one event the one with no end, else the latest, stands, then the outcome that ranks highest (step 3).
SETTLED = f"""
    CREATE OR REPLACE TEMP TABLE settled AS
    SELECT *,
        CASE WHEN reason IS NOT NULL OR outside IS NOT NULL THEN NULL
            WHEN row_number() OVER best > 1 THEN CASE
                WHEN row_number() OVER same > 1 THEN 'duplicate_row_of_submission' ELSE 'other_row_of_same_event' END
            WHEN event = 'service' AND $late AND EXISTS (
                SELECT 1 FROM service s WHERE s.key = keyed.key AND s.period_end >= $period_end::DATE) THEN 'older_than_known'
            END AS merged
    FROM (
        SELECT *, concat_ws('|', LA_Code, coalesce(LA_Person_Unique_Identifier, NHS_Number), event, starts,
            {words("Client_Type")}, CASE WHEN event <> 'service' THEN ends END,
            CASE event WHEN 'request' THEN {words("Request_Route_of_Access")}
                WHEN 'assessment' THEN {words("Assessment_Type")}
                WHEN 'service' THEN coalesce({words("Service_Type")}, '') || '/' || coalesce({words("Service_Component")}, '')
            END) AS key,
            CASE WHEN event IS NULL THEN 'value_not_mapped' WHEN starts IS NULL THEN 'not_a_date'
                WHEN Event_End_Date IS NOT NULL AND last_day IS NULL THEN 'not_a_date'
                WHEN event <> 'service' AND last_day IS NULL THEN 'missing' END AS reason,
            CASE WHEN starts >= $period_end::DATE THEN 'outside_its_period'
                WHEN event = 'service' AND ends < $period_start::DATE THEN 'outside_its_period'
                WHEN event <> 'service' AND NOT (last_day >= $period_start::DATE AND last_day < $period_end::DATE)
                    THEN 'outside_its_period' END AS outside
        FROM said
    ) keyed
    WINDOW best AS (PARTITION BY key, reason IS NULL AND outside IS NULL
            ORDER BY ends DESC NULLS FIRST, outcome_rank, source_row DESC),
        same AS (PARTITION BY key, reason IS NULL AND outside IS NULL, ends, Event_Outcome, Delivery_Mechanism, Unit_Cost,
            Cost_Frequency_Unit_Type, Planned_units_per_week ORDER BY outcome_rank, source_row DESC)"""

#: Units a week of an event: the sum over its rows with the same end that differ in how they are provided or paid for
#: (double-handed care is sent as two rows).
UNITS = """
    SELECT key, sum(units) AS units FROM (
        SELECT DISTINCT s.key, s.Delivery_Mechanism, s.Unit_Cost, s.Cost_Frequency_Unit_Type, s.Planned_units_per_week, s.units
        FROM settled s JOIN settled kept ON kept.key = s.key AND kept.ends IS NOT DISTINCT FROM s.ends
            AND kept.reason IS NULL AND kept.outside IS NULL AND kept.merged IS NULL
        WHERE s.event = 'service' AND s.reason IS NULL AND s.outside IS NULL)
    GROUP BY key"""

#: Rows of ``social_care``. A service's last day is its own, so it ends the day after; the others end on the day of completion. A
#: service open in a late submission that the newer one did not have has ended with the late one's period.
EVENTS = f"""
    SELECT s.source_row, NHS_Number AS nhs_number, local_id, key AS row_key, starts AS event_date,
        CASE WHEN event <> 'service' THEN ends
            WHEN $late AND coalesce(ends, $period_end::DATE) >= $period_end::DATE THEN $period_end::DATE
            ELSE ends + 1 END AS end_date, event,
        CASE WHEN of_carer THEN 'carer_support' ELSE service_kind END AS service_type, component,
        round(u.units, 6) AS units_a_week, outcome, CAST(born AS VARCHAR) AS birth_date, Postcode AS postcode
    FROM settled s LEFT JOIN ({UNITS}) u USING (key)
    WHERE reason IS NULL AND outside IS NULL AND merged IS NULL ORDER BY s.source_row"""

#: Services of the submission, remembered: ``period_end`` is that of the newest submission that had each.
REMEMBER = f"""
    INSERT OR REPLACE INTO service
    SELECT key, $period_end::DATE, NHS_Number, local_id, starts, ends,
        CASE WHEN of_carer THEN 'carer_support' ELSE service_kind END, component, u.units, outcome
    FROM settled LEFT JOIN ({UNITS}) u USING (key)
    WHERE event = 'service' AND reason IS NULL AND outside IS NULL AND merged IS NULL"""

#: Services open at the end of the period before (``$before``, its first day no longer covered) that this submission, which goes
#: beyond it, does not have: their end is taken to have been missed, and is the last day of that period (step 2).
CLOSED = """
    SELECT NHS_Number AS nhs_number, local_id, key AS row_key, starts AS event_date,
        greatest(period_end, starts) AS end_date, 'service' AS event, service_type, component,
        round(units, 6) AS units_a_week, outcome
    FROM service
    WHERE period_end = $before::DATE AND (ends IS NULL OR ends >= period_end)
        AND key NOT IN (SELECT key FROM settled WHERE key IS NOT NULL AND event = 'service' AND reason IS NULL)
    ORDER BY key"""

#: Rows of ``person`` for those whom the council does not know by an NHS number.
UNMATCHED = """
    SELECT min(source_row) AS source_row, local_id, CAST(date_trunc('month', arg_max(born, source_row)) AS DATE) AS birth_month,
        coalesce(arg_max(sex, source_row), 'unknown') AS sex, arg_max(ethnic_category, source_row) AS ethnicity
    FROM said WHERE local_id IS NOT NULL AND born IS NOT NULL
    GROUP BY local_id HAVING count(NHS_Number) = 0 ORDER BY 1"""
