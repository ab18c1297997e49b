"""Every declared predictor, one module a family. What a team habitually does (its practice, provider or ward), what care
costs and who pays are never predictors."""

from __future__ import annotations

from features.engine.language import Predictor
from features.predictors import (
    community,
    conditions,
    demography,
    general_practice,
    home,
    hospital,
    measurements,
    medicines,
    social_care,
    urgent_care,
)

FAMILIES: dict[str, tuple[Predictor, ...]] = {
    family.__name__.rsplit(".", 1)[-1]: family.PREDICTORS
    for family in (demography, hospital, urgent_care, general_practice, conditions, measurements, medicines, community,
                   social_care, home)
}  # fmt: skip

CATALOGUE: tuple[Predictor, ...] = tuple(predictor for family in FAMILIES.values() for predictor in family)


def named(names: tuple[str, ...] | list[str]) -> tuple[Predictor, ...]:
    """The predictors of those names, in that order; KeyError names one that is not declared."""
    by_name = {predictor.name: predictor for predictor in CATALOGUE}
    return tuple(by_name[name] for name in names)
