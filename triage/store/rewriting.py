"""A journal's lines as they are written afresh: each document once, and where each lies then.

Owns the order of a new file's lines. Must never decode what is only copied: its bytes are checked, and moved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from triage.store.bodies import Filed, OpenFile
from triage.store.record import encode, head_size, seal, spliced
from triage.store.replay import Change, header_line

Took = Callable[[bytes, int], object]
"""What is told of the JSON of each line, and of the offset at which it lies in the new file."""


class Rewriting:
    """The lines of a new file, a snapshot of some changes. Each change puts one document at most."""

    def __init__(
        self, changes: Iterable[Change], count: int, sequence: int, version: int, took: Took | None = None
    ) -> None:
        """`count` is how many changes there are: the header says it, and comes first."""
        self._changes = changes
        self._header = header_line(sequence, count, version)
        self._took = took
        self._moved: list[tuple[Filed, int]] = []

    def lines(self) -> Iterator[bytes]:
        """Yield the header and a line for each change; ValueError for what JSON cannot hold.

        CorruptJournal, StoreError where a document on the disk does not read.
        """
        yield self._header
        offset = len(self._header)
        for number, change in enumerate(self._changes, start=1):
            body = self._body(number, change, offset)
            line = seal(body)
            if self._took is not None:
                self._took(body, offset + head_size(body))
            yield line
            offset += len(line)

    def settle(self, file: OpenFile) -> None:
        """Let the documents that were copied lie in the new file."""
        for document, offset in self._moved:
            document.move(file, offset)
        file.is_lent = bool(self._moved)

    def _body(self, number: int, change: Change, offset: int) -> bytes:
        document = _document(change)
        if isinstance(document, Filed):
            raw = document.raw()
            body = _with_raw(number, change, raw)
            self._moved.append((document, offset + head_size(body) + body.rindex(raw)))
            return body
        if isinstance(document, msgspec.Raw):
            return spliced({"b": number, "t": change})
        return encode({"b": number, "t": change})


def snapshot_bodies(changes: Iterable[Change]) -> list[bytes]:
    """Return the JSON of a snapshot's lines; ValueError for what JSON cannot hold."""
    return [encode({"b": number, "t": change}) for number, change in enumerate(changes, start=1)]


def _document(change: Change) -> Any:
    part: dict[str, Any] = next(iter(change.values()), {})
    return next(iter(part.get("p", {}).values()), None)


def _with_raw(number: int, change: Change, raw: bytes) -> bytes:
    [(name, part)] = change.items()
    [key] = part["p"]
    return spliced({"b": number, "t": {name: {**part, "p": {key: msgspec.Raw(raw)}}}})
