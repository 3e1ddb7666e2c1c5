"""A journal's lines as they are written afresh: each document once, and where each lies then.

Owns the order of a new file's lines. Must never decode what is only copied: its bytes are checked, and moved.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from triage.store.bodies import Filed, OpenFile
from triage.store.outlined import Outliner, last_place
from triage.store.record import encode, head_size, seal, spliced, written
from triage.store.replay import Change, header_line


class Rewriting:
    """The lines of a new file, a snapshot of some changes.

    A change that puts a document puts that one and does nothing else.
    """

    def __init__(
        self,
        changes: Iterable[Change],
        count: int,
        sequence: int,
        version: int,
        outliner: Outliner | None = None,
    ) -> None:
        """`count` is how many changes there are: the header says it, and comes first.

        With an outliner of the new file it is noted what a replay of that gives.
        """
        self.taken: Change = {}
        """All that the changes do as one change, each document as a replay of the new file gives it."""
        self._changes = changes
        self._header = header_line(sequence, count, version)
        self._outliner = outliner
        self._moved: list[tuple[Filed, int]] = []

    def lines(self) -> Iterator[bytes]:
        """Yield the header and a line for each change; ValueError for what JSON cannot hold.

        CorruptJournal, StoreError where a document on the disk does not read.
        """
        yield self._header
        offset = len(self._header)
        for number, change in enumerate(self._changes, start=1):
            line = seal(self._body(number, change, offset))
            yield line
            offset += len(line)

    def settle(self, file: OpenFile) -> None:
        """Let the documents that were copied lie in the new file."""
        for document, offset in self._moved:
            document.move(file, offset)
        file.is_lent = bool(self._moved)

    def _body(self, number: int, change: Change, offset: int) -> bytes:
        [(name, part)] = change.items()
        [(key, document)] = part.get("p", {"": None}).items()
        raw = self._json(name, document)
        if raw is None:
            body, line = written({"b": number, "t": change})
            self._take(name, line["t"][name])
            return body
        body = spliced({"b": number, "t": {name: {"p": {key: msgspec.Raw(raw)}}}})
        at = offset + head_size(body) + last_place(body, raw)
        if isinstance(document, Filed):
            self._moved.append((document, at))
        if self._outliner is not None:
            self._puts(name)[key] = self._outliner.document(name, raw, at)
        return body

    def _json(self, name: str, document: object) -> bytes | None:
        """Return the JSON of a document that is JSON already, or that will lie on the disk."""
        if isinstance(document, Filed):
            return document.raw()
        if isinstance(document, msgspec.Raw):
            return document
        if self._outliner is None or document is None or not self._outliner.files(name):
            return None
        return encode(document)

    def _take(self, name: str, part: dict[str, Any]) -> None:
        if self._outliner is not None:
            self._puts(name).update(part.pop("p", {}))
            self.taken[name].update(part)

    def _puts(self, name: str) -> dict[str, Any]:
        """Return the documents of a table that are taken so far."""
        puts: dict[str, Any] = self.taken.setdefault(name, {"p": {}})["p"]
        return puts


def snapshot_bodies(changes: Iterable[Change]) -> list[bytes]:
    """Return the JSON of a snapshot's lines; ValueError for what JSON cannot hold."""
    return [encode({"b": number, "t": change}) for number, change in enumerate(changes, start=1)]
