"""Where our files live, and folders that only their owner can open. Owns places; reads no file."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from triage.errors import ConfigError

APP = "triage"
_PLAIN = re.compile(r"[a-z0-9_]{1,40}")


class Paths(Struct, frozen=True):
    """The four places. Naming them creates nothing; `private_folder` does."""

    config: Path
    state: Path
    """Decisions, journals, locks: what must never be lost."""
    cache: Path
    """Leads as last fetched: can be fetched again."""
    logs: Path

    @property
    def settings_file(self) -> Path:
        """The file that `triage config edit` opens."""
        return self.config / "config.toml"

    @property
    def keymap_file(self) -> Path:
        """The rep's own keys; optional."""
        return self.config / "keymap.toml"

    def state_of(self, profile: str, account: str) -> Path:
        """Return the folder of one profile in one account, so that a decision never meets another account."""
        return self.state / folder_name(profile, account)

    def cache_of(self, profile: str, account: str) -> Path:
        """Return the folder of its fetched leads."""
        return self.cache / folder_name(profile, account)


def paths(environ: Mapping[str, str]) -> Paths:
    """Return the places: under TRIAGE_HOME if set, else where this system keeps such files."""
    home = environ.get("TRIAGE_HOME", "")
    if home:
        root = Path(home).expanduser().absolute()
        return Paths(root / "config", root / "state", root / "cache", root / "logs")
    import platformdirs  # noqa: PLC0415 - only paid for when it is asked

    return Paths(
        platformdirs.user_config_path(APP, appauthor=False),
        platformdirs.user_state_path(APP, appauthor=False),
        platformdirs.user_cache_path(APP, appauthor=False),
        platformdirs.user_log_path(APP, appauthor=False),
    )


def folder_name(profile: str, account: str) -> str:
    """Return `<profile>-<account>`: safe as a folder's name, and another one for each other pair.

    Where a name has to be changed to be safe, a hash of the pair follows it; such names hold two dashes, the
    plain ones hold one, so the two kinds never meet.
    """
    if _PLAIN.fullmatch(profile) and _PLAIN.fullmatch(account):
        return f"{profile}-{account}"
    from hashlib import sha256  # noqa: PLC0415 - few names need it

    pair = f"{len(profile)}:{profile}{account}".encode(errors="surrogatepass")
    return f"{_slug(profile)}-{_slug(account)}-{sha256(pair).hexdigest()[:16]}"


def private_folder(path: Path) -> Path:
    """Create a folder, and missing parents, as 0700 whatever the umask; return it.

    One that is there and open to others is closed to them. ConfigError for a symbolic link, for a folder of
    another user, and where the system refuses.
    """
    try:
        _create(path)
        _close_to_others(path)
    except OSError as error:
        raise ConfigError(f"The folder {path} cannot be used: {error.strerror}.") from error
    return path


def _create(path: Path) -> None:
    if not path.parent.exists():
        private_folder(path.parent)
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        return


def _close_to_others(path: Path) -> None:
    if path.is_symlink():
        raise ConfigError(f"The folder {path} is a symbolic link.", hint="Put a real folder there.")
    # The handle, not the name: what is checked is what is changed.
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        found = os.fstat(handle)
        if found.st_uid != os.geteuid():
            raise ConfigError(
                f"The folder {path} belongs to another user.", hint="Set TRIAGE_HOME to one of yours."
            )
        if stat.S_IMODE(found.st_mode) != stat.S_IRWXU:
            os.fchmod(handle, stat.S_IRWXU)
    finally:
        os.close(handle)


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9_]", "_", name.lower())[:40]
