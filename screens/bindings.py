"""From the registry to the toolkit's bindings: each has its action's id, and wins over any widget's.

Pairs such as "g g" are none of the toolkit's: the screen takes them, key by key.
"""

from __future__ import annotations

from collections.abc import Mapping

from textual.binding import Binding, BindingType

from screens.actions import BY_ID, default_keys, in_context

UNBOUND = "unbound"
"""In the place of a key: the toolkit keeps the default where it is given none."""


def bindings(context: str) -> list[BindingType]:
    """Return the bindings of a context."""
    return [
        Binding(key, _call(action.id, key), action.help, id=action.id, priority=True, show=False)
        for action in in_context(context)
        for key in action.keys
        if " " not in key
    ]


def _call(name: str, key: str) -> str:
    return f"choose('{key}')" if name == "choose" else name


def pairs(context: str, keymap: Mapping[str, str]) -> dict[str, str]:
    """Return "g g" → action id in a context, under a keymap."""
    return {key: name for key, name in meaning(context, keymap).items() if " " in key}


def remapped(keymap: Mapping[str, str]) -> dict[str, str]:
    """Return what differs from the defaults: the toolkit goes through all it is given at every key."""
    defaults = default_keys()
    return {name: _singles(keys) for name, keys in keymap.items() if defaults.get(name) != keys}


def _singles(keys: str) -> str:
    return ",".join(key for key in keys.split(",") if " " not in key) or UNBOUND


def meaning(context: str, keymap: Mapping[str, str]) -> dict[str, str]:
    """Return key → action id in a context, under a keymap."""
    return {
        key: action.id
        for action in in_context(context)
        for key in keymap.get(action.id, BY_ID[action.id].default_keys).split(",")
    }
