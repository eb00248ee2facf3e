"""The bytes of a file in the database: written in pieces, read from any place.

In the database, since the page that takes the file and the worker that reads it may run on two
machines; in pieces, since a file may be larger than what a process should hold.
"""

import io
from collections.abc import Iterable
from typing import Any

from callbacks.exchange.models import ExchangeJob, ExchangePiece

PIECE = 256 * 1024


def write_pieces(job: ExchangeJob, parts: Iterable[bytes], *, first: int = 0) -> int:
    """Store the parts, from piece number ``first`` on. Returns how many bytes they were."""
    kept, number, size = bytearray(), first, 0
    for part in parts:
        kept += part
        size += len(part)
        while len(kept) >= PIECE:
            _add(job, number, bytes(kept[:PIECE]))
            del kept[:PIECE]
            number += 1
    if kept:
        _add(job, number, bytes(kept))
    return size


def _add(job: ExchangeJob, number: int, content: bytes) -> None:
    ExchangePiece.objects.create(job=job, number=number, content=content)


class _Stored(io.RawIOBase):
    """The pieces as one file that can be read and searched."""

    def __init__(self, job: ExchangeJob, size: int) -> None:
        super().__init__()
        self._job = job
        self._size = size
        self._place = 0
        self._number = -1
        self._piece = b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        self._place = max(0, start + offset)
        return self._place

    def tell(self) -> int:
        return self._place

    def readinto(self, buffer: Any) -> int:
        number, within = divmod(self._place, PIECE)
        if number != self._number:
            found = self._job.pieces.filter(number=number).values_list("content", flat=True).first()
            self._number, self._piece = number, bytes(found or b"")
        part = self._piece[within : within + len(buffer)]
        buffer[: len(part)] = part
        self._place += len(part)
        return len(part)


def opened(job: ExchangeJob, size: int) -> io.BufferedReader:
    """The stored file of a job, of so many bytes, as any reader of files wants it."""
    return io.BufferedReader(_Stored(job, size), buffer_size=64 * 1024)
