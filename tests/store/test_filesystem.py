"""Where the files lie: a shared file system is named before it loses anything, and nothing is claimed of others."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.store.filesystem import Mount, mount_of, mounts, place_of, warning_for

SHARED = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "lustre", "gpfs", "afs", "ceph", "drvfs", "vboxsf")
SHARED += ("fuse.sshfs", "fuse.rclone", "fuse.google-drive-ocamlfuse", "fuse.onedriver")
LOCAL = ("ext4", "xfs", "btrfs", "zfs", "tmpfs", "overlay", "fuse.encfs", "fuse.ntfs-3g")
ROOT = "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"


def line(point: str, kind: str, source: str = "server:/export", options: str = "rw") -> str:
    return f"40 22 0:33 / {point} rw,nosuid shared:7 master:2 - {kind} {source} {options}\n"


@pytest.mark.parametrize("kind", SHARED)
def test_a_home_on_a_shared_file_system_is_warned_of(kind: str, tmp_path) -> None:
    (tmp_path / "mountinfo").write_text(ROOT + line("/home", kind))
    said = warning_for(Path("/home/robin/.local/state/triage"), tmp_path / "mountinfo")
    assert f"({kind})" in said
    assert "/home/robin" in said
    assert warning_for(Path("/var/lib"), tmp_path / "mountinfo") == ""


@pytest.mark.parametrize("kind", LOCAL)
def test_a_local_file_system_is_not(kind: str, tmp_path) -> None:
    (tmp_path / "mountinfo").write_text(ROOT + line("/home", kind, "/dev/mapper/home"))
    assert warning_for(Path("/home/robin"), tmp_path / "mountinfo") == ""


@pytest.mark.parametrize(
    "mount",
    [
        line("/mnt/c", "9p", "drvfs", "rw,aname=drvfs;path=C:\\134;uid=1000"),
        line("/mnt/c", "drvfs", "C:\\134"),
        line("/mnt/c", "virtiofs", "drvfsaC"),
        line("/mnt/c", "virtiofs", "none", "rw,aname=drvfs"),
    ],
)
def test_a_drive_of_windows_beside_this_linux_is_warned_of(mount: str, tmp_path) -> None:
    (tmp_path / "mountinfo").write_text(ROOT + mount)
    assert "shared" in warning_for(Path("/mnt/c/Users/robin"), tmp_path / "mountinfo")


def test_the_longest_mount_point_above_counts_whatever_the_order() -> None:
    text = line("/home/robin/disk", "ext4") + line("/home", "nfs4") + ROOT
    for known in (mounts(text), tuple(reversed(mounts(text)))):
        assert mount_of(Path("/home/robin/disk/x"), known).kind == "ext4"
        assert mount_of(Path("/home/robin/diskette"), known).kind == "nfs4"
        assert mount_of(Path("/home"), known).kind == "nfs4"
        assert mount_of(Path("/homes"), known).kind == "ext4"


def test_what_is_mounted_over_another_counts() -> None:
    known = mounts(ROOT + line("/home", "nfs4") + line("/home", "ext4"))
    assert mount_of(Path("/home/robin"), known).kind == "ext4"


def test_blanks_and_backslashes_in_names_are_read() -> None:
    known = mounts(ROOT + line("/srv/my\\040files\\134here", "cifs", "//server/my\\040share"))
    assert known[-1] == Mount(Path("/srv/my files\\here"), "cifs", "//server/my share")
    assert mount_of(Path("/srv/my files\\here/x"), known).kind == "cifs"


def test_a_link_is_followed_to_where_the_files_are(tmp_path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "mountinfo").write_text(ROOT + line(f"{tmp_path}/real", "nfs"))
    assert "nfs" in warning_for(tmp_path / "link" / "triage", tmp_path / "mountinfo")


def test_where_the_system_does_not_say_nothing_is_claimed(tmp_path) -> None:
    assert warning_for(tmp_path, tmp_path / "no-such-file") == ""
    assert place_of(tmp_path, tmp_path / "no-such-file") is None


@given(st.text())
def test_no_text_breaks_the_reading(text: str) -> None:
    mount_of(Path("/home"), mounts(text + "\n" + ROOT))


def test_this_machine_is_read() -> None:
    assert Path("/proc/self/mountinfo").exists() == (place_of(Path("/")) is not None)
