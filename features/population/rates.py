"""Figures that the simulated area is held to, and rates that are not of one illness.

Each target carries its source. A rate without a source is the simulation's own and was set so that the targets come out.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """A figure: what it is, its value (a share, or events a person-year), where it comes from, and how far off (as a
    share of it) a large simulated area may be before ``within`` is false. A value of None is reported without target."""

    name: str
    says: str
    value: float | None
    source: str
    tolerance: float = 0.15
    high: float | None = None


CQC = "Care Quality Commission, Beyond barriers (2018)"
TARGETS: tuple[Target, ...] = (
    Target("emergency_admissions_65", "Emergency admissions a person-year at 65+", 0.25, f"{CQC}: 25,009 per 100,000"),
    Target("ed_attendances_65", "A&E attendances a person-year at 65+", 0.43, f"{CQC}: 4.3 million among about 10 million"),
    Target("readmissions_65", "Emergency readmission within 30 days of a discharge, 65+", 0.188, f"{CQC}: 18.8%"),
    Target("stay_p90_65", "90th percentile of days in an emergency stay, 65+", 20.0, f"{CQC}: 21, then 20 days", high=21.0),
    Target("care_home_share_admissions_65", "Care-home residents' share of emergency admissions at 65+", 0.11,
           f"{CQC}: 270,000 of nearly 2.5 million", 0.25),
    Target("care_home_share_65", "Share of people aged 65+ living in care homes", 0.03,
           "Office for National Statistics, Census 2021: about 3% of people aged 65 and over", 0.25, high=0.04),
    Target("adults_admitted", "Adults with an unplanned admission in 12 months", 0.07,
           "range of published English models' cohorts: 7-9%", 0.15, high=0.09),
    Target("zero_day_share", "Emergency stays without a night, all adults", 0.30,
           "NHS England, admitted patient care: about three in ten, to be checked", 0.25),
    Target("deaths_adults", "Deaths a person-year, adults", 0.0115,
           "Office for National Statistics, deaths registered in England: 1.1-1.2% of adults a year", 0.2),
    Target("deaths_65_74", "Deaths a person-year at 65-74", 0.0155, "Office for National Statistics, rounded, to be checked", 0.25),
    Target("deaths_75_84", "Deaths a person-year at 75-84", 0.044, "Office for National Statistics, rounded, to be checked", 0.25),
    Target("deaths_85", "Deaths a person-year at 85+", 0.140, "Office for National Statistics, rounded, to be checked", 0.25),
    Target("reablement_65", "Discharges at 65+ into reablement", 0.027, f"{CQC}: 2.7%", 0.5),
    Target("events_held_by_2pc", "Share of a year's emergency admissions among the 2% with most", None, "reported only"),
    Target("auroc_true_risk", "AUROC of the true risk, unplanned admission in 365 days: a model's ceiling", None,
           "reported only; published models reach 0.77-0.82"),
)  # fmt: skip

#: Adults by single-year band at the start, England mid-2022 (Office for National Statistics, rounded): lower age, share.
AGES: tuple[tuple[int, float], ...] = (
    (13, 0.012), (14, 0.012), (15, 0.012), (16, 0.012), (17, 0.012), (18, 0.075), (25, 0.085), (30, 0.086), (35, 0.084),
    (40, 0.079), (45, 0.078), (50, 0.084), (55, 0.082), (60, 0.071), (65, 0.059), (70, 0.058), (75, 0.047), (80, 0.031),
    (85, 0.018), (90, 0.0085), (95, 0.002), (101, 0.0),
)  # fmt: skip
#: Ages of people who come to the area.
ARRIVAL_AGES: tuple[tuple[int, float], ...] = (
    (13, 0.03), (18, 0.30), (25, 0.22), (30, 0.15), (35, 0.10), (45, 0.08), (55, 0.05), (65, 0.04), (75, 0.02),
    (85, 0.01), (96, 0.0),
)  # fmt: skip

#: Share of all people of a simulation who are there at the start; the rest come later, as others leave.
THERE_AT_START = 0.88
#: A year, of those aged about 25 (it fades with age): change of practice within the area; leaving it.
MOVES_PRACTICE, LEAVES = 0.045, 0.042

#: Latent frailty: its yearly drift, the spread of people's own departures, and of their pace.
DRIFT, SPREAD, PACE_SPREAD = 0.050, 0.62, 0.5
#: Unseen proneness to admission, wide enough that admissions are about as concentrated as Scotland's published model
#: (SPARRA v4) finds them, two thirds of the riskiest 2% being admitted or dead within a year: sd of what is lasting, of
#: what drifts over a year or two, and of what flares for weeks.
LASTING, SWING, FLARE = 0.95, 0.50, 0.40
SWING_DAYS, FLARE_DAYS, SETBACK_DAYS = 540.0, 40.0, 75.0
#: Share of a setback that is never made good.
UNRECOVERED = 0.22

#: Emergency admissions: all causes' rates are multiplied by this; the first days after a discharge by 1 + AFTER.
ADMISSION, AFTER, AFTER_DAYS = 0.75, 0.9, 18.0
#: Reserve lost with age alone: by 70 rates of admission are 1 + RESERVE times those of people of 50 as frail and as ill.
RESERVE = 0.85
#: Infections treated at home and falls that admit nobody, a year, for a robust person.
INFECTION, FALL = 0.16, 0.05
#: Deaths outside hospital: yearly rate of a robust woman of 65, log rate a year of age, and a unit of frailty.
DEATH, DEATH_AGE, DEATH_FRAILTY, DEATH_MALE = 0.0033, 0.040, 0.43, 0.32

#: Services: capacity for each person aged 65+ in the area (home-care hours a week, care-home beds, community-nursing
#: places), and the chance that a reablement place is free at a discharge.
HOME_CARE_HOURS, BEDS, NURSING_PLACES, REABLEMENT = 0.40, 0.036, 0.045, 0.026
