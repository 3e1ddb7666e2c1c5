"""A disk in memory that knows what a power loss would leave of it, and disks that fail when they are told to.

`MemoryDisk` keeps a log of every call that changes something. `states_after_power_loss` gives what the platter may hold when the
power goes at any point of that log: of what was not synced, everything, nothing, a prefix to the byte, or zeros where the data
should be; renames seen or not. `forgets` names a protection to leave out, so that a test can show that it would notice.
"""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

from triage.store.disk import Disk

State = dict[str, bytes]


@dataclass
class Inode:
    number: int
    data: bytearray = field(default_factory=bytearray)
    mode: int = 0o600


class MemoryDisk(Disk):
    """Files of one folder. Every path is taken by its last part."""

    def __init__(self, content: State | None = None, *, forgets: frozenset[str] = frozenset()) -> None:
        self.log: list[tuple] = []
        self.forgets = forgets
        self.names: dict[str, Inode] = {}
        self.fds: dict[int, Inode | None] = {}
        self._next = 100
        for name, data in (content or {}).items():
            self.names[name] = Inode(self._number(), bytearray(data))
        self.first = {name: inode.number for name, inode in self.names.items()}
        self.first_data = {inode.number: bytes(inode.data) for inode in self.names.values()}

    def open(self, path, flags, mode=0o777, **_):
        fd = self._number()
        if flags & os.O_DIRECTORY:
            self.fds[fd] = None
            return fd
        name = Path(path).name
        inode = self.names.get(name)
        if inode is None:
            if not flags & os.O_CREAT:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
            inode = self.names[name] = Inode(self._number(), mode=mode)
            self.log.append(("create", name, inode.number))
        elif flags & os.O_EXCL:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
        if flags & os.O_TRUNC and inode.data:
            inode.data.clear()
            self.log.append(("cut", inode.number, 0))
        self.fds[fd] = inode
        return fd

    def close(self, fd):
        del self.fds[fd]

    def write(self, fd, data):
        inode = self.fds[fd]
        inode.data += data
        self.log.append(("write", inode.number, bytes(data)))
        return len(data)

    def pread(self, fd, size, offset):
        return bytes(self.fds[fd].data[offset : offset + size])

    def ftruncate(self, fd, size):
        inode = self.fds[fd]
        del inode.data[size:]
        self.log.append(("cut", inode.number, size))

    def fsync(self, fd):
        inode = self.fds[fd]
        kind = "sync folder" if inode is None else "sync"
        if kind not in self.forgets:
            self.log.append((kind, inode.number if inode else 0))

    def replace(self, old, new):
        self.names[Path(new).name] = self.names.pop(Path(old).name)
        self.log.append(("rename", Path(old).name, Path(new).name))

    def unlink(self, path):
        del self.names[Path(path).name]
        self.log.append(("unlink", Path(path).name))

    def mkdir(self, path, mode=0o777):
        pass

    def stat(self, path):
        name = Path(path).name
        if name not in self.names:
            if "." in name:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
            return SimpleNamespace(
                st_dev=1, st_ino=1, st_size=0, st_mode=stat.S_IFDIR | 0o700, st_uid=os.geteuid()
            )
        return self._stat(self.names[name])

    def fstat(self, fd):
        return self._stat(self.fds[fd])

    def fchmod(self, fd, mode):
        self.fds[fd].mode = mode

    def flock(self, fd, operation):
        pass

    def states_after_power_loss(self, moment: int) -> list[State]:
        """What may be there if the power goes when `moment` calls of the log have returned."""
        safe, pending, names, renames = self._at(moment)
        states = []
        for seen in range(len(renames) + 1):
            visible = _renamed(names, renames[:seen])
            states += [
                {name: contents.get(number, b"") for name, number in visible.items()}
                for contents in _contents(safe, pending)
            ]
        return states

    def least_after_power_loss(self) -> State:
        """What is there for certain: what was synced, and nothing else."""
        safe, _, names, _ = self._at(len(self.log))
        return {name: safe.get(number, b"") for name, number in names.items()}

    def _at(self, moment: int):
        safe, pending = dict(self.first_data), {}
        names, renames = dict(self.first), []
        for kind, *rest in self.log[:moment]:
            if kind == "sync":
                number = rest[0]
                safe[number] = _written(safe.get(number, b""), pending.pop(number, []))
            elif kind == "sync folder":
                names, renames = _renamed(names, renames), []
            elif kind in ("write", "cut"):
                pending.setdefault(rest[0], []).append((kind, rest[1]))
            else:
                renames.append((kind, *rest))
        return safe, pending, names, renames

    def _number(self) -> int:
        self._next += 1
        return self._next

    def _stat(self, inode: Inode):
        return SimpleNamespace(
            st_dev=1,
            st_ino=inode.number,
            st_size=len(inode.data),
            st_mode=stat.S_IFREG | inode.mode,
            st_uid=os.geteuid(),
        )


def _written(data: bytes, steps) -> bytes:
    for kind, what in steps:
        data = data[:what] if kind == "cut" else data + what
    return data


def _renamed(names: dict[str, int], steps) -> dict[str, int]:
    names = dict(names)
    for kind, *rest in steps:
        if kind == "create":
            names[rest[0]] = rest[1]
        elif kind == "unlink":
            names.pop(rest[0], None)
        elif rest[0] in names:
            names[rest[1]] = names.pop(rest[0])
    return names


def _contents(safe: dict[int, bytes], pending) -> list[dict[int, bytes]]:
    found = [
        dict(safe),
        {**safe, **{number: _written(safe.get(number, b""), steps) for number, steps in pending.items()}},
    ]
    for number, steps in pending.items():
        found.append({**safe, number: _written(safe.get(number, b""), steps)})
        before = _written(safe.get(number, b""), steps[:-1])
        kind, what = steps[-1]
        if kind == "write":
            for cut in range(len(what)):
                found.append({**safe, number: before + what[:cut]})
                found.append({**safe, number: before + what[:cut] + bytes(len(what) - cut)})
    return found


class FailingDisk(Disk):
    """The real disk, but the next call of a kind fails: `disk.fail("write", errno.ENOSPC, after=10)` writes 10 bytes first."""

    def __init__(self) -> None:
        self._due: dict[str, tuple[int, int, bool]] = {}
        self._spared: dict[str, int] = {}
        self.calls: list[str] = []

    def fail(self, call: str, number: int, *, after: int = 0, always: bool = False) -> None:
        self._due[call] = (number, after, always)

    def spare(self, call: str, times: int) -> None:
        """Let the next calls of a kind through, before one fails."""
        self._spared[call] = times

    def mend(self) -> None:
        self._due.clear()

    def open(self, path, flags, mode=0o777):
        if flags & (os.O_RDWR | os.O_CREAT):
            self._step("open")
        return os.open(path, flags, mode)

    def write(self, fd, data):
        after = self._due.get("write", (0, 0, False))[1]
        if after:
            number, _, always = self._due["write"]
            self._due["write"] = (number, 0, always)
            return os.write(fd, data[:after])
        self._step("write")
        return os.write(fd, data)

    def fsync(self, fd):
        self._step("fsync")
        os.fsync(fd)

    def ftruncate(self, fd, size):
        self._step("ftruncate")
        os.ftruncate(fd, size)

    def replace(self, old, new):
        self._step("replace")
        Path(old).replace(new)

    def _step(self, call: str) -> None:
        self.calls.append(call)
        if self._spared.get(call, 0):
            self._spared[call] -= 1
        elif call in self._due:
            number, _, always = self._due[call]
            if not always:
                del self._due[call]
            raise OSError(number, os.strerror(number))
