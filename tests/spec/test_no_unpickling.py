"""Nothing that the product ships unpickles: a pickle runs whatever code it holds."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("features", "models", "risk", "serving")
#: Modules whose reading runs code, and functions that do so unless told otherwise.
MODULES = {"pickle", "cPickle", "_pickle", "cloudpickle", "dill", "joblib", "shelve", "marshal", "skops", "torch"}
FUNCTIONS = {"read_pickle", "load_model", "unsafe_load", "load_context"}


def faults(source: str) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if alias.name.split(".")[0] in MODULES]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in MODULES:
            found.append(str(node.module))
        elif isinstance(node, ast.Attribute) and node.attr in FUNCTIONS:
            found.append(node.attr)
        elif isinstance(node, ast.keyword) and node.arg == "allow_pickle" and ast.unparse(node.value) != "False":
            found.append("allow_pickle")
    return found


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import pickle", ["pickle"]),
        ("from joblib import load", ["joblib"]),
        ("import mlflow\nmlflow.pyfunc.load_model(uri)", ["load_model"]),
        ("np.load(path, allow_pickle=True)", ["allow_pickle"]),
        ("np.load(path, allow_pickle=False)\njson.loads(text)", []),
    ],
)
def test_what_counts(source: str, expected: list[str]) -> None:
    assert faults(source) == expected


def test_nothing_shipped_unpickles() -> None:
    files = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    assert len(files) > 100
    assert {str(path.relative_to(ROOT)): found for path in files if (found := faults(path.read_text()))} == {}
