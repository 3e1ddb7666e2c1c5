"""Changes the settings file and keeps its comments. What would not load is never written; no secret is."""

from __future__ import annotations

import difflib
import fcntl
import os
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from msgspec.structs import fields

from config.convert import keys_of
from config.document import Document
from config.load import settings_of
from config.paths import private_folder
from config.replace import replace_file
from config.settings import Profile, Settings, is_profile_name, unknown_profile
from triage.errors import ConfigError, UsageError

TEMPLATE = """\
# Settings of triage. `triage config check` reads this file and says what is off, with the line.
# Flags win over the environment, the environment over this file, this file over the defaults.
# Tokens are not kept here: they live in the keyring, or come from TRIAGE_TOKEN or TRIAGE_TOKEN_COMMAND.

"""

Table = MutableMapping[str, Any]


def save_profile(path: Path, name: str, profile: Profile) -> None:
    """Add or change a profile; the first one becomes the default. Keys at their default are left out.

    What has not changed is not touched, comments in its own tables included. ConfigError if the file would
    not say what was asked for.
    """
    if not is_profile_name(name):
        raise UsageError(
            f"{name!r} cannot name a profile.", hint="Use letters, digits, `.`, `-` and `_`, at most 64."
        )

    usual = Profile()

    def change(table: Table) -> None:
        entry = _subtable(_subtable(table, "profiles", only_tables=True), name)
        for spec in fields(Profile):
            value = getattr(profile, spec.name)
            if spec.name == "crm" or spec.name in entry or value != getattr(usual, spec.name):
                _put(entry, spec.name, value)
        if not table.get("default_profile"):
            table["default_profile"] = name

    _edit(path, change, lambda saved: saved.profiles.get(name) == profile)


def remove_profile(path: Path, name: str) -> None:
    """Take a profile out. If it was the default, the only one left becomes it, or none."""

    def change(table: Table) -> None:
        _demand(name, table)
        del table["profiles"][name]
        if table.get("default_profile") == name:
            left = list(table["profiles"])
            table["default_profile"] = left[0] if len(left) == 1 else ""

    _edit(path, change)


def set_default(path: Path, name: str) -> None:
    """Make a profile the default one; UsageError names the nearest."""

    def change(table: Table) -> None:
        _demand(name, table)
        table["default_profile"] = name

    _edit(path, change)


def set_value(path: Path, key: str, value: str | float | bool) -> None:  # noqa: FBT001 - the value of a setting
    """Set one value by its dotted name, such as `ui.theme`; UsageError for a name there is not."""
    known = [name for name in keys_of(Settings) if name != "profiles"]
    if key not in known:
        near = difflib.get_close_matches(key, known, n=1)
        guess = f"Did you mean `{near[0]}`? " if near else ""
        raise UsageError(f"`{key}` is not a setting.", hint=f"{guess}Settings: {', '.join(known)}.")

    def change(table: Table) -> None:
        *parents, last = key.split(".")
        for parent in parents:
            table = _subtable(table, parent)
        table[last] = value

    _edit(path, change)


def _edit(
    path: Path, change: Callable[[Table], None], is_right: Callable[[Settings], bool] = lambda _: True
) -> None:
    """Read, change, load what came out, replace: under a lock, because two windows may both save."""
    import tomlkit  # noqa: PLC0415 - reading settings does not pay for it

    with _locked(private_folder(path.parent)):
        text = _current(path)
        settings_of(Document.parse(text, path.name, path))
        table = tomlkit.parse(text)
        change(table)
        edited = tomlkit.dumps(table)
        if not is_right(settings_of(Document.parse(edited, path.name, path))):
            raise ConfigError(
                f"{path.name} was not changed: the order of its tables would not survive it.",
                hint="`triage config edit`: write each [profiles.…] table once, its own behind it.",
            )
        if edited != text or not path.exists():
            replace_file(path, edited)


def _current(path: Path) -> str:
    try:
        return Document.read(path).text
    except FileNotFoundError:
        return TEMPLATE


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the folder's own lock; the system frees it when the process ends."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _subtable(table: Table, key: str, *, only_tables: bool = False) -> Table:
    import tomlkit  # noqa: PLC0415 - as above

    if key not in table:
        table[key] = tomlkit.table(is_super_table=only_tables)
    entry: Table = table[key]
    return entry


def _put(table: Table, key: str, value: Any) -> None:
    """Set a value; of a table only the keys that differ."""
    if not isinstance(value, dict):
        if table.get(key) != value:
            table[key] = value
        return
    inner = _subtable(table, key)
    for gone in [name for name in inner if name not in value]:
        del inner[gone]
    for name, one in value.items():
        _put(inner, name, one)


def _demand(name: str, table: Table) -> None:
    profiles = table.get("profiles", {})
    if name not in profiles:
        raise unknown_profile(name, dict.fromkeys(profiles, Profile()))
