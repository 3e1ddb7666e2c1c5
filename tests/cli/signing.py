"""A rep who signs in by commands: a keyring in a folder, a desktop whose browser agrees, and eyes on every output."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tests.cli import folder_keyring
from tests.cli.inside import Inside
from tests.cli.shell import Shell
from tests.salesforce.org import Org

FREE = "redirect_uri=http://127.0.0.1/OauthRedirect"
WORK = ("login", "work")
BROWSER = f"""#!{sys.executable}
import pathlib, sys, urllib.request
page = urllib.request.build_opener(urllib.request.ProxyHandler({{}})).open(sys.argv[1], timeout=30).read()
pathlib.Path(__file__).with_name("page").write_bytes(page)
"""


@dataclass
class Seat(Shell):
    """A shell with a keyring that works, and no token in its environment."""

    more: dict[str, str] = field(default_factory=dict)

    @property
    def keyring(self) -> Path:
        return self.home.with_name("keyring")

    @property
    def bin(self) -> Path:
        return self.home.with_name("desktop")

    @property
    def environ(self) -> dict[str, str]:
        ours = super().environ
        if not self.token:
            del ours["TRIAGE_TOKEN"]
        return ours | {
            "PYTHON_KEYRING_BACKEND": "tests.cli.folder_keyring.Folder",
            "KEYRING_FOLDER": str(self.keyring),
            "PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}",
            "DISPLAY": ":9",
            "NO_PROXY": "*",
            **self.more,
        }

    def has_a_browser(self) -> None:
        self.bin.mkdir(exist_ok=True)
        script = self.bin / "xdg-open"
        script.write_text(BROWSER)
        script.chmod(0o700)

    @property
    def kept(self) -> dict[str, str]:
        """What the keyring holds, by its user: the profile's name, and what stands behind it."""
        return {user: secret for (_, user), secret in folder_keyring.entries(self.keyring).items()}

    def shows_none_of(self, *secrets: str) -> None:
        """Look through all that was printed, and every file but the keyring's."""
        said = "".join(self.printed).encode()
        files = [path for place in (self.home, self.bin) for path in place.rglob("*") if path.is_file()]
        for secret in filter(None, secrets):
            assert secret.encode() not in said
            assert not [path for path in files if secret.encode() in path.read_bytes()]


class SeatHere(Seat, Inside):
    """A seat whose commands run in the test's own process."""


def saved(seat: Seat) -> str:
    path = seat.home / "config" / "config.toml"
    return path.read_text() if path.exists() else ""


def secrets_of(org: Org) -> list[str]:
    families = org.tokens.families
    return [
        *org.grants,
        *(one for family in families for one in (family.access, family.refresh, *family.retired)),
    ]
