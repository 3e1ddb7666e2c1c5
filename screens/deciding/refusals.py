"""A refusal names keys that do apply, as they are shipped; here they become the rep's own. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from screens.actions import BY_ID, first_key
from triage.desk.results import Skipped

_ACTS = ("accept", "reject", "recycle", "disqualify")
_NAMED = re.compile(
    r"\b(?P<act>accept|reject|recycle|disqualify) [ardy]\b"
    r"|\b(?P<coded>d)(?= \d | with DO_NOT_CONTACT)"
    r"|\b(?P<undo>u)(?= undoes\b)"
)
"""How the guard writes a key: behind its act, before a reason's digit, or as that of undo."""


def in_own_keys(skipped: Iterable[Skipped], keymap: Mapping[str, str]) -> tuple[Skipped, ...]:
    """Return what was skipped, each cause with the rep's own keys in it."""
    skipped = tuple(skipped)
    if all(keymap.get(name, "") == BY_ID[name].default_keys for name in (*_ACTS, "undo")):
        return skipped
    return tuple(replace(one, why=_own(one.why, keymap)) for one in skipped)


def _own(why: str, keymap: Mapping[str, str]) -> str:
    def key(found: re.Match[str]) -> str:
        if act := found["act"]:
            return f"{act} {first_key(act, keymap)}"
        return first_key("disqualify" if found["coded"] else "undo", keymap)

    return _NAMED.sub(key, why)
