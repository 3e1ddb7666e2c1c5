"""Settings from the file: defaults, precedence, and errors that say where."""

from __future__ import annotations

from pathlib import Path

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import load
from config.document import Document
from config.settings import Profile, Settings
from triage.errors import ConfigError, UsageError

SENTINEL = "TOKEN-abc123"


def settings(tmp_path: Path, text: str, **environ: str) -> Settings:
    path = tmp_path / "config.toml"
    path.write_bytes(text.encode())
    return load.settings(path, environ)


def refusal(tmp_path: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        settings(tmp_path, text)
    return caught.value.message


def test_a_missing_file_means_the_defaults(tmp_path: Path) -> None:
    assert load.settings(tmp_path / "config.toml", {}) == Settings()


def test_the_file_wins_over_the_defaults(tmp_path: Path) -> None:
    assert settings(tmp_path, "[sync]\nhold = 5\n").sync.hold == 5.0


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    text = 'default_profile = "work"\n[profiles.work]\n[profiles.other]\n'
    assert settings(tmp_path, text).chosen() == "work"
    assert settings(tmp_path, text, TRIAGE_PROFILE="other").chosen() == "other"


def test_a_named_profile_wins_over_the_environment(tmp_path: Path) -> None:
    text = "[profiles.work]\n[profiles.other]\n"
    assert settings(tmp_path, text, TRIAGE_PROFILE="other").chosen("work") == "work"


def test_a_profile_there_is_not_is_refused_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        settings(tmp_path, "[profiles.work]\n", TRIAGE_PROFILE="wrok").chosen()
    assert "Did you mean `work`?" in caught.value.hint


def test_no_profile_at_all_points_at_login_and_demo() -> None:
    with pytest.raises(UsageError) as caught:
        Settings().chosen()
    assert "triage login" in caught.value.hint
    assert "triage demo" in caught.value.hint


def test_a_misspelt_key_names_file_line_and_nearest_key(tmp_path: Path) -> None:
    text = "# mine\n\n[ui]\ntheme = 'dark'\n\n[sync]\nhodl = 5\n"
    said = "config.toml line 7: `sync.hodl` is not a setting; did you mean `sync.hold`?"
    assert refusal(tmp_path, text) == said


def test_a_right_key_in_the_wrong_table_is_pointed_to_the_right_one(tmp_path: Path) -> None:
    assert "line 2: `ui.hold` is not a setting; did you mean `sync.hold`?" in refusal(
        tmp_path, "[ui]\nhold = 1\n"
    )


def test_a_key_like_no_other_is_answered_with_all_of_its_table(tmp_path: Path) -> None:
    assert "There are: sync.hold, sync.interval, sync.offline." in refusal(tmp_path, "[sync]\nxyzzy = 1\n")


def test_a_misspelt_key_of_a_profile_names_the_profile(tmp_path: Path) -> None:
    said = refusal(tmp_path, "[profiles.work]\nulr = 'https://crm.example'\n")
    assert "line 2: `profiles.work.ulr`" in said
    assert "did you mean `profiles.work.url`?" in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[sync]\nhold = 'x'\n", "line 2: `sync.hold`: expected `float`, got `str`"),
        ("[sync]\nhold = -1\n", "line 2: `sync.hold`: expected `float` >= 0.0"),
        ("[sync]\nhold = nan\n", "line 2: `sync.hold`: expected `float` >= 0.0"),
        ("[sync]\noffline = 1\n", "line 2: `sync.offline`: expected `bool`, got `int`"),
        ("sync = 3\n", "line 1: `sync` has to be a table"),
        ("[profiles]\nwork = 3\n", "line 2: `profiles.work` has to be a table"),
        ("\n[profiles.w]\nrole = 'boss'\n", "line 3: `profiles.w.role`: has to be one of rep, marketing"),
        ("[profiles.'a b']\n", "line 1: 'a b' cannot name a profile"),
        ("[profiles.w]\nurl = 'crm.example'\n", "line 2: `profiles.w.url` has to be an address"),
        ("[profiles.w]\nurl = 'https://crm.example:x'\n", "line 2: `profiles.w.url` is not an address"),
        ("[profiles.w]\nurl = 'https://crm.example/?a=1'\n", "line 2: `profiles.w.url` must end before"),
        ("\ndefault_profile = 'x'\n", "line 2: `default_profile`: 'x' is not a profile"),
        (f"[sync]\nhold = {'9' * 5000}\n", "config.toml line 2: this is not TOML"),
        ("a = 1\n[sync\n", "config.toml line 2: this is not TOML"),
        ("a = '''\n\n", "config.toml line 2: this is not TOML"),
    ],
)
def test_what_is_off_is_named_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    assert said in refusal(tmp_path, text)


@pytest.mark.parametrize(
    "text",
    [
        f"token = '{SENTINEL}'\n",
        f"[profiles.work]\nrole = '{SENTINEL}'\n",
        f"[profiles.work]\nurl = 'https://me:{SENTINEL}@crm.example'\n",
        f"[sync]\nhold = '{SENTINEL}'\n",
        f"token = {SENTINEL}\n",
    ],
)
def test_a_secret_in_the_wrong_place_is_never_shown(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load.settings(path, {})
    assert SENTINEL not in caught.value.message + caught.value.hint
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None or caught.value.__suppress_context__


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"a = '\xff'")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load.settings(path, {})


def test_a_folder_in_the_place_of_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load.settings(tmp_path, {})


def test_a_profile_is_read_whole(tmp_path: Path) -> None:
    text = "[profiles.work]\ncrm = 'odoo'\nurl = 'https://crm.example'\nrole = 'marketing'\nuser_id = '7'\n"
    expected = Profile(crm="odoo", url="https://crm.example", role="marketing", user_id="7")
    assert settings(tmp_path, text).profiles == {"work": expected}


def test_the_line_is_right_behind_values_of_several_lines() -> None:
    text = 'a = """\nb = 1\n[c]\n"""\r\nd = [\n 1,\n 2]\nb = 2\n[[x]]\ny = 1\n[[x]]\nz.w = 1\n'
    document = Document.parse(text, "f.toml")
    lines = [document.line_of(path) for path in [("a",), ("d", 1), ("b",), ("x", 1), ("x", 1, "z", "w")]]
    assert lines == [1, 5, 8, 11, 12]


words = st.text("abcdefgh", min_size=1, max_size=4)
tables_of_numbers = st.dictionaries(
    words, st.dictionaries(words, st.integers(0, 9), min_size=1, max_size=3), min_size=1, max_size=3
)


@hypothesis.settings(deadline=None, max_examples=40)
@given(tables_of_numbers, st.lists(st.integers(0, 2), min_size=3, max_size=3))
def test_the_line_of_a_key_is_the_line_it_was_written_on(
    tables: dict[str, dict[str, int]], blanks: list[int]
) -> None:
    lines: list[str] = []
    written = {}
    for blank, (name, table) in zip(blanks, tables.items(), strict=False):
        lines += [""] * blank + [f"[{name}]"]
        for key, value in table.items():
            lines.append(f"{key} = {value}")
            written[name, key] = len(lines)
    document = Document.parse("\n".join(lines), "f.toml")
    assert {path: document.line_of(path) for path in written} == written
