"""The rep's own keys: what is taken, and what is refused with its line."""

from __future__ import annotations

import string
from pathlib import Path

import pytest
from textual.keys import _character_to_key

from config.keymap import key_name, load_keymap
from config.load import SHIPPED
from triage.errors import ConfigError

KNOWN = {"accept": "a", "reject": "r", "undo": "u", "down": "j,down", "help": "?", "queue.retry": "1"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keymap.toml"


def refusal(path: Path, text: str, contexts: dict[str, set[str]] | None = None) -> str:
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_keymap(path, KNOWN, contexts)
    return caught.value.message


def test_without_a_file_the_defaults_hold(path: Path) -> None:
    expected = KNOWN | {"help": "question_mark"}
    assert load_keymap(None, KNOWN) == load_keymap(path, KNOWN) == expected


def test_a_file_changes_what_it_names_and_nothing_else(path: Path) -> None:
    path.write_text('[keys]\naccept = "x, ctrl+e"\nhelp = ","\n')
    changed = {"accept": "x,ctrl+e", "help": "comma"}
    assert load_keymap(path, KNOWN) == KNOWN | changed


def test_an_id_with_a_dot_needs_no_quotation_marks(path: Path) -> None:
    for text in (
        '[keys]\nqueue.retry = "9"\n',
        '[keys]\n"queue.retry" = "9"\n',
        '[keys.queue]\nretry = "9"\n',
    ):
        path.write_text(text)
        assert load_keymap(path, KNOWN)["queue.retry"] == "9"


def test_two_actions_can_swap_their_keys(path: Path) -> None:
    path.write_text('[keys]\naccept = "r"\nreject = "a"\n')
    keymap = load_keymap(path, KNOWN)
    assert (keymap["accept"], keymap["reject"]) == ("r", "a")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[keys]\nacept = "x"\n', "keymap.toml line 2: `acept` is not an action; did you mean `accept`?"),
        (
            '[keys]\n\naccept = "u"\n',
            "keymap.toml line 3: `accept`: `u` is already the key of `undo` (everywhere).",
        ),
        ('[keys]\naccept = "x"\nundo = "y,x"\n', "line 2: `accept`: `x` is already the key of `undo`"),
        (
            '[keys]\naccept = "question_mark"\n',
            "line 2: `accept`: `question_mark` is already the key of `help`",
        ),
        ('[keys]\nqueue.retry = "a"\n', "line 2: `queue.retry`: `a` is already the key of `accept`"),
        ('[keys]\naccept = "hyper+x"\n', "line 2: 'hyper+x' is not a key."),
        ('[keys]\naccept = "enterr"\n', "line 2: 'enterr' is not a key."),
        ('[keys]\naccept = "shift+a"\n', "line 2: 'shift+a' is not a key."),
        ('[keys]\naccept = "\\u0007"\n', "is not a key."),
        ('[keys]\naccept = ""\n', "line 2: '' is not a key."),
        ('[keys]\naccept = "ctrl+m"\n', "line 2: `ctrl+m` cannot be used: terminals send it as enter."),
        ("[keys]\naccept = 3\n", "line 2: `accept` has to be a text"),
        ('[kyes]\naccept = "x"\n', "line 1: `kyes` is not a key; did you mean `keys`?"),
        ("[keys\n", "keymap.toml line 1: this is not TOML"),
    ],
)
def test_what_is_off_is_named_with_its_line(path: Path, text: str, said: str) -> None:
    assert said in refusal(path, text)


def test_the_same_key_on_two_screens_is_no_clash(path: Path) -> None:
    contexts = {"accept": {"inbox", "lead"}, "undo": {"queue"}, "reject": {"lead"}}
    path.write_text('[keys]\naccept = "u"\n')
    assert load_keymap(path, KNOWN, contexts)["accept"] == "u"
    assert "`r` is already the key of `reject`" in refusal(path, '[keys]\naccept = "r"\n', contexts)


def test_a_clash_names_both_actions_and_where_they_meet(path: Path) -> None:
    contexts = {"accept": ("inbox", "lead", "queue"), "reject": ("lead", "inbox")}
    said = refusal(path, '[keys]\naccept = "r"\n', contexts)
    assert said.endswith("line 2: `accept`: `r` is already the key of `reject` (inbox, lead).")


def test_two_keys_after_each_other_are_one_key_of_an_action(path: Path) -> None:
    path.write_text('[keys]\naccept = "g a, x"\nhelp = "g ?"\n')
    keymap = load_keymap(path, KNOWN)
    assert (keymap["accept"], keymap["help"]) == ("g a,x", "g question_mark")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[keys]\naccept = "g"\nundo = "g g"\n', "line 2: `accept`: `g` begins `g g`, the keys of `undo`"),
        ('[keys]\nundo = "j j"\n', "line 2: `undo`: `j j` begins with `j`, the key of `down`"),
        ('[keys]\nundo = "g,g g"\n', "line 2: `undo`: `g` begins `g g`, the keys of `undo`"),
        ('[keys]\nundo = "g h i"\n', "'g h i' is not a key."),
        ('[keys]\nundo = "g enterr"\n', "'g enterr' is not a key."),
        ('[keys]\nundo = "g ctrl+m"\n', "terminals send it as enter"),
    ],
)
def test_a_pair_is_refused_where_its_first_key_already_does_something(
    path: Path, text: str, said: str
) -> None:
    assert said in refusal(path, text)


def test_the_digits_of_the_reasons_stay_where_they_are(path: Path) -> None:
    path.write_text('[keys]\naccept = "x"\n')
    with pytest.raises(ConfigError, match="line 2: `accept` keeps its keys") as caught:
        load_keymap(path, KNOWN, fixed={"accept"})
    assert "reasons.toml" in caught.value.hint


def test_an_action_without_a_screen_works_everywhere_and_clashes_everywhere(path: Path) -> None:
    assert "`u` is already" in refusal(path, '[keys]\naccept = "u"\n', {"accept": {"inbox"}})


def test_our_names_of_characters_are_the_toolkits() -> None:
    for character in string.ascii_letters + string.digits + string.punctuation + "éß€":
        assert key_name(character) == _character_to_key(character)


def test_the_name_of_a_character_can_be_written_as_well_as_the_character() -> None:
    for character in string.punctuation:
        assert key_name(key_name(character)) == key_name(character)


def test_the_shipped_example_changes_nothing_until_it_is_edited() -> None:
    known = {"accept": "a", "undo": "u", "sync": "S"}
    assert load_keymap(SHIPPED / "keymap.toml", known) == known
