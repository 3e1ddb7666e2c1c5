"""Documents that stay on the disk: of each, memory holds a small part and where the rest lies.

Owns the open file that they lie in, for as long as anyone holds one of them, and reading one from any thread:
no state of a journal is touched, and what does not have the checksum that it had is never handed out.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from zlib import crc32

from msgspec import Struct

from triage.errors import StoreError
from triage.store.record import decode
from triage.store.replay import damaged

if TYPE_CHECKING:
    from pathlib import Path

    from triage.store.disk import Disk

Document = dict[str, Any]


class OpenFile:
    """An open file: read by any thread, until it is closed or nobody holds it."""

    def __init__(self, path: Path, disk: Disk, fd: int | None = None) -> None:
        """`fd` may come later, with `opened`: a file has its documents before it has its name."""
        self.path = path
        self.damage: int | None = None
        """Offset of the first document that was found damaged when it was read."""
        self.is_lent = False
        """Whether documents are left in it, which others may hold."""
        self._disk = disk
        self._fd = fd
        # A look must never meet a number that was closed, and that another file has by now.
        self._lock = threading.Lock()

    @property
    def fd(self) -> int:
        """The descriptor; StoreError when it is closed."""
        if self._fd is None:
            raise StoreError(f"{self.path.name} is closed.")
        return self._fd

    @property
    def is_closed(self) -> bool:
        """Tell whether it was closed."""
        return self._fd is None

    def opened(self, fd: int) -> None:
        """Take the descriptor of the file that was written in the meantime."""
        self._fd = fd

    def read(self, offset: int, size: int) -> bytes:
        """Return at most so many bytes at an offset; OSError as it comes, StoreError when it is closed."""
        with self._lock:
            return self._disk.pread(self.fd, size, offset)

    def close(self) -> None:
        """Give it back; harmless when done already."""
        with self._lock:
            fd, self._fd = self._fd, None
        if fd is not None:
            self._disk.close(fd)

    def __del__(self) -> None:
        with contextlib.suppress(OSError):
            self.close()


class Place(Struct, frozen=True, gc=False):
    """Where a document's JSON lies. There are as many as documents: none takes more room than it must."""

    file: OpenFile
    offset: int
    length: int
    checksum: int


class Filed(Struct, eq=False, gc=False):
    """A document on the disk: the part of it that is looked at in memory, and where the whole of it lies."""

    part: Any
    place: Place

    def __deepcopy__(self, memo: object) -> Filed:
        """Return itself: what lies on the disk is not changed."""
        return self

    def move(self, file: OpenFile, offset: int) -> None:
        """Take note that the very same bytes lie in another file by now."""
        # At once: a reader in another thread must never meet half of it.
        self.place = Place(file, offset, self.place.length, self.place.checksum)

    def raw(self) -> bytes:
        """Return its JSON; CorruptJournal when it is not what it was, StoreError when it cannot be read."""
        while True:
            place = self.place
            try:
                return _checked(place)
            except StoreError:
                # It has moved while it was read: then it is read where it lies now.
                if self.place is place:
                    raise

    def document(self) -> Document:
        """Return the whole of it, the caller's own; raises as `raw` does."""
        whole: Document = decode(self.raw())
        return whole


class Rows(Mapping[int, Document]):
    """Documents by id, of which those on the disk are read when they are asked for."""

    def __init__(self, held: Mapping[int, Document | Filed]) -> None:
        self._held = held

    def __len__(self) -> int:
        return len(self._held)

    def __iter__(self) -> Iterator[int]:
        return iter(self._held)

    def __contains__(self, doc_id: object) -> bool:
        return doc_id in self._held

    def __getitem__(self, doc_id: int) -> Document:
        return whole(self._held[doc_id])


def whole(row: Document | Filed) -> Document:
    """Return a document wherever it is."""
    return row.document() if isinstance(row, Filed) else row


def _checked(place: Place) -> bytes:
    file, offset = place.file, place.offset
    try:
        data = file.read(offset, place.length)
    except OSError as error:
        file.damage = offset
        raise StoreError(f"{file.path} cannot be read: {error.strerror}.") from error
    if len(data) != place.length or crc32(data) != place.checksum:
        file.damage = offset
        raise damaged(file.path, offset, "what was written there does not read")
    return data
