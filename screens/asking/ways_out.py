"""What a question says of its keys, in the rep's own: "Enter keeps", "Esc leaves". Pure.

What is said is also what can be clicked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from screens.actions import BY_ID, first_key

_CLICKED = {
    "confirm": ("confirms",),
    "keep": ("keeps", "takes", "asks", "confirms"),
    "leave": ("leaves",),
    "leave_text": ("leaves",),
}
"""The actions that are also done by a click on what is said of them, and the verbs behind their key."""


def says(action: str, verb: str, keymap: Mapping[str, str]) -> str:
    """Return what a key does, under a keymap: "Enter keeps"."""
    return f"{first_key(action, keymap)} {verb}"


def clickable(context: str, keymap: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield what may be said of the keys of a context, and the action that is meant."""
    for action, verbs in _CLICKED.items():
        if context in BY_ID[action].contexts:
            yield from ((says(action, verb, keymap), action) for verb in verbs)
