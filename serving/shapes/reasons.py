"""Why a score is what it is."""

from __future__ import annotations

from pydantic import Field

from serving.shapes.shape import Shape


class Reason(Shape):
    """A driver of the score, said by the predictor of it that moves the score most."""

    driver: str | None = Field(
        default=None, description="null: the run was made before there were drivers", examples=["emergency_admissions"]
    )
    title: str | None = Field(default=None, description="the driver in words", examples=["emergency stays in hospital"])
    predictor: str = Field(examples=["emergency_admissions_1y"])
    domain: str = Field(examples=["hospital use"])
    says: str = Field(examples=["3 emergency admissions in the last year"])
    value: float | None = Field(description="null: not known or not recorded", examples=[3.0])
    contribution: float = Field(description="of the whole driver, on the scale of the raw score", examples=[0.84])
    effect: float | None = Field(default=None, description="by how much lower (negative: higher) the probability would be "
                                 "without the driver's contribution, 0-1; effects do not add up", examples=[0.19])  # fmt: skip
    actionable: bool = Field(description="whether a team can act on it", examples=[False])


class Domain(Shape):
    domain: str = Field(examples=["hospital use"])
    contribution: float = Field(examples=[1.12])


class Support(Shape):
    """What somebody already does for the person. It is never a reason."""

    driver: str = Field(examples=["home_care"])
    title: str = Field(examples=["help at home"])
    says: str = Field(examples=["support in place: home care planned: 14 hours a week"])


class RestOf(Shape):
    """``background``: who the person is, where they live and what the record does not know; ``support`` in place; ``other``."""

    background: float = Field(examples=[0.11])
    support: float = Field(examples=[0.62])
    other: float = Field(examples=[1.25])


class Reasons(Shape):
    """``baseline`` + what raises + what lowers + ``rest`` = ``raw``, the raw score; so do ``baseline`` + domains, and the parts of
    ``rest_of`` make up ``rest``."""

    baseline: float = Field(examples=[-2.51])
    raw: float = Field(examples=[0.31])
    raises: list[Reason]
    lowers: list[Reason]
    rest: float = Field(examples=[1.98])
    rest_of: RestOf | None = Field(default=None, description="null: the run was made before there were drivers",
                                   examples=[{"background": 0.11, "support": 0.62, "other": 1.25}])  # fmt: skip
    support: list[Support] = Field(default_factory=list)
    missing: list[str] = Field(default_factory=list, description="what the record does not know that moves the score most",
                               examples=[["days since district nursing: not known, no community contact feed"]])  # fmt: skip
    domains: list[Domain]
