"""Who is on a list: the highest raw scores of each practice, as many as the stated share of its scored adults, or as its team can take on.

The rank is by raw score, since calibrated probabilities tie at the cut. Equal raw scores are put in the order of a keyed
hash of the person, under a key that the run fixed before it ranked and keeps: nobody can choose who wins a tie, and
anybody with the key can check who did.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection, Mapping
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.errors import WrongUsage

PRACTICE = ["practice_scheme", "practice"]
#: Bytes of a tie key: as long as the hash that it keys (RFC 2104 §3).
TIE_KEY_BYTES = 32


def places(scored: int, fraction: float) -> int:
    """How many people a list holds: ``ceil(fraction × scored)``, in exact arithmetic.

    ``fraction`` is taken as the decimal that it was written as: in floating point 0.07 × 100 is a little over 7 and its
    ceiling is 8.
    """
    share = Fraction(str(fraction))
    return -(-scored * share.numerator // share.denominator)


def held(scored: int, fraction: float, capacity: int | None = None) -> int:
    """How many people a list of ``scored`` holds: as many as the team can take on, where that is said, and else the share; never more than are scored."""
    return places(scored, fraction) if capacity is None else min(capacity, scored)


def known(capacity: Mapping[str, int], practices: Collection[str]) -> Mapping[str, int]:
    """``capacity`` by practice code; :class:`WrongUsage` where it names one that is not of ``practices``: its list would be as long as the share says, and
    nobody would see why."""
    if strange := sorted(set(capacity) - set(practices)):
        raise WrongUsage(
            f"expected practices of the record in the setting list_capacity, found {', '.join(strange)}; correct it, or check that the practice is delivered"
        )
    return capacity


def area_cut(raw: npt.NDArray[np.float64], fraction: float) -> float:
    """The raw score of the last person on one list of the whole area, as long as :func:`places` says of everybody scored (``raw``, (n,)); NaN of
    nobody."""
    k = places(len(raw), fraction)
    return float(np.partition(raw, len(raw) - k)[len(raw) - k]) if k else float("nan")


def draw(
    scores: pd.DataFrame, fraction: float, tie_key: bytes, capacity: int | Mapping[str, int] | None = None
) -> pd.DataFrame:
    """Rank everyone within their practice, and mark those who are listed.

    ``scores`` has one row a person: ``person_id`` (int64), ``practice_scheme``, ``practice``, ``raw`` (float64, finite).
    Its rows are the denominator: the scored adults registered with each practice. The result has the same index and

    - ``rank`` int32: 1 for the highest raw score of the practice; no two people of a practice share one
    - ``listed`` bool: ``rank <= k``
    - ``k`` int32: places on the practice's list (:func:`places`); ``capacity`` of them where it is given, of every practice or by practice
      code, and never more than are scored
    - ``threshold`` float64: the raw score of the last person listed

    :class:`ValueError` where a raw score is not finite or a person comes twice.
    """
    raw = scores["raw"].to_numpy(np.float64)
    if not np.isfinite(raw).all():
        raise ValueError(f"{int((~np.isfinite(raw)).sum())} of {len(raw)} raw scores are not finite: they have no rank")
    if scores["person_id"].duplicated().any():
        raise ValueError("a person has two rows: they would count twice in the denominator")
    practice = np.asarray(scores.groupby(PRACTICE, sort=False, observed=True).ngroup(), np.int64)
    sizes = np.bincount(practice) if len(practice) else np.zeros(0, np.int64)
    codes = scores.drop_duplicates(PRACTICE)["practice"].tolist()
    own = [capacity.get(code) if isinstance(capacity, Mapping) else capacity for code in codes]
    k = np.array(
        [held(int(size), fraction, most) for size, most in zip(sizes, own, strict=True)],
        np.int32,
    )
    starts = np.concatenate([[0], np.cumsum(sizes)])[:-1].astype(np.int64)

    order = np.lexsort((_tie_order(scores["person_id"].to_numpy(np.int64), practice, raw, tie_key), -raw, practice))
    rank = np.empty(len(raw), np.int32)
    rank[order] = np.arange(len(raw)) - starts[practice[order]] + 1
    cut = raw[order][starts + k - 1] if len(sizes) else np.zeros(0)
    return pd.DataFrame(
        {"rank": rank, "listed": rank <= k[practice], "k": k[practice], "threshold": cut[practice]}, index=scores.index
    )


def set_apart(scores: pd.DataFrame, inside: Collection[str] = ()) -> pd.DataFrame:
    """``scores``, drawn (:func:`draw`), with ``listed`` and ``threshold`` once those in sections of their own take no places.

    ``section`` (text) is empty for whoever is in none; those of ``inside`` take places like anybody. The ``k`` places go to the highest
    ranks that take one, and ``threshold`` is the raw score of the last of them. Whoever else of a section ranks above that last one is
    listed too, in the section and outside the places: nobody whom the list would hold without sections is lost, and nobody above its cut is.
    Where fewer people take places than there are, a section lists those whom the list would hold without sections, so that a practice of one
    care home is not one long list. Ranks and ``k`` stay.
    """
    by_rank = scores.sort_values("rank", kind="stable")
    practice = [by_rank[name] for name in PRACTICE]
    takes = by_rank["section"].isin(["", *inside])
    placed = takes & (takes.astype(np.int64).groupby(practice, observed=True).cumsum() <= by_rank["k"])
    last = by_rank["rank"].where(placed).groupby(practice, observed=True).transform("max")
    full = placed.groupby(practice, observed=True).transform("sum") == by_rank["k"]
    aside = ~takes & ((by_rank["rank"] <= by_rank["k"]) | full & (by_rank["rank"] < last))
    raw = by_rank["raw"].where(placed).groupby(practice, observed=True).transform("min")
    raw = raw.fillna(by_rank["raw"].where(aside).groupby(practice, observed=True).transform("min"))
    return scores.assign(listed=(placed | aside).reindex(scores.index), threshold=raw.reindex(scores.index))


def _tie_order(
    person_id: npt.NDArray[np.int64], practice: npt.NDArray[np.int64], raw: npt.NDArray[np.float64], key: bytes
) -> npt.NDArray[np.uint64]:
    """First 64 bits of the keyed hash of each person who ties with another of their practice; 0 for everyone else."""
    tied = pd.DataFrame({"practice": practice, "raw": raw}).duplicated(keep=False).to_numpy()
    order = np.zeros(len(raw), np.uint64)
    order[tied] = [
        int.from_bytes(hmac.digest(key, person.to_bytes(8, "big", signed=True), "sha256")[:8], "big")
        for person in person_id[tied].tolist()
    ]
    return order
