"""The raw file of a submission: one flat table, one row an event.

Columns are those of release 2 (release 1 has the same names for all that is read here); others may stand beside them and are not
read, cost and funding least of all. Names are compared without regard to case.
"""

from __future__ import annotations

import pandera.pandas as pa

from features.record.versioned import Text, maybe, needed


class Submission(pa.DataFrameModel):
    """A row of a submission, all of it text. ``NULL`` (the word) is nothing. Dates are ISO or DD/MM/YYYY."""

    LA_Code: Text = needed("code of the council")
    Reporting_Period_Start_Date: Text = maybe("first day of the period, as stated")
    Reporting_Period_End_Date: Text = maybe("last day of the period, as stated")
    NHS_Number: Text = maybe("NHS number, often missing")
    LA_Person_Unique_Identifier: Text = maybe("the council's own number for the person")
    Date_of_Birth: Text = maybe("date of birth")
    Date_of_Death: Text = maybe("date of death")
    Gender: Text = maybe("sex as the council has it")
    Ethnicity: Text = maybe("ethnic group, in words")
    Postcode: Text = maybe("postcode, kept sealed in the identity store alone")
    Client_Type: Text = maybe("service user, or unpaid carer")
    Has_Unpaid_Carer: Text = maybe("whether the person has an unpaid carer")
    Accommodation_Status: Text = maybe("kind of dwelling")
    Event_Type: Text = needed("request, assessment, service or review")
    Event_Start_Date: Text = needed("day on which it began")
    Event_End_Date: Text = maybe("last day; blank while a service goes on")
    Event_Outcome: Text = maybe("what came of it")
    Request_Route_of_Access: Text = maybe("how the request came")
    Assessment_Type: Text = maybe("kind of assessment")
    Service_Type: Text = maybe("type of service")
    Service_Component: Text = maybe("what the service is")
    Delivery_Mechanism: Text = maybe("how it is provided; tells rows of one service apart")
    Unit_Cost: Text = maybe("read only to tell rows of one service apart, never kept")
    Cost_Frequency_Unit_Type: Text = maybe("how often a unit is paid for")
    Planned_units_per_week: Text = maybe("units planned a week")


COLUMNS = tuple(Submission.to_schema().columns)
#: Without these nothing can be said of an event; the rest may be missing as columns.
NEEDED = ("LA_Code", "Event_Type", "Event_Start_Date", "Event_End_Date", "Service_Type", "Service_Component")
IDENTIFYING = ("NHS_Number", "LA_Person_Unique_Identifier")
