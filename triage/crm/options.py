"""The values that a profile's options may have, checked by the adapter that takes them."""

from __future__ import annotations

from collections.abc import Sequence

from triage.errors import ConfigError

ROLES = ("rep", "marketing")
"""Whose part a profile takes."""


def one_of(option: str, value: str, allowed: Sequence[str]) -> str:
    """Return an option's value. ConfigError with what it may be, where it is none of those."""
    if value not in allowed:
        words = ", ".join(one for one in allowed if one)
        raise ConfigError(f"The option {option} of this profile is “{value}”.", hint=f"It may be: {words}.")
    return value
