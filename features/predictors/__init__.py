"""Every declared predictor, one module a family. What a team habitually does (its practice, provider or ward), what care
costs and who pays are never predictors."""

from __future__ import annotations

from features.engine.language import Declared
from features.predictors import (
    charlson,
    circumstances,
    community,
    conditions,
    demography,
    discharge,
    efi,
    general_practice,
    hfrs,
    home,
    home_care,
    hospital,
    measurements,
    medicines,
    outpatients,
    prevention,
    social_care,
    urgent_care,
)

FAMILIES: dict[str, tuple[Declared, ...]] = {
    family.__name__.rsplit(".", 1)[-1]: family.PREDICTORS
    for family in (demography, hospital, discharge, outpatients, urgent_care, general_practice, conditions, efi, hfrs, charlson,
                   measurements, medicines, prevention, community, social_care, home_care, home, circumstances)
}  # fmt: skip

CATALOGUE: tuple[Declared, ...] = tuple(predictor for family in FAMILIES.values() for predictor in family)


def named(names: tuple[str, ...] | list[str]) -> tuple[Declared, ...]:
    """The predictors of those names, in that order; KeyError names one that is not declared."""
    by_name = {predictor.name: predictor for predictor in CATALOGUE}
    return tuple(by_name[name] for name in names)
