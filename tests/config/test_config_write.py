"""Changes to the settings file: comments stay, a crash leaves a whole file, two windows lose nothing."""

from __future__ import annotations

import os
import secrets
import stat
import threading
from pathlib import Path

import pytest

from config import load, write
from config.settings import Profile
from triage.errors import ConfigError, UsageError

WORK = Profile(crm="rest", url="https://crm.example", account_id="42", user_id="7", user_name="Ada Example")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "config.toml"


def test_the_first_profile_becomes_the_default(path: Path) -> None:
    write.save_profile(path, "work", WORK)
    write.save_profile(path, "other", Profile(crm="odoo"))
    settings = load.settings(path, {})
    assert settings.default_profile == "work"
    assert settings.profiles == {"work": WORK, "other": Profile(crm="odoo")}


def test_a_file_that_is_created_explains_itself(path: Path) -> None:
    write.save_profile(path, "work", WORK)
    assert path.read_text().startswith("# Settings of triage.")


def test_the_file_is_private_under_umask_zero(path: Path) -> None:
    before = os.umask(0)
    try:
        write.save_profile(path, "work", WORK)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_file_that_others_could_read_is_private_after_an_edit(path: Path) -> None:
    write.save_profile(path, "work", WORK)
    path.chmod(0o644)
    write.set_value(path, "ui.theme", "light")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_file_and_folder_are_private_from_their_first_moment(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fchmod", lambda *_: None)
    before = os.umask(0)
    try:
        write.save_profile(path, "work", WORK)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_link_planted_in_the_place_of_the_draft_is_not_followed(
    path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write.save_profile(path, "work", WORK)
    victim = tmp_path / "victim"
    victim.write_text("precious")
    monkeypatch.setattr(secrets, "token_hex", lambda _size: "known")
    path.with_name(".config.toml.known.tmp").symlink_to(victim)
    with pytest.raises(ConfigError, match="not saved"):
        write.set_value(path, "ui.theme", "light")
    assert victim.read_text() == "precious"


def test_comments_and_order_survive_an_edit(path: Path) -> None:
    path.parent.mkdir()
    text = "# mine\n\n[ui] # looks\ntheme = 'dark' # at night\n# the end\n"
    path.write_text(text)
    write.set_value(path, "ui.theme", "light")
    assert path.read_text() == text.replace("'dark'", '"light"')


def test_a_profile_is_added_without_touching_what_is_there(path: Path) -> None:
    path.parent.mkdir()
    text = "# mine\n[sync]\nhold = 5 # short\n"
    path.write_text(text)
    write.save_profile(path, "work", WORK)
    saved = path.read_text()
    assert all(line in saved.splitlines() for line in text.splitlines())
    assert load.settings(path, {}).default_profile == "work"


def test_a_change_of_a_profile_resets_what_went_back_to_its_default(path: Path) -> None:
    write.save_profile(path, "work", WORK)
    write.save_profile(path, "work", Profile(crm="rest"))
    assert load.settings(path, {}).profiles["work"] == Profile(crm="rest")


def test_removing_the_default_hands_it_to_the_only_one_left(path: Path) -> None:
    write.save_profile(path, "work", WORK)
    write.save_profile(path, "other", WORK)
    write.remove_profile(path, "work")
    assert load.settings(path, {}).default_profile == "other"
    write.remove_profile(path, "other")
    assert load.settings(path, {}).default_profile == ""


def test_the_default_can_be_moved_but_not_to_nowhere(path: Path) -> None:
    write.save_profile(path, "work", WORK)
    write.save_profile(path, "other", WORK)
    write.set_default(path, "other")
    assert load.settings(path, {}).default_profile == "other"
    with pytest.raises(UsageError) as caught:
        write.set_default(path, "wrok")
    assert "Did you mean `work`?" in caught.value.hint


@pytest.mark.parametrize("name", ["", "a b", "../x", "-x", "x" * 65, "ü"])
def test_a_name_that_cannot_be_a_profile_is_refused(path: Path, name: str) -> None:
    with pytest.raises(UsageError):
        write.save_profile(path, name, WORK)
    assert not path.exists()


def test_a_profile_name_with_a_dot_is_one_name(path: Path) -> None:
    write.save_profile(path, "work.eu", WORK)
    assert list(load.settings(path, {}).profiles) == ["work.eu"]


def test_an_unknown_setting_is_refused_with_the_nearest(path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        write.set_value(path, "ui.thme", "light")
    assert "Did you mean `ui.theme`?" in caught.value.hint


def test_what_would_not_load_again_is_not_written(path: Path) -> None:
    write.save_profile(path, "work", WORK)
    before = path.read_bytes()
    with pytest.raises(ConfigError):
        write.set_value(path, "sync.hold", -1)
    with pytest.raises(ConfigError):
        write.save_profile(path, "bad", Profile(url="nonsense"))
    assert path.read_bytes() == before


def test_a_broken_file_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("[sync\n")
    with pytest.raises(ConfigError, match="line 1"):
        write.save_profile(path, "work", WORK)
    assert path.read_text() == "[sync\n"


@pytest.mark.parametrize("call", ["fsync", "fchmod"])
def test_a_disk_that_fails_leaves_the_old_file_and_no_litter(
    path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    write.save_profile(path, "work", WORK)
    before = path.read_bytes()

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(ConfigError, match="not saved: No space left on device"):
        write.set_value(path, "ui.theme", "light")
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_the_content_is_durable_before_the_name_and_the_name_after_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    fsync, move = os.fsync, Path.replace

    def noted_fsync(handle: int) -> None:
        steps.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "content")
        fsync(handle)

    def noted_move(draft: Path, target: Path) -> Path:
        steps.append("name")
        return move(draft, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(Path, "replace", noted_move)
    write.set_value(path, "ui.theme", "light")
    assert steps == ["content", "name", "folder"]


def test_a_linked_file_is_changed_where_it_lives(path: Path, tmp_path: Path) -> None:
    path.parent.mkdir()
    kept = tmp_path / "dotfiles.toml"
    kept.write_text("# kept elsewhere\n")
    path.symlink_to(kept)
    write.set_value(path, "ui.theme", "light")
    assert path.is_symlink()
    assert kept.read_text().startswith("# kept elsewhere\n")
    assert load.settings(path, {}).ui.theme == "light"


def test_two_windows_that_save_at_once_lose_nothing(path: Path) -> None:
    write.set_value(path, "ui.theme", "light")
    names = [f"p{number}" for number in range(8)]
    windows = [threading.Thread(target=write.save_profile, args=(path, name, WORK)) for name in names]
    for window in windows:
        window.start()
    for window in windows:
        window.join()
    settings = load.settings(path, {})
    assert sorted(settings.profiles) == names
    assert settings.ui.theme == "light"
