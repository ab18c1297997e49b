"""A model made of its parts: trained, its number of trees and directions chosen, and calibrated for each pattern of feeds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from features.predictors import CATALOGUE
from features.progress import SILENT, Progress
from features.record.tables import PERSON_TABLES
from models import patterns, release
from models.augment import FeedsOff
from models.baselines import Logistic, fit_logistic
from models.bundle import mask_of
from models.calibrate import calibrate
from models.dataset import Dataset
from models.explain import contributions, importance
from models.patterns import Curves, scorer
from models.person_interval import person_interval
from models.train import Recipe, Trained, train

#: What takes feeds away from some of the training rows.
FEEDS_OFF = FeedsOff.of(CATALOGUE)
#: Tables of the record that the catalogue's predictors read.
TABLES = tuple(table for table in PERSON_TABLES if any(table in predictor.tables for predictor in CATALOGUE))
#: Calibration rows from which the importance of predictors is taken, at most.
EXPLAINED = 1_000


@dataclass(frozen=True)
class Made:
    """A trained and calibrated model, the logistic model fitted to the same rows, and the probabilities of the calibration
    people. ``important`` are the predictors by the mean size of their contributions."""

    trained: Trained
    curves: Curves
    logistic: Logistic
    calibrated: npt.NDArray[np.float64]
    important: list[tuple[str, float]]


def make(parts: Mapping[str, Dataset], recipe: Recipe, progress: Progress = SILENT) -> Made:
    """Train on the training part, feeds hidden from practices at random, and calibrate on the calibration part, as it is and with each
    feed taken away."""
    trained = train(parts["train"], recipe, augment=FEEDS_OFF, progress=progress)
    progress.stage("calibration and baselines")
    held, booster = parts["calibrate"], trained.booster
    threads = recipe.threads_for(held.X.size)
    scores = scorer(booster, threads)
    raw = scores(held.X)
    calibrator = calibrate(raw, held.y, held.person_id, held.weight)
    important = importance(contributions(booster, held.X[:EXPLAINED], threads), held.names)
    sure = person_interval(raw, held.y, held.person_id, held.weight)
    seen = frozenset(release.patterns_of(parts["train"].feeds, TABLES))
    progress.stage("calibration without each feed")
    curves = Curves(calibrator, sure, seen, mask_of(TABLES), patterns.fitted(scores, held, FEEDS_OFF))
    return Made(trained, curves, fit_logistic(parts["train"]), calibrator.probability(raw), important)


def tried(made: Made, data: Dataset, recipe: Recipe, progress: Progress = SILENT) -> Made:
    """The model, with each of its curves for a feed that is away tried on the people who test."""
    progress.stage("each feed away")
    scores = scorer(made.trained.booster, recipe.threads_for(data.X.size))
    told = patterns.tried(made.curves.patterns, scores, data, FEEDS_OFF)
    return replace(made, curves=replace(made.curves, patterns=told))
