"""What a key is called to a person: “.” for full_stop, Ctrl+Z for ctrl+z. Pure; knows no Textual."""

from __future__ import annotations

import unicodedata

_SHOWN_AS = {
    "slash": "/",
    "backslash": "\\",
    "at": "@",
    "minus": "-",
    "plus": "+",
    "underscore": "_",
    "space": "Space",
    "escape": "Esc",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
}
"""Where the toolkit's name of a key is neither what stands on it nor the Unicode name of its character."""
_CHARACTERS = {
    unicodedata.name(character).lower().replace("-", "_").replace(" ", "_"): character
    for character in map(chr, range(0x21, 0x100))
    if character.isprintable() and not character.isalnum()
}
"""The toolkit's name of a character that is no letter, and the character."""


def shown_key(key: str) -> str:
    """Return a key as a person reads it: full_stop is “.”, "g g" is “gg”, "ctrl+z" is “Ctrl+Z”."""
    return "".join(_shown(part) for part in key.split(" "))


def _shown(key: str) -> str:
    *modifiers, last = key.split("+")
    if modifiers:
        return "+".join([*map(str.capitalize, modifiers), _shown(last).capitalize()])
    if len(key) == 1 or key in _SHOWN_AS:
        return _SHOWN_AS.get(key, key)
    return _CHARACTERS.get(key) or key.capitalize()
