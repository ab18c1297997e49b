"""One person's rows as a system posts them: as the demonstration does."""

from __future__ import annotations

from risk.demo.posting import Posted, posted, rows_of

__all__ = ["Posted", "posted", "rows_of"]
