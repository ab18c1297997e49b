"""TRIPOD+AI (Collins and others, BMJ 2024;385:e078378): its 27 items by number, and where each is answered."""

from __future__ import annotations

#: Item, what it asks, where this product answers it, and the section of the report; none where the answer is not in the report. A report
#: that leaves an item to its users says so.
ITEMS: tuple[tuple[int, str, str, str], ...] = (
    (
        1,
        "Title",
        "the report's title: development and validation of a prediction model, with outcome and horizon",
        "title",
    ),
    (2, "Abstract", "the summary at the top of the report", "summary"),
    (
        3,
        "Background",
        "the product's documentation: what the product is for, who uses it, and what is known of inequalities in care",
        "",
    ),
    (4, "Objectives", "the report's title and its first section: development and internal validation", "title"),
    (5, "Data", "Data: where they come from, index dates, and whether dates are split as well as people", "data"),
    (
        6,
        "Participants",
        "Participants: registered adults of the area's practices, as known at each index date",
        "participants",
    ),
    (
        7,
        "Data preparation",
        "Method: the same declared predictors for everybody; nothing imputed for the trees",
        "method",
    ),
    (8, "Outcome", "Outcome: definition, horizon, and which labels are unknown and why", "outcome"),
    (
        9,
        "Predictors",
        "Predictors: each with the hash of its declaration, and the strongest by mean contribution",
        "predictors",
    ),
    (
        10,
        "Sample size",
        "Participants: rows, people and events of each part; no formal calculation beforehand",
        "participants",
    ),
    (11, "Missing data", "Method: an absent value is absent, and goes its own way in each split", "method"),
    (
        12,
        "Analytical methods",
        "Method: algorithm, its settings, calibration, split, measures and their intervals",
        "method",
    ),
    (13, "Class imbalance", "Method: no class weights and no resampling, so that probabilities stay right", "method"),
    (
        14,
        "Fairness",
        "Kinds of people: figures by age, sex, deprivation, ethnicity, practice and care home, and the gaps between them at the lists' threshold",
        "slices",
    ),
    (15, "Model output", "Method: raw score, probability 0-1 and three bands with their thresholds", "method"),
    (
        16,
        "Training versus evaluation",
        "Data: other people, later dates where the record has them, the rest purged",
        "data",
    ),
    (17, "Ethical approval", "left to the area that uses it: it names its approvals and legal basis", ""),
    (
        18,
        "Open science",
        "Model: code, recipe, seed and fingerprints; funding and interests are left to the area",
        "model",
    ),
    (19, "Patient and public involvement", "left to the area that uses it", ""),
    (
        20,
        "Participants: results",
        "Participants: who was left out, whose outcome is unknown, events by part and slice",
        "participants",
    ),
    (
        21,
        "Model development: results",
        "Participants: rows and events that trained, calibrated and tested",
        "participants",
    ),
    (
        22,
        "Model specification",
        "the released model's folder holds it whole: trees as text, calibration, predictors",
        "model",
    ),
    (
        23,
        "Model performance",
        "Performance, Calibration, Lists and Kinds of people, each with a 95% interval; where asked for, Feeds and Stability",
        "performance",
    ),
    (24, "Model updating", "each training is a version of its own; what is live is in an append-only ledger", "model"),
    (
        25,
        "Interpretation",
        "Performance: the comparison with baselines and, on simulated data, the true risk; and Limits",
        "performance",
    ),
    (26, "Limitations", "Limits", "limits"),
    (27, "Usability", "Limits: what it is for, what it is not for, and what a user needs to know", "limits"),
)
