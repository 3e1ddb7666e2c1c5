"""A keyring in a folder for whole programs: PYTHON_KEYRING_BACKEND names the class, KEYRING_FOLDER the folder."""

from __future__ import annotations

import os
from pathlib import Path

from keyring.backend import KeyringBackend

from tests.config.file_keyring import FileKeyring


class Folder(KeyringBackend):
    """Keeps entries as files, each under the name of its service and user, in clear."""

    priority = -1  # taken where it is named only

    def get_password(self, service: str, username: str) -> str | None:
        return kept_in(folder()).get_password(service, username)

    def set_password(self, service: str, username: str, password: str) -> None:
        names = folder() / "names"
        known = set(names.read_text().splitlines()) if names.exists() else set()
        names.write_text("\n".join(sorted(known | {f"{service}\t{username}"})))
        kept_in(folder()).set_password(service, username, password)

    def delete_password(self, service: str, username: str) -> None:
        kept_in(folder()).delete_password(service, username)


def folder() -> Path:
    path = Path(os.environ["KEYRING_FOLDER"])
    path.mkdir(exist_ok=True)
    return path


def kept_in(place: Path) -> FileKeyring:
    return FileKeyring(place)


def entries(place: Path) -> dict[tuple[str, str], str]:
    """Return all that is kept, by service and user."""
    names = place / "names"
    pairs = [line.split("\t") for line in names.read_text().splitlines()] if names.exists() else []
    found = {(service, user): kept_in(place).get_password(service, user) for service, user in pairs}
    return {pair: secret for pair, secret in found.items() if secret is not None}
