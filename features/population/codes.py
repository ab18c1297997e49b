"""The codes that the simulated organisations write down: one table a coding system, checked when loaded.

SNOMED CT concept identifiers stand for the concepts of NHS general practice records (diagnoses, symptoms, measurements);
ICD-10 codes for what hospitals code; BNF codes for items prescribed. The last six characters of a BNF code are always a
generic first presentation, since strength is not simulated.
"""

from __future__ import annotations

from features.coding import BNF, ICD10, SNOMED


def _snomed(**codes: str) -> dict[str, str]:
    return {name: SNOMED.check(code) for name, code in codes.items()}


#: Long-term conditions, as a practice codes them.
CONDITION = _snomed(
    hypertension="38341003", diabetes="73211009", ihd="414545008", heart_failure="84114007", af="49436004",
    stroke="230690007", copd="13645005", asthma="195967001", ckd="709044004", cancer="363346000",
    dementia="52448006", parkinsons="49049000", epilepsy="84757009", depression="35489007", smi="58214004",
    osteoporosis="64859006", arthritis="3723001", hypothyroid="40930008", pvd="400047006", anaemia="271737000",
    liver="235856003", incontinence="165232002", hearing="15188001", vision="397540003", skin_ulcer="46742003",
    valve="368009",
)  # fmt: skip

#: Symptoms and findings coded in consultations.
FINDING = _snomed(
    fall="1912002", dyspnoea="267036007", dizziness="404640003", memory="386807006", weight_loss="89362005",
    fatigue="84229001", sleep="193462001", mobility="8510008", syncope="271594007", urine_infection="68566005",
    chest_infection="50417007", cellulitis="128045006", constipation="14760008", chest_pain="29857009",
    cough="49727002", back_pain="161891005", abdominal_pain="21522001", low_mood="366979004", fragility_fracture="5913000",
    housebound="160689007", lives_alone="105529008", appetite="79890006", swallowing="40739000", recurrent_falls="279992002",
    disability="21134002", home_help="160774006", lonely="267076002", no_carer="414041006", bereaved="33553000",
    housing="105531004", social_services="306238000", vulnerable="417430008", interpreter="315594003",
    heavy_drinker="86933000",
)  # fmt: skip

#: Degrees of frailty as a clinician codes them.
FRAILTY = _snomed(mild="925791000000100", moderate="925831000000107", severe="925861000000102")

#: Smoking status: never, ex, current.
SMOKING = list(_snomed(never="266919005", ex="8517006", current="77176002").values())

#: Measurements, with the unit written beside the value.
MEASURE = _snomed(
    systolic="72313002", bmi="60621009", egfr="1020291000000106", haemoglobin="1022431000000105",
    albumin="1000821000000103", sodium="1000661000000107", hba1c="999791000000106", diastolic="271650006",
    weight="27113001", creatinine="1000731000000107", potassium="1000651000000109", crp="1001371000000100",
    tsh="1022791000000101", platelets="1022651000000100", white_cells="1022541000000102", alt="1018251000000107",
    alkaline_phosphatase="1000621000000104", calcium="935051000000108", vitamin_d="1029801000000105",
    cholesterol="412808005", urine_albumin_creatinine="1028271000000109", pulse="364075005", oxygen_saturation="431314004",
    average_systolic="413606001", average_diastolic="413605002", malnutrition_score="444297006", falls_last_year="391002003",
)  # fmt: skip
UNIT = {"systolic": "mm[Hg]", "bmi": "kg/m2", "egfr": "mL/min/1.73m2", "haemoglobin": "g/L", "albumin": "g/L",
        "sodium": "mmol/L", "hba1c": "mmol/mol", "diastolic": "mm[Hg]", "weight": "kg", "creatinine": "umol/L",
        "potassium": "mmol/L", "crp": "mg/L", "tsh": "mU/L", "platelets": "10*9/L", "white_cells": "10*9/L", "alt": "U/L",
        "alkaline_phosphatase": "U/L", "calcium": "mmol/L", "vitamin_d": "nmol/L", "cholesterol": "mmol/L",
        "urine_albumin_creatinine": "mg/mmol", "pulse": "/min", "oxygen_saturation": "%", "average_systolic": "mm[Hg]",
        "average_diastolic": "mm[Hg]", "malnutrition_score": "1", "falls_last_year": "1"}  # fmt: skip

#: Care that a practice records as done.
DONE = _snomed(
    medication_review="314530002", flu_vaccine="86198006", pneumococcal_vaccine="12866006", shingles_vaccine="859641000000109",
    covid_vaccine="840534001", asthma_copd_review="394720003", diabetes_review="170777000", dementia_review="938551000000108",
)  # fmt: skip

#: Chief complaints of emergency departments, by cause of the attendance (order of ``causes.CAUSES``).
COMPLAINT = _snomed(
    chest="267036007", heart="29857009", infection="386661006", injury="417163006", gut="21522001", brain="40917007",
    mind="6471006", metabolic="367391008", cancer="84229001", symptoms="271594007",
)  # fmt: skip


def _icd(**codes: str) -> dict[str, tuple[str, ...]]:
    return {name: tuple(ICD10.check(code) for code in text.split()) for name, text in codes.items()}


#: Primary diagnoses of emergency stays by cause, the commoner first (the first is drawn about twice as often as the last).
PRIMARY = _icd(
    chest="J181 J440 J441 J22X J189 J459 J111", heart="I500 I489 I214 I200 I501 I209",
    infection="N390 A419 L031 A099 N10X", injury="S009 S720 S525 S422 S721 S324 S065",
    gut="K590 K802 K922 K566 K358 K573", brain="I639 G459 G409 F059 I619", mind="F102 T391 F329 F209 T509",
    metabolic="N179 E871 E86X E116 D649 E162", cancer="C349 C189 C509 C61X C787",
    symptoms="R074 R104 R55X R53X R410 R51X",
)  # fmt: skip

#: Primary diagnoses of planned admissions.
PLANNED = _icd(day_case="H269 K635 C509 D509 K409 Z512", ordinary="M171 M169 N40X K802 C189", maternity="O800 O809")

#: Conditions as hospitals code them beside the primary diagnosis.
SECONDARY = _icd(
    hypertension="I10X", diabetes="E119", ihd="I259", heart_failure="I500", af="I489", stroke="I694", copd="J449",
    asthma="J459", ckd="N189", cancer="Z858", dementia="F03X", parkinsons="G20X", epilepsy="G409", depression="F329",
    smi="F209", osteoporosis="M819", arthritis="M199", hypothyroid="E039", pvd="I739", anaemia="D649", liver="K769",
    incontinence="R32X", hearing="H919", vision="H547", skin_ulcer="L984", valve="I359",
)  # fmt: skip
FELL, FRAIL, DELIRIOUS, ALONE, IMMOBILE = (ICD10.check(c) for c in ("W19X", "R54X", "F059", "Z602", "R268"))
#: Other signs that come with frailty and long illness.
SIGNS = tuple(
    ICD10.check(c)
    for c in ("R296", "R410", "E86X", "E876", "L89X", "R13X", "R33X", "R634", "N390", "Z998", "M256", "I951", "K590")
)

#: Causes of death by cause of the last illness.
DEATH = _icd(chest="J189 J449", heart="I259 I219", infection="A419", injury="W199 S720", gut="K922", brain="I649 F019",
             mind="X609", metabolic="N189", cancer="C349 C189", symptoms="R54X I259 F03X")  # fmt: skip


def _bnf(**chemicals: str) -> dict[str, str]:
    return {name: BNF.check(chemical + "AAAAAA") for name, chemical in chemicals.items()}


#: Items prescribed, by chemical substance. Of oxygen, metoclopramide and hydrocortisone cream the section is right and the
#: substance not yet checked.
DRUG = _bnf(
    amlodipine="0206020A0", ramipril="0205051R0", losartan="0205052N0", bisoprolol="0204000H0",
    atorvastatin="0212000B0", furosemide="0202020L0", spironolactone="0202030S0", digoxin="0201010F0",
    aspirin="0209000A0", clopidogrel="0209000C0", warfarin="0208020V0", apixaban="0208020Z0", glyceryl="0206010F0",
    metformin="0601022B0", gliclazide="0601021M0", insulin="0601012V0", levothyroxine="0602010V0",
    prednisolone="0603020T0", salbutamol="0301011R0", tiotropium="0301020Q0", beclometasone="0302000C0",
    lansoprazole="0103050L0", omeprazole="0103050P0", senna="0106020M0", macrogol="0106040M0",
    paracetamol="0407010H0", codeine="0407020C0", morphine="0407020Q0", gabapentin="0408010G0", naproxen="1001010P0",
    sertraline="0403030Q0", mirtazapine="0403040X0", amitriptyline="0403010B0", zopiclone="0401010Z0",
    donepezil="0411000D0", co_careldopa="0409010K0", levetiracetam="0408010A0", quetiapine="0402010AB",
    olanzapine="040201060", alendronate="0606020A0", colecalciferol="0906040G0", folate="0901020G0",
    iron="0901011F0", tamsulosin="0704010U0", mirabegron="0704020AE", sip_feed="090402000",
    amoxicillin="0501013B0", doxycycline="0501030I0", nitrofurantoin="0501130R0", trimethoprim="0501080W0",
    flucloxacillin="0501012G0", lithium="0402030K0", methotrexate="1001030U0", azathioprine="0802010G0", tamoxifen="0803041S0",
    latanoprost="1106000L0", nasal_budesonide="1202010C0", metoclopramide="0406000P0", hydrocortisone_cream="1304000H0",
    oxygen="0306000A0",
)  # fmt: skip
