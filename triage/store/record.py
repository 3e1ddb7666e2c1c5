"""One line of a journal: `crc32 SP length SP json LF`.

Owns the bytes of a line and nothing else: no file, no lock, no meaning of the JSON. The checksum is eight
lower-case hexadecimal digits over `length SP json`; the length counts the bytes of the JSON, so that a line
whose end was damaged is still told from a line that was never finished. Must never accept a line in which a
single bit differs from what was written.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any, Final
from zlib import crc32

import msgspec

NEWLINE: Final = b"\n"
_HEAD: Final = 9
"""Bytes before the length: the checksum and a space."""
_LONGEST_LENGTH: Final = 20
_LONGEST_HEAD: Final = _HEAD + _LONGEST_LENGTH + 1
_KEPT: Final = 4 << 20
"""Bytes of memory that are kept for the next line; a longer one gives its memory back."""
HOLE: Final = b"\0"
"""Stands in JSON for a piece of JSON that is put there later: no JSON holds this byte."""
_PIECE: Final = 1 << 20
"""Bytes read at a time: a file of any size is read in the room of a few of these."""

_quick = msgspec.json.Encoder()
# For what the quick one would change or refuse: ASCII, so that lone surrogates survive; no NaN.
_careful = json.JSONEncoder(ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode
_read_quickly = msgspec.json.Decoder().decode


def seal(body: bytes) -> bytes:
    """Return the line that holds this JSON."""
    return b"".join((_head(body), body, NEWLINE))


class Slate:
    """Where a line is put together from pieces: in the same memory each time.

    What is fresh has to be made by the system page by page, which costs more than all that is copied there.
    """

    def __init__(self) -> None:
        self._memory = BytesIO()

    @contextmanager
    def line(self, body: Iterable[bytes]) -> Iterator[memoryview]:
        """Give the line that holds this JSON, for the length of a block."""
        memory, self._memory = self._memory, BytesIO()
        memory.seek(_LONGEST_HEAD)
        memory.writelines(body)
        end = memory.tell()
        memory.write(NEWLINE)
        with memory.getbuffer() as whole:
            with whole[_LONGEST_HEAD:end] as json:
                head = _head(json)
            start = _LONGEST_HEAD - len(head)
            whole[start:_LONGEST_HEAD] = head
            with whole[start : end + 1] as line:
                yield line
        if end <= _KEPT:  # and nothing failed: whoever tells of that may hold the line still
            self._memory = memory


def head_size(body: bytes) -> int:
    """Return where in its line this JSON begins."""
    return _HEAD + len(str(len(body))) + 1


def written(value: object) -> tuple[bytes, Any]:
    """Return compact JSON and what a replay of it gives; ValueError when JSON cannot hold the value.

    The quick encoder turns NaN into null and dates into texts: only what comes back equal was kept by it.
    """
    try:
        body = _quick.encode(value)
        replayed = _read_quickly(body)
        is_kept = replayed == value
    except (TypeError, ValueError, RecursionError, msgspec.MsgspecError):
        is_kept = False
    if not is_kept:
        body = _written_carefully(value)
        replayed = decode(body)
    return body, replayed


def encode(value: object) -> bytes:
    """Return compact JSON; ValueError when JSON cannot hold the value and give it back."""
    return written(value)[0]


def spliced(value: object) -> bytes:
    """Return the JSON of plain dicts, texts and numbers, in which a `msgspec.Raw` stands for its own JSON."""
    return _quick.encode(value)


def decode(body: bytes) -> Any:
    """Return what a replay of this JSON gives; ValueError when it cannot be read."""
    try:
        return _read_quickly(body)
    except (ValueError, RecursionError, msgspec.MsgspecError):
        return _read_carefully(body)


def decode_all(bodies: list[bytes]) -> list[Any]:
    """Return what a replay of each gives."""
    return [decode(body) for body in bodies]


def body_span(data: bytes, offset: int) -> tuple[int, int] | None:
    """Return where the JSON of the line at `offset` begins and ends by its length; None if that is off."""
    space = data.find(b" ", offset + _HEAD, offset + _HEAD + _LONGEST_LENGTH)
    digits = data[offset + _HEAD : space] if space > 0 else b""
    if not digits.isdigit():
        return None
    return space + 1, space + 1 + int(digits)


def is_intact(data: bytes, offset: int, end: int) -> bool:
    """Tell whether the line from `offset`, with its line feed at `end`, is exactly what was written."""
    return data[end : end + 1] == NEWLINE and has_checksum(data, offset, end)


def has_checksum(data: bytes, offset: int, end: int) -> bool:
    """Tell whether the checksum at `offset` is that of the bytes behind it, up to `end`."""
    return data[offset : offset + _HEAD] == b"%08x " % crc32(memoryview(data)[offset + _HEAD : end])


class IntactLines:
    """The intact lines from an offset of a file on, read a piece at a time, and where they end.

    `read` gives the bytes at an offset, at most so many; none at the end of the file.
    """

    def __init__(self, read: Callable[[int, int], bytes], offset: int = 0) -> None:
        self._read = read
        self.end = offset
        """Offset of the first byte that belongs to no intact line, as far as was read."""

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        """Yield the offset of each line and its JSON."""
        data, at, is_whole = b"", 0, False
        while True:
            span = body_span(data, at)
            lacks = (span[1] + 1 if span else at + _HEAD + _LONGEST_LENGTH) - len(data)
            if lacks > 0 and not is_whole:
                # A length that is off may claim anything: no more is taken at once than is there already.
                piece = self._read(self.end + len(data) - at, max(_PIECE, min(lacks, len(data))))
                data, at, is_whole = data[at:] + piece, 0, not piece
                continue
            if span is None or not is_intact(data, at, span[1]):
                return
            offset, before, at = self.end, at, span[1] + 1
            self.end += at - before
            yield offset, data[span[0] : span[1]]


def _head(body: bytes | memoryview) -> bytes:
    length = b"%d " % len(body)
    return b"%08x %b" % (crc32(body, crc32(length)), length)


def _written_carefully(value: object) -> bytes:
    try:
        return _careful(value).encode("ascii")
    except (TypeError, RecursionError) as error:
        raise ValueError(str(error)) from error


def _read_carefully(body: bytes) -> Any:
    try:
        return json.loads(body)
    except RecursionError as error:
        raise ValueError(str(error)) from error
