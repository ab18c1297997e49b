"""NHS numbers of people who do not exist: valid by their check digit, and never issued.

Numbers that begin with 999 are set aside for testing in the NHS, so they come first: about 900,000 are valid. Beyond
those, the simulation continues downwards through 998, 997, … to 900, ranges from which no numbers have been issued
(numbers in use begin with 3 to 7). Codes of practices, hospitals and small areas are of the right form and invented.
"""

from __future__ import annotations

import numpy as np
import pyarrow as arrow

_WEIGHTS = np.arange(10, 1, -1)


def nhs_numbers(count: int, rng: np.random.Generator) -> arrow.Array:
    """``count`` distinct valid numbers in shuffled order."""
    blocks: list[np.ndarray] = []
    held = 0
    prefix = 999
    while held < count:
        blocks.append(_valid(prefix))
        held += len(blocks[-1])
        prefix -= 1
    numbers = np.concatenate(blocks)[:count]
    rng.shuffle(numbers)
    return arrow.array(numbers).cast(arrow.string())


def _valid(prefix: int) -> np.ndarray:
    """Every valid number that begins with the three digits ``prefix``, in order."""
    nine = np.arange(prefix * 1_000_000, (prefix + 1) * 1_000_000, dtype=np.int64)
    total = np.zeros(len(nine), np.int64)
    for place, weight in enumerate(_WEIGHTS):
        total += nine // 10 ** (8 - place) % 10 * weight
    check = (11 - total % 11) % 11
    return (nine * 10 + check)[check < 10]


def practice_codes(count: int) -> list[str]:
    """Invented ODS codes, a letter and five digits; no practice's code begins with Z."""
    return [f"Z{81001 + i}" for i in range(count)]


#: Two hospitals, a council, an ambulance service, a community provider, a registrar of deaths: invented.
HOSPITALS = ("RZ1", "RZ2")
COUNCIL, AMBULANCE, COMMUNITY, REGISTRAR, MENTAL_HEALTH = "E0999", "RZA", "RZC", "ZREG", "RZM"


def lsoa_codes(count: int) -> list[str]:
    """Invented small areas, in a range that no census has used."""
    return [f"E0199{i:04d}" for i in range(count)]
