"""One line of a journal: `crc32 SP length SP json LF`.

Owns the bytes of a line and nothing else: no file, no lock, no meaning of the JSON. The checksum is eight
lower-case hexadecimal digits over `length SP json`; the length counts the bytes of the JSON, so that a line
whose end was damaged is still told from a line that was never finished. Must never accept a line in which a
single bit differs from what was written.
"""

from __future__ import annotations

import json
from typing import Any, Final
from zlib import crc32

NEWLINE: Final = b"\n"
_HEAD: Final = 9
"""Bytes before the length: the checksum and a space."""
_LONGEST_LENGTH: Final = 20
_BATCH: Final = 200
"""Lines decoded in one call: enough for speed, few enough that other threads wait only milliseconds."""

# Only ASCII, so that lone surrogates survive, and no line feed inside; no NaN, which is not JSON.
_encode = json.JSONEncoder(ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode


def seal(body: bytes) -> bytes:
    """Return the line that holds this JSON."""
    counted = b"%d %b" % (len(body), body)
    return b"%08x %b\n" % (crc32(counted), counted)


def encode(value: object) -> bytes:
    """Return compact JSON in ASCII; ValueError when JSON cannot hold the value and give it back."""
    try:
        return _encode(value).encode("ascii")
    except (TypeError, RecursionError) as error:
        raise ValueError(str(error)) from error


def decode(body: bytes) -> Any:
    """Return what a replay of this JSON gives; ValueError when it cannot be read."""
    try:
        return json.loads(body)
    except RecursionError as error:
        raise ValueError(str(error)) from error


def decode_all(bodies: list[bytes]) -> list[Any]:
    """Return what a replay of each gives: `decode`, several times faster."""
    values: list[Any] = []
    for start in range(0, len(bodies), _BATCH):
        values += json.loads(b"[" + b",".join(bodies[start : start + _BATCH]) + b"]")
    return values


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


def intact_lines(data: bytes, offset: int = 0) -> tuple[list[bytes], list[int], int]:
    """Return the intact lines' JSON from `offset` on, their offsets, and where the first other byte is."""
    bodies: list[bytes] = []
    offsets: list[int] = []
    while span := body_span(data, offset):
        start, end = span
        if not is_intact(data, offset, end):
            break
        bodies.append(data[start:end])
        offsets.append(offset)
        offset = end + 1
    return bodies, offsets, offset
