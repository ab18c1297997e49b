"""One simulated area of 5,000 people that these tests read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from features.population import Calibration, simulate


@dataclass(frozen=True)
class Built:
    """Where an area's files are, and what its calibration said."""

    out: Path
    truth: Path
    calibration: Calibration

    def sql(self, text: str) -> list[tuple]:
        """Rows of a query in which ``{table}`` stands for a table's file and ``{truth}`` for the true risks."""
        files = {path.stem: f"read_parquet('{path}')" for path in self.out.glob("*.parquet")}
        files["truth"] = f"read_parquet('{self.truth / 'true_risk.parquet'}')"
        with duckdb.connect(config={"threads": 1}) as connection:
            return connection.execute(text.format(**files)).fetchall()

    def number(self, text: str) -> float:
        ((value,),) = self.sql(text)
        return value


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("population")
    calibration = simulate(5_000, 11, 4, out=folder / "out", truth=folder / "truth")
    return Built(folder / "out", folder / "truth", calibration)
