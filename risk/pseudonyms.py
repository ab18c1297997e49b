"""What a reader is given in place of ``person_id``: an opaque text that differs from reader to reader.

AES-SIV (RFC 5297) of the number, with the reader as associated data: the same person has the same text for one reader
always, two readers cannot compare theirs, and a text that was not made for this reader does not open.
"""

from __future__ import annotations

import base64
import binascii
import re

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from risk.keys import Secret

#: 16 bytes of synthetic IV and 8 of number, in base 32.
_SHAPE = re.compile(r"[a-z2-7]{39}")


class Pseudonyms:
    """Texts for one reader, under the installation's person key."""

    def __init__(self, key: Secret, reader: str) -> None:
        self._cipher = AESSIV(key.derived("pseudonym", 64))
        self._reader = [reader.encode()]

    def of(self, person_id: int) -> str:
        """The reader's text for a person: 39 lower-case letters and digits."""
        sealed = self._cipher.encrypt(person_id.to_bytes(8, "big", signed=True), self._reader)
        return base64.b32encode(sealed).rstrip(b"=").lower().decode()

    def person(self, text: str) -> int | None:
        """Whose text it is; None where it is not one made for this reader."""
        if not _SHAPE.fullmatch(text):
            return None
        try:
            sealed = base64.b32decode(text.upper() + "=")
            person_id = int.from_bytes(self._cipher.decrypt(sealed, self._reader), "big", signed=True)
        except (InvalidTag, binascii.Error):
            return None
        return person_id if self.of(person_id) == text else None  # base 32 has spare bits at its end
