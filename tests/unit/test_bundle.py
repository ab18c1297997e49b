"""A released model is what was released, or is refused."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from features.errors import BadInput, Refused
from features.record.tables import PERSON_TABLES
from models import release
from models.baselines import fit_logistic
from models.bundle import CALIBRATOR, FILES, MODEL, Bands, Bundle, mask_of
from models.calibrate import NONE
from models.person_interval import person_interval
from models.train import Recipe, train
from tests.synthetic import dataset

DATA = dataset(1200)
TRAINED = train(DATA, Recipe(most_trees=20))
TABLES = ("person", "registration")
DRAFT = release.Draft(
    name="unplanned_admission_365", outcome="unplanned_admission", horizon=365, minimum_age=18, names=DATA.names,
    fingerprints=DATA.fingerprints, tables=TABLES, patterns=release.patterns_of(DATA.feeds, TABLES), bands=Bands(0.5, 0.2),
    dates={"test": ["2020-01-01"]}, about={"kind": "simulated", "title": "made up"}, trained=TRAINED, calibrator=NONE,
    logistic=fit_logistic(DATA), provenance={"record": "0" * 64},
)  # fmt: skip


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    version = release.reserve(tmp_path, DRAFT.name)
    return release.write(tmp_path, version, DRAFT, {"model": {}}, "# a card\n")


@dataclass(frozen=True)
class Declared:
    name: str
    fingerprint: str


DECLARED = [Declared(name, hash_) for name, hash_ in zip(DATA.names, DATA.fingerprints, strict=True)]


def test_what_is_loaded_scores_as_what_was_trained(bundle: Bundle) -> None:
    again = Bundle.load(bundle.folder)
    raw = again.raw(DATA.X)
    assert np.array_equal(raw, TRAINED.booster.predict(DATA.X, raw_score=True))
    assert again.probability(raw) == pytest.approx(TRAINED.booster.predict(DATA.X))
    assert np.abs(again.contributions(DATA.X).sum(axis=1) - raw).max() < 1e-6
    assert np.array_equal(again.baseline.raw(DATA.X), DRAFT.logistic.raw(DATA.X))
    assert (again.name, again.version, again.outcome, again.horizon) == (DRAFT.name, 1, "unplanned_admission", 365)
    assert again.bands == Bands(high=0.5, medium=0.2)
    assert again.sha256 == bundle.sha256


@pytest.mark.parametrize("file", FILES)
def test_a_file_that_is_not_the_released_one_is_refused(bundle: Bundle, file: str) -> None:
    path = bundle.folder / file
    path.write_text(path.read_text() + " ")
    with pytest.raises(Refused, match=rf"{file} is not what was released.*nothing was loaded"):
        Bundle.load(bundle.folder)


def test_a_changed_threshold_is_refused(bundle: Bundle) -> None:
    path = bundle.folder / "bundle.json"
    held = json.loads(path.read_text())
    held["bands"]["high"] = 0.9
    path.write_text(json.dumps(held))
    with pytest.raises(Refused, match=r"bundle\.json is not what was released"):
        Bundle.load(bundle.folder)


def test_a_missing_file_is_refused(bundle: Bundle) -> None:
    (bundle.folder / MODEL).unlink()
    with pytest.raises(Refused, match=r"model\.txt is missing"):
        Bundle.load(bundle.folder)


def test_another_bundle_than_the_one_asked_for_is_refused(bundle: Bundle) -> None:
    assert Bundle.load(bundle.folder, sha256=bundle.sha256).sha256 == bundle.sha256
    with pytest.raises(Refused, match="not the one that was asked for"):
        Bundle.load(bundle.folder, sha256="0" * 64)


def test_a_folder_without_a_bundle_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="expected a released model"):
        Bundle.load(tmp_path)


def test_a_bundle_still_loads_where_its_folder_has_moved_to(bundle: Bundle, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere"
    bundle.folder.rename(moved)
    assert Bundle.load(moved).sha256 == bundle.sha256
    assert not any(str(tmp_path) in (moved / name).read_text() for name in ("bundle.json", *FILES))


def test_declarations_are_given_in_the_models_order(bundle: Bundle) -> None:
    given = bundle.check([Declared("another", "ffff"), *reversed(DECLARED)])
    assert [predictor.name for predictor in given] == list(DATA.names)


def test_a_declaration_that_means_something_else_now_is_refused(bundle: Bundle) -> None:
    changed = [replace(DECLARED[0], fingerprint="beef"), *DECLARED[1:]]
    with pytest.raises(Refused, match=r"1 declared otherwise \(predictor_0\)"):
        bundle.check(changed)
    with pytest.raises(Refused, match=r"1 no longer declared \(predictor_5\)"):
        bundle.check(DECLARED[:-1])


def test_rows_of_another_width_are_bad_input(bundle: Bundle) -> None:
    with pytest.raises(BadInput, match="expected rows of 6 predictors"):
        bundle.raw(DATA.X[:, :5])


def test_it_serves_the_feeds_that_it_was_trained_with_and_looks_at_no_other(bundle: Bundle) -> None:
    both, one, unused = mask_of(TABLES), mask_of(TABLES[:1]), mask_of(("ambulance",))
    assert bundle.serves(both)
    assert bundle.serves(both | unused)
    assert not bundle.serves(one)
    assert bundle.feed_patterns == {both: 1.0}


def test_a_rare_pattern_of_feeds_counts_as_not_seen() -> None:
    feeds = np.array([0b11] * 995 + [0b01] * 4 + [0b10] * 1, np.uint64)
    assert release.patterns_of(feeds, TABLES) == {0b11: 0.995}
    assert release.patterns_of(np.array([0b11] * 99 + [0b01], np.uint64), TABLES) == {0b11: 0.99, 0b01: 0.01}
    assert mask_of(PERSON_TABLES[:2]) == 0b11


def test_versions_count_up_and_none_is_given_twice(bundle: Bundle, tmp_path: Path) -> None:
    assert [release.reserve(tmp_path, DRAFT.name) for _ in range(2)] == [2, 3]
    assert release.versions(tmp_path, DRAFT.name) == [1]
    with pytest.raises(Refused, match="never replaced"):
        release.write(tmp_path, 1, DRAFT, {}, "")


def test_a_release_that_fails_leaves_nothing(tmp_path: Path) -> None:
    version = release.reserve(tmp_path, DRAFT.name)
    with pytest.raises(ValueError, match="not JSON compliant"):
        release.write(tmp_path, version, DRAFT, {"auroc": float("nan")}, "")
    assert list((tmp_path / DRAFT.name).iterdir()) == []


def test_bands_are_what_two_and_ten_in_a_hundred_reach() -> None:
    probability = np.arange(1, 1001) / 1001
    bands = release.bands_of(probability)
    assert (np.mean(probability >= bands.high), np.mean(probability >= bands.medium)) == (0.02, 0.1)


def test_a_model_that_cannot_tell_people_apart_calls_nobody_high() -> None:
    bands = release.bands_of(np.full(500, 0.3))
    assert 0.3 < bands.medium < bands.high < 1


def test_the_calibrator_is_json_and_nothing_is_pickled(bundle: Bundle) -> None:
    assert json.loads((bundle.folder / CALIBRATOR).read_text())["method"] == "none"
    assert sorted(path.name for path in bundle.folder.iterdir()) == sorted(["bundle.json", *FILES])


def test_a_persons_interval_is_kept_with_the_curve_as_data(tmp_path: Path) -> None:
    raw = TRAINED.booster.predict(DATA.X, raw_score=True)
    sure = person_interval(raw, DATA.y, DATA.person_id)
    draft = replace(DRAFT, interval=sure)
    bundle = release.write(tmp_path, release.reserve(tmp_path, draft.name), draft, {}, "")
    assert bundle.sureness == sure
    low, high = bundle.interval(raw)
    probability = bundle.probability(raw)
    assert ((low <= probability) & (probability <= high) & (low < high)).all()
    assert (low > 0).mean() > 0.5


def test_a_model_released_without_an_interval_gives_none(bundle: Bundle) -> None:
    low, high = bundle.interval(np.array([0.1, 0.2]))
    assert np.isnan([low, high]).all()
