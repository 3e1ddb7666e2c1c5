"""The keys in force: the registry's, changed by the rep's own file."""

from __future__ import annotations

from triage.house import House


def keymap_in_force(house: House) -> dict[str, str]:
    """Return the keys of each action; ConfigError names file and line of an unknown id or a clash."""
    from config.keymap import load_keymap
    from screens import actions

    path = house.paths.keymap_file
    known, contexts = actions.default_keys(), actions.contexts()
    return load_keymap(path if path.exists() else None, known, contexts, fixed=actions.FIXED)
