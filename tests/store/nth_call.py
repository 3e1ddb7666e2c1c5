"""A disk in memory on which the n-th call fails, once or from then on, and the lives of a journal that is tried on it."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from power_loss import MemoryDisk

from triage.errors import StoreError
from triage.store.migrations import Contents, Migration
from triage.store.salvage import salvage
from triage.store.tiny import JournalDB

NAME = "outbox.journal"
PATH = f"/m/{NAME}"
NUMBERS = (errno.EIO, errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EMFILE, errno.EINTR)
CALLS = (
    "open",
    "write",
    "pread",
    "fsync",
    "ftruncate",
    "replace",
    "unlink",
    "stat",
    "fstat",
    "fchmod",
    "flock",
)


class NthCallFails(MemoryDisk):
    """The n-th call from `arm` on fails with an error number; with `lasting` all later ones too.

    `short` lets half of the bytes of a failing write through first, as a disk does that fills up.
    """

    def __init__(self, content: dict[str, bytes] | None = None) -> None:
        super().__init__(content)
        self.count = 0
        self._fails_at: int | None = None
        self._error = errno.EIO
        self._lasting = self._short = False

    def arm(self, at: int, number: int, *, lasting: bool, short: bool = False) -> None:
        self.count, self._fails_at = 0, at
        self._error, self._lasting, self._short = number, lasting, short

    def mend(self) -> None:
        self._fails_at = None

    def fails_now(self) -> bool:
        self.count += 1
        if self._fails_at is None:
            return False
        return self.count >= self._fails_at if self._lasting else self.count == self._fails_at

    def error(self) -> OSError:
        return OSError(self._error, os.strerror(self._error))

    def write(self, fd, data):
        if self.fails_now():
            if self._short:
                super().write(fd, data[: len(data) // 2])
            raise self.error()
        return super().write(fd, data)

    def files(self) -> dict[str, bytes]:
        return {name: bytes(inode.data) for name, inode in self.names.items()}


def _failing(call: str) -> Callable[..., Any]:
    plain = getattr(MemoryDisk, call)

    def made(self: NthCallFails, *arguments: Any, **options: Any) -> Any:
        if self.fails_now():
            raise self.error()
        return plain(self, *arguments, **options)

    return made


for _call in CALLS:
    if _call != "write":
        setattr(NthCallFails, _call, _failing(_call))


@dataclass
class Life:
    """What one process did with a journal: which documents it was told are recorded, and which are not."""

    disk: NthCallFails
    options: dict[str, Any]
    acked: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    db: JournalDB | None = None

    def open(self) -> None:
        try:
            self.db = JournalDB(PATH, disk=self.disk, **self.options)
        except StoreError as error:
            self.said.append(error.message)

    def act(self, act: Callable[[JournalDB], object], *ids: str) -> None:
        if self.db is None:
            return
        try:
            act(self.db)
        except StoreError as error:
            self.said.append(error.message)
            self.refused += ids
        else:
            self.acked += ids

    def insert(self, *ids: str) -> None:
        self.act(lambda db: db.table("items").insert_multiple({"id": one} for one in ids), *ids)


def working(life: Life) -> None:
    """Open, commit, compact, replace a table, see what another wrote, commit."""
    life.open()
    life.insert("a")
    life.insert("b", "c")
    life.act(JournalDB.compact)
    life.insert("d")
    life.act(lambda db: db.replace_table("notes", [{"n": 1}, {"n": 2}]))
    life.act(JournalDB.refresh)
    life.insert("e")


def opening(life: Life) -> None:
    """Open what is there, and commit."""
    life.open()
    life.insert("new")


def following(life: Life) -> None:
    """See what another process wrote, compacted and wrote."""
    life.open()
    other = _beside(life)
    other.table("items").insert({"id": "theirs"})
    life.act(JournalDB.refresh)
    other.compact()
    other.table("items").insert({"id": "theirs too"})
    other.close()
    life.insert("mine")


def _beside(life: Life) -> JournalDB:
    """Open the same files with a disk that is well."""
    well = MemoryDisk()
    well.names, well.fds, well.log = life.disk.names, {}, life.disk.log
    well._next = life.disk._next + 10_000
    return JournalDB(PATH, disk=well, **life.options)


def salvaging(life: Life) -> None:
    """Salvage, open, commit."""
    try:
        salvage(PATH, disk=life.disk, migrations=life.options.get("migrations", ()))
    except StoreError as error:
        life.said.append(error.message)
    life.open()
    life.insert("new")


def _written(*, compacted: bool = False) -> dict[str, bytes]:
    disk = MemoryDisk()
    db = JournalDB(PATH, disk=disk)
    db.table("items").insert_multiple([{"id": "x"}, {"id": "y"}])
    if compacted:
        db.compact()
    db.table("items").insert({"id": "z"})
    db.close()
    return {name: bytes(inode.data) for name, inode in disk.names.items()}


def _torn() -> dict[str, bytes]:
    files = _written()
    files[NAME] += b"12345678 99 {"
    return files


def _damaged() -> dict[str, bytes]:
    files = _written(compacted=True)
    return files | {NAME: files[NAME].replace(b'"y"', b'"Y"')}


def _same(contents: Contents) -> None:
    contents.setdefault("notes", {})


@dataclass(frozen=True)
class Setting:
    """What is there at first, what is done, and what must be there whatever fails."""

    name: str
    live: Callable[[Life], None]
    files: Callable[[], dict[str, bytes]] = dict
    options: dict[str, Any] = field(default_factory=dict)
    base: tuple[str, ...] = ()
    stays_damaged: bool = False
    """It can be that the file is as damaged afterwards as before: nobody salvaged it."""


SETTINGS = (
    Setting("working in a new journal", working),
    Setting("opening what is there", opening, _written, base=("x", "y", "z")),
    Setting("opening a torn end", opening, _torn, base=("x", "y", "z")),
    Setting(
        "opening an older format", opening, _written, {"migrations": [Migration("", _same)]}, ("x", "y", "z")
    ),
    Setting("following another process", following, _written, base=("x", "y", "z")),
    Setting("salvaging", salvaging, _damaged, base=("x", "z"), stays_damaged=True),
    Setting(
        "opening a damaged journal",
        opening,
        _damaged,
        {"reads_damaged": True},
        ("x", "z"),
        stays_damaged=True,
    ),
    Setting("opening a damaged cache", opening, _damaged, {"durable": False}),
)


def faults(setting: Setting, *, numbers: tuple[int, ...] = NUMBERS) -> Iterator[tuple[int, int, bool, bool]]:
    """Yield each call that a life makes, with each way in which it can fail."""
    life = Life(NthCallFails(setting.files()), setting.options)
    setting.live(life)
    assert not life.refused or setting.stays_damaged
    for at in range(1, life.disk.count + 1):
        for number in numbers:
            for lasting in (False, True):
                yield at, number, lasting, number == errno.ENOSPC
