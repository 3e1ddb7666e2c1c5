"""Where files live, and that nobody else can open them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.paths import folder_name, paths, private_folder
from triage.errors import ConfigError


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_triage_home_puts_everything_under_one_folder(tmp_path: Path) -> None:
    found = paths({"TRIAGE_HOME": str(tmp_path)})
    assert (found.config, found.state, found.cache, found.logs) == tuple(
        tmp_path / name for name in ("config", "state", "cache", "logs")
    )
    assert found.settings_file == tmp_path / "config" / "config.toml"


def test_without_triage_home_the_system_decides(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("CONFIG", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))
    found = paths({})
    assert found.config.name == found.state.name == found.cache.name == "triage"
    assert len({found.config, found.state, found.cache, found.logs}) == 4


def test_naming_the_places_creates_nothing(tmp_path: Path) -> None:
    paths({"TRIAGE_HOME": str(tmp_path / "home")}).state_of("work", "42")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("open_umask")
def test_a_folder_and_its_missing_parents_are_private_under_umask_zero(tmp_path: Path) -> None:
    private_folder(tmp_path / "state" / "work-42")
    assert mode_of(tmp_path / "state") == mode_of(tmp_path / "state" / "work-42") == 0o700


def test_a_folder_is_usable_under_a_umask_that_takes_everything(tmp_path: Path) -> None:
    before = os.umask(0o777)
    try:
        private_folder(tmp_path / "state")
    finally:
        os.umask(before)
    assert mode_of(tmp_path / "state") == 0o700


def test_a_folder_that_the_group_can_read_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    folder.mkdir()
    folder.chmod(0o755)
    assert mode_of(private_folder(folder)) == 0o700


def test_a_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o755)
    (tmp_path / "state").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ConfigError, match="symbolic link"):
        private_folder(tmp_path / "state")


def test_a_folder_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = private_folder(tmp_path / "state")
    monkeypatch.setattr(os, "geteuid", lambda: folder.stat().st_uid + 1)
    with pytest.raises(ConfigError, match="another user"):
        private_folder(folder)


def test_a_file_in_the_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    with pytest.raises(ConfigError, match="cannot be used"):
        private_folder(tmp_path / "state")


def test_plain_names_are_kept() -> None:
    assert folder_name("work", "42") == "work-42"


names = st.text(max_size=50) | st.sampled_from(
    ["a", "a-b", "b-c", "c", "A", "..", "a/b", "", "x" * 41, "a_b"]
)


@hypothesis.settings(deadline=None)
@given(names, names, names, names)
def test_two_accounts_never_share_a_folder(profile: str, account: str, other: str, another: str) -> None:
    here, there = folder_name(profile, account), folder_name(other, another)
    assert (here.lower() == there.lower()) == ((profile, account) == (other, another))


@hypothesis.settings(deadline=None)
@given(names, names)
def test_a_folder_name_is_always_a_safe_name(profile: str, account: str) -> None:
    name = folder_name(profile, account)
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789_-")
    assert 0 < len(name) <= 120
