"""A page opened in a real browser."""

from __future__ import annotations

import subprocess
from pathlib import Path

from risk.parts import chromium


def opened(page: Path, profile: Path) -> str:
    """The page's document once the browser has laid it out; the browser keeps what it keeps in the folder ``profile``."""
    done = subprocess.run(
        [chromium() or "", "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
         "--disable-component-update", f"--user-data-dir={profile}", "--enable-logging=stderr", "--dump-dom",
         page.resolve().as_uri()],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Uncaught" not in done.stderr
    return done.stdout
