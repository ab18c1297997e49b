"""A file of an export as it goes out: without whoever was hidden since it was made, and in the audit before its first byte."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice
from typing import IO

from fastapi.responses import StreamingResponse

from serving.fhir.bulk.asking import MEDIA_TYPE
from serving.fhir.bulk.keeping import Job
from serving.security.caller import Caller

#: Lines whose people are asked about at once, and bytes that go out together.
AT_A_TIME, PIECE = 500, 64 * 1024


def people(caller: Caller, job: Job, lines: IO[bytes]) -> list[int]:
    """Who is in a file, read from its beginning, and may be shown now, once each."""
    found: dict[int, None] = {}
    store, said = caller.installation.store, job.said
    lines.seek(0)
    ids = (line.partition(b"\t")[0] for line in lines)
    while some := list(islice(ids, AT_A_TIME)):
        asked = {number for one in some if (number := caller.pseudonyms.person(one.decode())) is not None}
        found |= dict.fromkeys(sorted(store.still_shown(said["run"], asked, said["practice"], said["scheme"])))
    return list(found)


def sent(caller: Caller, lines: IO[bytes], shown: Collection[int]) -> StreamingResponse:
    """The lines about those ``shown``, without what each begins with here; the file is closed when they are out."""
    kept = {caller.pseudonyms.of(number).encode() for number in shown}
    return StreamingResponse(_pieces(lines, kept), 200, media_type=MEDIA_TYPE)


def _pieces(lines: IO[bytes], kept: Collection[bytes]) -> Iterator[bytes]:
    piece = bytearray()
    with lines:
        lines.seek(0)
        for line in lines:
            person, _, resource = line.partition(b"\t")
            if person in kept:
                piece += resource
            if len(piece) >= PIECE:
                yield bytes(piece)
                piece.clear()
    if piece:
        yield bytes(piece)
