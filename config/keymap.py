"""The rep's own keys, checked with their line. Owns the names of keys; the registry owns the actions."""

from __future__ import annotations

import difflib
import string
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from config.convert import to_struct
from config.document import Document, KeyPath

_EDITING = frozenset({"enter", "escape", "tab", "space", "backspace", "delete", "insert"})
_MOVING = frozenset({"up", "down", "left", "right", "home", "end", "pageup", "pagedown"})
_NAMED = _EDITING | _MOVING | {f"f{number}" for number in range(1, 13)}
_SHORT_NAMES = {
    "solidus": "slash",
    "reverse_solidus": "backslash",
    "commercial_at": "at",
    "hyphen_minus": "minus",
    "plus_sign": "plus",
    "low_line": "underscore",
}
"""Where the toolkit's name of a character is not its Unicode name."""
_EATEN = {
    "ctrl+i": "tab",
    "ctrl+m": "enter",
    "ctrl+h": "backspace",
    "ctrl+j": "enter",
    "ctrl+c": "an interrupt",
}
"""What a terminal sends for keys that therefore cannot be told apart."""


class _Keymap(Struct, frozen=True):
    """The shape of the file."""

    keys: dict[str, Any] = field(default_factory=dict)


def load_keymap(
    path: Path | None,
    known: Mapping[str, str],
    contexts: Mapping[str, Collection[str]] | None = None,
    fixed: Collection[str] = (),
) -> dict[str, str]:
    """Return action id → keys (comma-separated, by the toolkit's names): the defaults, changed by the file.

    Two keys after each other are one entry, with a blank between them: "g g". `known` are the defaults of all
    actions, `fixed` those that keep their keys. `contexts` names the screens an action works on; one that is
    not named there works everywhere. A missing file changes nothing. ConfigError with the line for an id or a
    key there is not, for a key that terminals do not send, and for one that two actions of a screen would
    share: as their own, or as the first key of a pair.
    """
    defaults = {action: ",".join(_split(keys)) for action, keys in known.items()}
    try:
        document = Document.read(path) if path else None
    except FileNotFoundError:
        document = None
    if document is None:
        return defaults
    changed = dict(_changes(document, known, fixed))
    keymap = defaults | changed
    for action in changed:
        _refuse_clash(document, action, keymap, contexts or {})
    return keymap


def key_name(key: str) -> str:
    """Return the toolkit's name of a key: "." is full_stop, "ctrl+e" stays; ValueError if there is none."""
    *modifiers, last = key.split("+") if len(key) > 1 else [key]
    if not set(modifiers) <= {"ctrl", "shift", "alt"}:
        raise ValueError(key)
    if last in _NAMED:
        return "+".join([*modifiers, last])
    if "shift" in modifiers:
        # A terminal sends the capital letter, never shift and the small one.
        raise ValueError(key)
    name = last if last in _PUNCTUATION else _character_name(last)
    return "+".join([*modifiers, name.lower() if modifiers else name])


def _character_name(character: str) -> str:
    if len(character) != 1 or not character.isprintable():
        raise ValueError(character)
    if character.isalnum() or character == " ":
        return character.replace(" ", "space")
    name = unicodedata.name(character).lower().replace("-", "_").replace(" ", "_")
    return _SHORT_NAMES.get(name, name)


_PUNCTUATION = frozenset(map(_character_name, string.punctuation))


def _changes(
    document: Document, known: Mapping[str, str], fixed: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Yield the actions that the file names, with their keys by the toolkit's names."""
    for path, keys in _entries(("keys",), to_struct(document, _Keymap, word="key").keys):
        action = _action(path)
        if not isinstance(keys, str):
            raise document.error(path, f'`{action}` has to be a text such as "a" or "a,b".')
        if action not in known:
            near = difflib.get_close_matches(action, known, n=1)
            guess = f"; did you mean `{near[0]}`?" if near else "."
            raise document.error(
                path, f"`{action}` is not an action{guess}", hint="`triage keys` lists them."
            )
        if action in fixed:
            hint = "A reason's digit is its `hotkey` in reasons.toml."
            raise document.error(path, f"`{action}` keeps its keys.", hint=hint)
        yield action, ",".join(_usable(document, path, key) for key in _parts(keys))


def _entries(path: KeyPath, table: Mapping[str, Any]) -> Iterator[tuple[KeyPath, Any]]:
    """Yield the values with their way: TOML reads an id with a dot in it, unquoted, as a table in a table."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _entries((*path, key), value)
        else:
            yield (*path, key), value


def _path(document: Document, action: str) -> KeyPath:
    entries = _entries(("keys",), document.table["keys"])
    return next(path for path, _keys in entries if _action(path) == action)


def _action(path: KeyPath) -> str:
    return ".".join(str(part) for part in path[1:])


def _usable(document: Document, path: KeyPath, keys: str) -> str:
    """Return the toolkit's name of a key, or of the two keys of a pair."""
    first, *rest = keys.split(" ", maxsplit=1) if len(keys) > 1 else [keys]
    try:
        names = [key_name(key) for key in (first, *rest)]
    except ValueError:
        hint = "A key is a character, a name such as enter, space, f2 or pageup, or ctrl+ and a letter; "
        raise document.error(path, f"{keys!r} is not a key.", hint=f'{hint}"g g" is two of them.') from None
    for name in names:
        if name in _EATEN:
            raise document.error(path, f"`{name}` cannot be used: terminals send it as {_EATEN[name]}.")
    return " ".join(names)


def _parts(keys: str) -> list[str]:
    return [keys] if keys in {",", " "} else [key.strip() for key in keys.split(",")]


def _split(keys: str) -> Iterator[str]:
    """Yield the names in a default; what is no single key, such as a sequence, is yielded as it stands."""
    for key in _parts(keys):
        try:
            yield key_name(key)
        except ValueError:
            yield key


def _refuse_clash(
    document: Document, action: str, keymap: Mapping[str, str], contexts: Mapping[str, Collection[str]]
) -> None:
    mine = keymap[action].split(",")
    for other, keys in keymap.items():
        places = _common(contexts.get(action), contexts.get(other))
        if places is None:
            continue
        for here, there in product(mine, keys.split(",")):
            same = here == there and other != action
            if same or _begins(here, there) or _begins(there, here):
                problem = f"`{action}`: {_clash(here, there, other)} ({', '.join(places) or 'everywhere'})."
                hint = f"Give `{other}` another key in the same file, or choose another for `{action}`."
                raise document.error(_path(document, action), problem, hint=hint)


def _clash(here: str, there: str, other: str) -> str:
    """Say why two keys cannot both be told: they are the same, or one is the first of a pair."""
    if here == there:
        return f"`{here}` is already the key of `{other}`"
    if _begins(here, there):
        return f"`{here}` begins `{there}`, the keys of `{other}`"
    return f"`{here}` begins with `{there}`, the key of `{other}`"


def _begins(first: str, pair: str) -> bool:
    return first != pair and pair.split(" ", maxsplit=1)[0] == first


def _common(here: Collection[str] | None, there: Collection[str] | None) -> list[str] | None:
    """Return the screens on which two actions meet; empty: all of them, None: nowhere."""
    if not here or not there:
        return sorted(here or there or ())
    return [place for place in here if place in there] or None
