"""How the engine's arithmetic is compiled."""

from __future__ import annotations

from typing import Any

from numba import njit


def compiled(function: Any) -> Any:
    """Compiled on first use; kept on disk where this user may write, compiled anew in each process where not."""
    try:
        return njit(nogil=True, cache=True)(function)
    except RuntimeError:
        return njit(nogil=True)(function)
