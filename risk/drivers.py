"""About forty drivers, each put together from predictors that say the same thing in different ways: what a person's reasons are made of.

A predictor belongs to exactly one driver: of those whose ``names`` fit it, the first declared. Names are declared here and not where
predictors are, for a predictor is a number about a person and a driver a way of telling of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cache

from features.errors import Refused


class Told(StrEnum):
    """How a driver is told of: as a ``reason``, as ``support`` in place (never as raising risk), or only as a part of the
    ``background`` (what nobody is given as a reason: who they are, where they live, what the record does not know)."""

    REASON = "reason"
    SUPPORT = "support"
    BACKGROUND = "background"


@dataclass(frozen=True)
class Driver:
    """``names`` are names of predictors, ``*`` for any letters. ``higher`` and ``lower`` are said to the person themselves where it goes
    with a higher or a lower chance: plain words, without a number."""

    name: str
    title: str
    domain: str
    names: tuple[str, ...]
    higher: str = ""
    lower: str = ""
    told: Told = Told.REASON
    #: Whether a team has something that it can do about it.
    actionable: bool = False

    def holds(self, predictor: str) -> bool:
        return any(fnmatchcase(predictor, name) for name in self.names)


def _support(name: str, title: str, domain: str, *names: str) -> Driver:
    return Driver(name, title, domain, names, told=Told.SUPPORT)


def _background(name: str, title: str, *names: str) -> Driver:
    return Driver(name, title, "background", names, told=Told.BACKGROUND)


DRIVERS: tuple[Driver, ...] = (
    _background("record", "how far the record sees", "season_*", "fed_*", "observed_days_*", "feed_age_*", "*_unknown", "not_measured_*"),
    _background("who", "sex, language and place", "female", "deprivation_decile", "needs_interpreter"),
    Driver("age", "age", "age", ("age",), "Your age is part of this.", "Your age makes a stay less likely."),
    Driver("moves", "moves of home and practice", "home and carers",
           ("moves_of_home_3y", "days_since_move", "days_since_registration", "days_since_first_registration", "changes_of_practice_3y"),
           "You moved home or changed your GP not long ago.", "You have been with the same GP for some time."),
    # What somebody else already does for the person.
    _support("plans", "plans and wishes written down", "plans", "care_plan", "end_of_life_plan", "power_of_attorney", "advance_decision"),
    _support("home_care", "help at home", "social care", "home_care_open", "home_care_hours*", "home_care_visits_made",
             "home_care_carers", "most_home_care_*", "minutes_a_home_care_visit", "change_in_home_care_*", "council_services_open", "direct_payment_open", "council_components_2y"),
    _support("equipment", "equipment and alarms", "social care", "equipment_*", "telecare_*"),
    _support("placements", "supported housing and homes", "home and carers", "care_home", "days_since_care_home", "supported_housing",
             "residential_open", "nursing_placement_open", "respite_1y"),
    _support("reablement", "rehabilitation and reablement", "community care", "reablement_*", "rehabilitation_*", "days_since_rehabilitation"),
    _support("nursing", "care by community teams", "community care", "district_nursing_*", "days_since_district_nursing", "community_contacts_*",
             "community_teams_1y", "community_matron_*", "change_in_community_contacts", "caseload*", "on_district_nursing_caseload", "falls_contacts_1y", "rapid_response_*",
             "palliative_*", "mental_health_contacts_1y", "virtual_ward_*"),
    _support("prevention", "vaccines and reviews", "prevention", "*_vaccine*", "*_review_1y", "days_since_medication_review"),
    _support("carer", "help from a carer", "home and carers", "has_carer", "carer_support_2y"),
    _support("assessed", "assessments made", "function", "frailty_scored_1y", "comprehensive_assessment_2y", "falls_assessed_2y"),
    # Reasons.
    Driver("falls", "falls and broken bones", "function", ("fall_admission_codes_2y", "fragility_fracture_codes_3y", "calls_for_falls_1y",
           "fallers_left_at_home_1y", "falls_2y", "efi_falls", "efi_fragility_fracture", "latest_falls_form", "efi_dizziness",
           "efi_hypotension_syncope"),
           "You have had a fall, felt faint or broken a bone.", "You have not had a fall that we know of.", actionable=True),
    Driver("emergency_admissions", "emergency stays in hospital", "hospital use", ("*emergency_admissions*", "days_since_emergency_*",
           "emergency_bed_days_*", "*_emergency_stays_*", "admissions_from_care_home_2y", "avoidable_admission_codes_2y"),
           "You have had to stay in hospital without planning to.", "You have not had an unplanned hospital stay of late."),
    Driver("discharge", "leaving hospital", "hospital use", ("readmissions_*", "delayed_*", "discharges_*", "days_since_discharge",
           "left_against_advice_3y"), "You came home from hospital, or went back in, not long ago.", "You have not been in and out of hospital of late."),
    Driver("hospital_stays", "stays in hospital of any kind", "hospital use", ("elective_*", "days_since_elective_*", "day_cases_1y",
           "maternity_*", "any_admissions_*", "days_since_any_admission", "bed_days_1y", "share_of_days_in_hospital_3y", "in_hospital_now",
           "hospital_specialties_2y", "hospital_diagnoses_*"), "You have spent time in hospital.", "You have spent little time in hospital."),
    Driver("outpatients", "outpatient appointments", "hospital use", ("outpatient*", "share_of_outpatients_*", "days_since_outpatient",
           "change_in_outpatients"), "You have been seen in hospital clinics.", "You have not had much need of hospital clinics."),
    Driver("emergency_department", "A&E visits", "urgent care", ("ed_*", "days_since_ed", "change_in_ed_attendances", "share_of_ed_*"),
           "You have been to A&E.", "You have not been to A&E much."),
    Driver("ambulance", "999 and 111 calls", "urgent care", ("calls_*", "days_since_999", "conveyed_1y", "not_conveyed_1y"),
           "You have had to call 999 or 111.", "You have not had to call 999 or 111 much."),
    Driver("gp_contacts", "contacts with the GP", "general practice", ("gp_*", "*_gp_contact*", "share_of_gp_missed_1y", "home_visits_1y",
           "different_codes_1y"), "You have seen or called your GP more than most.", "You have not needed your GP much."),
    Driver("infections", "infections", "general practice", ("infections_1y", "antibiotic_*", "repeat_antibiotics", "days_since_antibiotic",
           "infection_medicines_1y"), "You have had infections or taken drugs for them.", "You have had few infections.", actionable=True),
    Driver("function", "how many things add up", "function", ("frailty_*", "latest_efi", "latest_cfs", "latest_barthel", "efi_deficits", "efi_fraction",
           "efi_band", "hfrs_*", "latest_news2", "highest_news2_1y", "efi_weight_loss", "efi_sleep_disturbance", "efi_foot_problems"),
           "You may get tired or ill more easily than you did.", "You seem to be fit and well for your age.", actionable=True),
    Driver("moving_about", "moving about", "function", ("housebound", "efi_housebound", "efi_mobility", "efi_activity_limitation"),
           "You find it hard to get about or leave home.", "You can get about.", actionable=True),
    Driver("needs_help", "help needed from others", "social care", ("efi_requirement_for_care", "efi_social_vulnerability", "known_to_council",
           "council_*", "unmet_requests_2y", "days_since_council_*", "review_overdue", "home_care_weeks_without_visit_1y", "share_of_home_care_made",
           "community_missed_1y"),
           "You have asked for help to live at home.", "You have not had to ask for help at home.", actionable=True),
    Driver("alone", "living alone or without help", "home and carers", ("lives_alone", "no_carer", "alone_without_carer", "lonely",
           "bereaved_2y", "housing_problem_3y"), "You live alone, or home life has been hard.", "You have people around you.", actionable=True),
    Driver("caring", "caring and carers", "home and carers", ("is_carer", "carer_strained"),
           "You look after someone, or your carer is worn out.", "Caring does not weigh on you that we know of.", actionable=True),
    Driver("memory", "memory and dementia", "long-term conditions", ("*dementia*", "mild_cognitive_impairment", "efi_memory_cognitive"),
           "You have had trouble with your memory.", "You have had no trouble with your memory that we know of.", actionable=True),
    Driver("heart_failure", "heart failure", "long-term conditions", ("*heart_failure*",),
           "Your heart does not pump as well as it should.", "You do not have heart failure that we know of.", actionable=True),
    Driver("heart", "heart and blood vessels", "long-term conditions", ("hypertension", "efi_hypertension", "days_since_hypertension",
           "*ischaemic_heart_disease", "*atrial_fibrillation*", "*stroke*", "transient_ischaemic_attack", "efi_cerebrovascular_disease",
           "charlson_cerebrovascular_disease", "*peripheral_vascular_disease", "venous_thromboembolism", "*heart_valve_disease",
           "cardiovascular_conditions", "charlson_myocardial_infarction"),
           "You have a heart or blood flow problem.", "You have no heart problem that we know of.", actionable=True),
    Driver("breathing", "lungs and breathing", "long-term conditions", ("copd*", "days_since_copd", "asthma", "days_since_asthma",
           "bronchiectasis", "*interstitial_lung_disease", "sleep_apnoea", "efi_dyspnoea", "efi_respiratory_disease", "respiratory_conditions",
           "charlson_chronic_lung_disease", "bronchodilator_*", "inhaled_steroid_*", "oxygen_items_1y", "respiratory_medicines_1y",
           "latest_oxygen_saturation", "low_oxygen_1y"),
           "You have a lung problem or trouble with your breath.", "Your lungs are well as far as we know.", actionable=True),
    Driver("smoking_drinking", "smoking and drinking", "prevention", ("current_smoker", "ex_smoker", "ever_smoked", "heavy_drinking"),
           "You smoke, used to smoke, or drink a lot.", "You do not smoke or drink a lot.", actionable=True),
    Driver("substances", "alcohol and drug dependence", "long-term conditions", ("*alcohol_dependence", "drug_dependence"),
           "You have had help with drink or drugs.", "You have not had help with drink or drugs.", actionable=True),
    Driver("diabetes", "diabetes", "long-term conditions", ("*diabet*", "insulin_items_1y", "takes_insulin", "takes_sulfonylurea",
           "*hba1c*"), "You have diabetes or high blood sugar.", "You do not have diabetes that we know of.", actionable=True),
    Driver("kidneys", "kidneys", "long-term conditions", ("*chronic_kidney_disease", "*end_stage_renal_disease", "*egfr*", "latest_creatinine",
           "latest_urine_albumin_creatinine", "charlson_kidney_disease", "kidney_and_bladder_conditions", "kidney_harming_three"),
           "Your kidneys do not work as well as they should.", "Your kidneys work well as far as we know.", actionable=True),
    Driver("bladder", "bladder", "long-term conditions", ("*urinary_*", "prostate_enlargement", "bladder_items_1y"),
           "You have trouble with your bladder.", "You have no bladder problem that we know of.", actionable=True),
    Driver("cancer", "cancer", "long-term conditions", ("*cancer*",), "You have had cancer or take drugs for it.",
           "You have not had cancer that we know of."),
    Driver("nerves", "brain and nerves", "long-term conditions", ("*parkinson*", "*epilep*", "multiple_sclerosis", "motor_neurone_disease",
           "*hemiplegia", "migraine", "neurological_conditions", "learning_disability"),
           "You have an illness of the brain or nerves.", "You have no illness of the nerves that we know of.", actionable=True),
    Driver("mental_health", "mental health", "long-term conditions", ("*depression*", "anxiety", "*severe_mental_illness",
           "mental_*", "antipsychotic_*", "antidepressant_*", "hypnotic_*", "takes_lithium", "nervous_system_medicines_1y"),
           "Your mood or mind has been unwell.", "Your mood and mind are well as far as we know.", actionable=True),
    Driver("bones_joints", "bones and joints", "long-term conditions", ("*osteoporosis", "*arthritis", "gout", "polymyalgia", "connective_tissue_disease",
           "fibromyalgia", "musculoskeletal_*", "charlson_rheumatic_disease", "bone_protection_items_1y"),
           "You have sore or weak bones or joints.", "Your bones and joints are well as far as we know.", actionable=True),
    Driver("digestion_liver", "liver and digestion", "long-term conditions", ("*liver_disease", "*cirrhosis", "chronic_pancreatitis",
           "*peptic_ulcer", "inflammatory_bowel_disease", "diverticular_disease", "digestive_conditions", "latest_alt", "latest_alkaline_phosphatase",
           "gastrointestinal_medicines_1y", "ulcer_healing_*", "laxative_*", "antiemetic_*"),
           "You have trouble with your liver, stomach or gut.", "Your stomach and gut are well as far as we know.", actionable=True),
    Driver("blood", "blood count", "measurements", ("*anaemia", "*haemoglobin*", "*platelets*", "latest_white_cells", "latest_crp"),
           "Your blood tests show a low or odd count.", "Your blood count looks well.", actionable=True),
    Driver("skin_senses", "skin, sight and hearing", "long-term conditions", ("*hearing_loss", "*visual_impairment", "*skin_*", "psoriasis",
           "eye_medicines_1y", "ear_*"), "You have trouble with your skin, sight or hearing.", "Your skin, sight and hearing are well as far as we know.", actionable=True),
    Driver("other_conditions", "how many conditions", "long-term conditions", ("long_term_conditions", "condition_records_2y", "new_conditions_1y",
           "multimorbidity_band", "obesity", "*thyroid_disease", "metabolic_conditions", "charlson_*"),
           "You live with more than one illness.", "You live with few illnesses."),
    Driver("weight_food", "weight and food", "measurements", ("*weight*", "*_bmi", "*albumin*", "nutrition_*"),
           "Your weight has changed, or you may need to eat more.", "Your weight is steady.", actionable=True),
    Driver("blood_pressure", "blood pressure and pulse", "measurements", ("*systolic*", "latest_diastolic", "latest_pulse", "pulse_pressure"),
           "Your blood pressure or pulse is not quite right.", "Your blood pressure is fine.", actionable=True),
    Driver("blood_tests", "other blood tests", "measurements", ("*sodium*", "*potassium*", "*calcium*", "latest_tsh", "latest_vitamin_d",
           "latest_cholesterol", "measurements_1y"), "Some of your blood tests were high or low.", "Your blood tests look well.", actionable=True),
    Driver("risky_medicines", "medicines that need care", "medicines", ("steroid_*", "repeat_steroids", "opioid_*", "takes_*", "anticoagulant_*",
           "anti_inflammatory_*", "anticholinergic_*", "falls_risk_medicines_90d", "high_risk_medicines_90d", "immunosuppressant_*"),
           "You take a drug that needs to be checked with care.", "You take few drugs that need special care.", actionable=True),
    Driver("many_medicines", "how many medicines", "medicines", ("prescriptions_*", "different_medicines_*", "polypharmacy_band",
           "efi_polypharmacy", "change_in_medicines_90d", "new_medicines_90d", "days_since_prescription", "*_medicines_1y", "*_items_1y"),
           "You take many drugs, or they have changed.", "You take few drugs.", actionable=True),
)  # fmt: skip


@cache
def driver_of(predictor: str) -> Driver:
    """The driver of a predictor, by its name; :class:`Refused` where it has none, for then nothing can be said of its part."""
    for driver in DRIVERS:
        if driver.holds(predictor):
            return driver
    raise Refused(f"{predictor} belongs to no driver of reasons; name it among those of one in risk/drivers.py")


def members(predictors: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The predictors of each driver, by its name, in the order of the drivers."""
    held: dict[str, list[str]] = {driver.name: [] for driver in DRIVERS}
    for predictor in predictors:
        held[driver_of(predictor).name].append(predictor)
    return {name: tuple(names) for name, names in held.items()}
