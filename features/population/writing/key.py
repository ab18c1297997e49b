"""The key: whose each row of the extracts truly is, and which rows say something else than the truth.

It lies beside the extracts in ``key/`` and is read by tests and evaluation, by nothing else:

``key/record/``, ``key/people.parquet``, ``key/addresses.parquet``
    what is true: the area in the record's own shape, without an error, and everybody's particulars.
``key/registers.parquet``
    ``sender``, ``local_id``, ``nhs_number`` (the true one), ``said_nhs_number``, ``error``: who is behind a sender's own
    number, and what the sender has wrong of them (names of rates of ``dirt.Dirt``, separated by spaces).
``key/rows.parquet``
    ``shape``, ``file``, ``row`` (as a spreadsheet numbers it, the header being 1; null where a whole file is meant),
    ``nhs_number`` (the true one), ``table``, ``row_key`` (the true thing in ``key/record``), ``error``: the rows with an
    error of their own.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as arrow
import pyarrow.parquet as parquet

from features.population.writing.register import Register

_TEXT = arrow.string()
REGISTERS = arrow.schema([("sender", _TEXT), ("local_id", _TEXT), ("nhs_number", _TEXT), ("said_nhs_number", _TEXT), ("error", _TEXT)])  # fmt: skip
ROWS = arrow.schema([("shape", _TEXT), ("file", _TEXT), ("row", arrow.int64()), ("nhs_number", _TEXT), ("table", _TEXT),
                     ("row_key", _TEXT), ("error", _TEXT)])  # fmt: skip


class Key:
    """Gathers the key while extracts are written, and writes it at the end into ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        self._registers: list[arrow.Table] = []
        self._rows: list[arrow.Table] = []

    def register(self, register: Register) -> None:
        """Note a sender's register."""
        e = register.entries
        frame = pd.DataFrame({"sender": register.sender, "local_id": e["local_id"], "nhs_number": e["true_nhs_number"],
                              "said_nhs_number": e["nhs_number"], "error": e["error"]})  # fmt: skip
        self._registers.append(arrow.Table.from_pandas(frame, REGISTERS, preserve_index=False))

    def rows(self, shape: str, file: str, rows: pd.DataFrame) -> None:
        """Note rows of a file: ``row``, ``nhs_number`` (the true one), ``table``, ``row_key``, ``error``; those without an
        error are left out."""
        wrong = rows[rows["error"].notna()]
        if len(wrong):
            frame = wrong.assign(shape=shape, file=file)
            self._rows.append(arrow.Table.from_pandas(frame[ROWS.names], ROWS, preserve_index=False))

    def write(self) -> None:
        """Write ``registers.parquet`` and ``rows.parquet``."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for name, schema, parts in (("registers", REGISTERS, self._registers), ("rows", ROWS, self._rows)):
            whole = arrow.concat_tables(parts) if parts else schema.empty_table()
            parquet.write_table(whole, self.folder / f"{name}.parquet", compression="zstd")
