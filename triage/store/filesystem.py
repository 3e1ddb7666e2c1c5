"""Which file system a folder lies on, and whether what the journal relies on holds there.

Owns the list of kinds on which locks and `fsync` are not what they are on a local disk. Must never guess:
where the system does not say (no mountinfo, as on macOS), nothing is claimed.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from msgspec import Struct

MOUNTINFO: Final = Path("/proc/self/mountinfo")
HINT: Final = "Set TRIAGE_HOME to a folder on a disk of this machine."
_SHARED: Final = re.compile(
    r"nfs4?|cifs|smb3|smbfs|9p|lustre|gpfs|afs|ceph|beegfs|drvfs|vboxsf"
    r"|fuse\.(sshfs|rclone|s3fs|gcsfuse|glusterfs|ceph-fuse|.*drive.*|.*dropbox.*)"
)
_WINDOWS: Final = re.compile(r"drvfs|[A-Za-z]:\\")
_FIXED: Final = 6
"""Fields before the optional ones: ids, device, root, mount point, options."""
_OCTAL: Final = re.compile(r"\\([0-7]{3})")


class Mount(Struct, frozen=True):
    """A line of mountinfo: where something is mounted, its kind, and what it is mounted from."""

    point: Path
    kind: str
    source: str

    @property
    def is_shared(self) -> bool:
        """Tell whether other machines, or Windows beside this Linux, have a hand in it."""
        return bool(_SHARED.fullmatch(self.kind) or _WINDOWS.match(self.source))


def mounts(text: str) -> tuple[Mount, ...]:
    """Read mountinfo (proc_pid_mountinfo(5)); lines of another shape are left out."""
    found = (_mount(line) for line in text.splitlines())
    return tuple(mount for mount in found if mount is not None)


def mount_of(folder: Path, known: tuple[Mount, ...]) -> Mount | None:
    """Return the mount that an absolute folder lies on: the longest point above it, of equals the last."""
    above = [mount for mount in known if folder.is_relative_to(mount.point)]
    return max(reversed(above), key=lambda mount: len(mount.point.parts), default=None)


def place_of(folder: Path, mountinfo: Path = MOUNTINFO) -> Mount | None:
    """Return what a folder lies on, links in its path followed; None where the system does not say."""
    try:
        text = mountinfo.read_text(errors="surrogateescape")
    except OSError:
        return None
    return mount_of(Path(os.path.realpath(folder)), mounts(text))


def warning_for(folder: Path, mountinfo: Path = MOUNTINFO) -> str:
    """Say that a folder is no safe place for what must not be lost; empty if it is, or if nobody knows."""
    mount = place_of(folder, mountinfo)
    if mount is None or not mount.is_shared:
        return ""
    return f"{folder} is on a shared file system ({mount.kind}): nothing is promised there."


def _mount(line: str) -> Mount | None:
    before, _, after = line.partition(" - ")
    fields, (kind, source, *options) = before.split(" "), (after + "  ").split(" ")
    if len(fields) < _FIXED or not kind:
        return None
    is_windows = "aname=drvfs" in options[0]
    return Mount(Path(_plain(fields[4])), kind, "drvfs" if is_windows else _plain(source))


def _plain(text: str) -> str:
    """Undo the octal escapes of blanks, line feeds and backslashes."""
    return _OCTAL.sub(lambda escape: chr(int(escape[1], 8)), text)
