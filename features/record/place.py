"""Where: the practice a person is registered with, and where and how they live."""

from __future__ import annotations

import pandera.pandas as pa

from features.coding import LSOA, SCHEMES
from features.record.versioned import Flag, Interval, Text, Whole, codes_of, maybe, needed, organisation_check


class Registration(Interval):
    """A registration with a GP practice."""

    practice: Text = needed("code of the practice")
    practice_scheme: Text = needed("scheme of the practice's code", isin=list(SCHEMES))
    kind: Text = needed(
        "kind of registration", isin=["regular", "temporary", "immediately_necessary", "private", "dummy"]
    )
    end_reason: Text = maybe("why it ended", isin=["died", "moved", "left_area", "removed", "other"])

    _practice_well_formed = pa.dataframe_check(name="malformed_code")(organisation_check("practice", "practice_scheme"))


#: Indices of deprivation that a decile may be of.
IMD_VERSIONS = ("IMD2015", "IMD2019", "IoD2025")


class Residence(Interval):
    """An address, kept as a small area and a kind of dwelling, never the address itself."""

    lsoa: Text = maybe("lower-layer super output area")
    imd_decile: Whole = maybe("deprivation decile of the area, 1 the most deprived", ge=1, le=10)
    imd_version: Text = maybe("which index of deprivation", isin=list(IMD_VERSIONS))
    kind: Text = maybe(
        "kind of dwelling",
        isin=["own_home", "sheltered", "extra_care", "supported", "care_home", "nursing_home", "other"],
    )
    kind_from: Text = maybe("where `kind` comes from", isin=["gp", "council", "hospital", "address_match", "declared"])
    lives_alone: Flag = maybe("lives alone; null when not recorded")
    care_home_id: Text = maybe("identity of the care home in the list of locations that the address was matched with")
    match_confidence: Text = maybe("how the home was found: by its UPRN, or by its whole address",
                                   isin=["uprn", "full_address"])  # fmt: skip

    _lsoa_well_formed = pa.check("lsoa", name="malformed_code")(codes_of(LSOA))
