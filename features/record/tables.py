"""Every table of the record, by name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandera.pandas as pa
import pyarrow as arrow

from features.record.caseload import Caseload
from features.record.community import Assessment, CommunityContact, SocialCare
from features.record.feed import Feed
from features.record.gp import GpContact, GpEvent, Prescription
from features.record.home_care import HomeCareWeek
from features.record.hospital import WENT_ELSEWHERE, Diagnosis, Outpatient, Spell
from features.record.person import Death, Objection, Person, PersonLink
from features.record.place import Registration, Residence
from features.record.support import Carer, Preference
from features.record.urgent import Ambulance, EdAttendance


@dataclass(frozen=True)
class Table:
    """A table's name and schema, how long after its newest day (in days) its feed counts as stale, and of what lasts, as SQL,
    that a version ends by handing the person on to somebody else (see :mod:`features.record.versions`)."""

    name: str
    model: type[pa.DataFrameModel]
    stale_after: int = 100
    hands_on: str = "false"

    @cached_property
    def schema(self) -> pa.DataFrameSchema:
        return self.model.to_schema()

    @cached_property
    def columns(self) -> dict[str, arrow.DataType]:
        """Name and Arrow type of each column, in order."""
        return {name: column.dtype.type.pyarrow_dtype for name, column in self.schema.columns.items()}

    @cached_property
    def arrow(self) -> arrow.Schema:
        return arrow.schema(
            [
                arrow.field(name, type_, nullable=bool(self.schema.columns[name].nullable))
                for name, type_ in self.columns.items()
            ]
        )

    @property
    def key(self) -> str:
        """The column that says which thing a row tells of; its versions share it."""
        return "feed_id" if self.name == "feed" else "row_id"

    @property
    def says(self) -> str:
        return " ".join((self.model.__doc__ or "").split())

    @property
    def dated(self) -> bool:
        return "event_date" in self.columns

    @property
    def interval(self) -> bool:
        return "end_date" in self.columns


TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table("person", Person),
        Table("registration", Registration),
        Table("residence", Residence),
        Table("death", Death),
        Table("objection", Objection),
        Table("person_link", PersonLink),
        Table("carer", Carer),
        Table("preference", Preference),
        Table("gp_event", GpEvent),
        Table("prescription", Prescription),
        Table("gp_contact", GpContact),
        Table("spell", Spell, hands_on=WENT_ELSEWHERE),
        Table("diagnosis", Diagnosis),
        Table("outpatient", Outpatient),
        Table("ed_attendance", EdAttendance),
        Table("ambulance", Ambulance),
        Table("community_contact", CommunityContact),
        Table("social_care", SocialCare, stale_after=200),
        Table("assessment", Assessment),
        Table("caseload", Caseload),
        Table("home_care_week", HomeCareWeek),
        Table("feed", Feed),
    )
}

#: Tables about people (all but ``feed``), in a fixed order. Bit *i* of a feed mask stands for the *i*-th of them.
PERSON_TABLES: tuple[str, ...] = tuple(name for name in TABLES if name != "feed")
