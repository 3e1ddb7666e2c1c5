"""From the registry to the toolkit's bindings: each has its action's id, and wins over any widget's."""

from __future__ import annotations

from collections.abc import Mapping

from textual.binding import Binding, BindingType

from screens.actions import BY_ID, default_keys, in_context


def bindings(context: str) -> list[BindingType]:
    """Return the bindings of a context; of a key pair such as "g g", one for its first key."""
    made: list[BindingType] = []
    for action in in_context(context):
        for key in action.keys:
            name, shown = action.id, key
            if action.id == "choose":
                name = f"choose('{key}')"
            elif " " in key:
                name, shown = f"first_of_two('{key}')", key.split(" ")[0]
            made.append(Binding(shown, name, action.help, id=action.id, priority=True, show=False))
    return made


def pairs(keymap: Mapping[str, str]) -> dict[str, str]:
    """Return "g g" → action id, under a keymap."""
    return {key: name for name, keys in keymap.items() for key in keys.split(",") if " " in key}


def remapped(keymap: Mapping[str, str]) -> dict[str, str]:
    """Return what differs from the defaults: the toolkit goes through all it is given at every key."""
    defaults = default_keys()
    return {name: keys for name, keys in keymap.items() if defaults.get(name) != keys}


def meaning(context: str, keymap: Mapping[str, str]) -> dict[str, str]:
    """Return key → action id in a context, under a keymap."""
    return {
        key: action.id
        for action in in_context(context)
        for key in keymap.get(action.id, BY_ID[action.id].default_keys).split(",")
    }
