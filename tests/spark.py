"""A real Spark in local mode, one session a test process, on the Java of the wheel (else the machine's)."""

from __future__ import annotations

import os
import shlex
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from risk.parts import java

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

#: Spark asks for this module for faster linear algebra alone; a small Java runtime goes without it.
UNASKED = "--add-modules=jdk.incubator.vector"


@cache
def session() -> SparkSession:
    """The session, started when first asked for: some ten seconds."""
    found = java()
    assert found is not None, "Spark needs Java; `make setup` brings one in a wheel"
    home = Path(tempfile.mkdtemp(prefix="frailty-java-"))
    starter = home / "bin" / "java"
    starter.parent.mkdir()
    starter.write_text(
        f'#!/bin/sh\nfor one do shift; [ "$one" = "{UNASKED}" ] || set -- "$@" "$one"; done\nexec {shlex.quote(found)} "$@"\n'
    )
    starter.chmod(0o755)
    os.environ["JAVA_HOME"] = str(home)
    os.environ["PYSPARK_PYTHON"] = sys.executable
    from pyspark.sql import SparkSession

    # Batches of three rows, so that people straddle them.
    settings = {
        "spark.ui.enabled": "false", "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.session.timeZone": "Europe/London", "spark.sql.shuffle.partitions": "2", "spark.driver.memory": "1g",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "3", "spark.sql.warehouse.dir": str(home / "warehouse"),
        "spark.sql.adaptive.enabled": "false",
    }  # fmt: skip
    builder = SparkSession.builder.master("local[2]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    started: SparkSession = builder.getOrCreate()
    started.sparkContext.setLogLevel("ERROR")
    return started
