"""A new key for an identity store, and the proof that it changed every token and nobody."""

from __future__ import annotations

from dataclasses import dataclass

from features.errors import FrailtyError
from features.linkage.identity import IdentityStore
from features.linkage.sealing import make_key


class RotationFailed(FrailtyError):
    """After a rotation the store does not say what it said: a fault of the product."""


@dataclass(frozen=True)
class Rotated:
    """What a rotation did: ``people`` of whom every ``person_id`` is as it was, ``tokens`` made anew, and the hash of what the store
    says, which is the same before and after."""

    people: int
    tokens: int
    says: str


def rotate(identity: IdentityStore) -> Rotated:
    """Give ``identity`` a new key. :class:`RotationFailed` where a token stayed, or something said did not."""
    before = identity.contents()
    identity.rotate(make_key())
    after = identity.contents()
    kept = len(before.tokens & after.tokens)
    if kept or (before.says, before.people, len(before.tokens)) != (after.says, after.people, len(after.tokens)):
        raise RotationFailed(
            f"after the rotation {kept} tokens of the old key are left, or the store says something else than before; "
            "restore the identity store and its key from their backup"
        )
    return Rotated(after.people, len(after.tokens), after.says)
