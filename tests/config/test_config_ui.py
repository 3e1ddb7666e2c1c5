"""How the screen looks and sounds is set in the file, and the file says what is off."""

from __future__ import annotations

from pathlib import Path

import pytest

from config import load, write
from triage.errors import ConfigError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "config"
    folder.mkdir(mode=0o700)
    return folder / "config.toml"


def test_nothing_rings_and_no_theme_is_chosen_as_shipped(path: Path) -> None:
    ui = load.settings(path, {}).ui
    assert (ui.theme, ui.bell, ui.hint_seen) == ("", False, False)


def test_the_bell_is_a_switch_in_the_file(path: Path) -> None:
    path.write_text("[ui]\nbell = true\n")
    assert load.settings(path, {}).ui.bell is True


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[ui]\nbel = true\n", "`ui.bell`"),
        ('[ui]\nbell = "yes"\n', "line 2"),
        ("[app]\nbell = true\n", "app"),
        ('[ui]\ntheme = "pink"\n', "has to be one of dark, light"),
        ('[ui]\ntheme = "contrst"\n', "did you mean `contrast`?"),
    ],
)
def test_a_key_there_is_not_and_a_value_of_another_kind_are_refused(
    path: Path, text: str, words: str
) -> None:
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load.settings(path, {})
    assert words in f"{caught.value.message} {caught.value.hint}"


def test_what_the_app_remembers_is_written_beside_what_stands_there(path: Path) -> None:
    path.write_text("# by hand\n[ui]  # mine\nbell = true # loud\n\n[sync]\nhold = 5.0 # quick\n")
    write.set_value(path, "ui.theme", "contrast-light")
    write.set_value(path, "ui.hint_seen", value=True)
    text = path.read_text()
    for kept in ("# by hand", "[ui]  # mine", "bell = true # loud", "hold = 5.0 # quick"):
        assert kept in text
    ui = load.settings(path, {}).ui
    assert (ui.theme, ui.hint_seen, ui.bell) == ("contrast-light", True, True)
