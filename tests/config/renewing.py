"""Programs that renew one sign-in at the same time, or end in the middle of it: run with `python -m`.

`storm URL FOLDER PROCESSES ROUNDS [no-lock]` prints how many of them had a token that is taken in the end.
`die URL FOLDER KEPT` renews, and ends by SIGKILL when KEPT entries have been kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path

import config.renewal
from config.credentials import Keyring
from config.renewal import LOCK_FILE, Rotation
from config.settings import Profile
from config.vault import Vault
from tests.config.file_keyring import FileKeyring
from tests.config.identity_provider import exchange, is_taken, post
from triage.errors import TriageError

PATIENT = 60.0
"""Seconds a keyring may take on a busy machine."""


def rotation_of(url: str, folder: Path, backend: FileKeyring | None = None) -> Rotation:
    vault = Vault("work", Profile(), Keyring(backend or FileKeyring(folder), limit=PATIENT))
    return Rotation(vault, lambda refresh: exchange(url, refresh), folder / LOCK_FILE, warn=sys.stderr.write)


def work(url: str, folder: Path) -> bool:
    """Use the kept token; where it is not taken, renew and use the next. Whether one was taken."""
    rotation = rotation_of(url, folder)
    try:
        token = rotation.token()
        if token is not None and is_taken(url, token.reveal()):
            return True
        fresh = asyncio.run(rotation.renew(token.reveal() if token else ""))
    except TriageError:
        return False
    return fresh is not None and is_taken(url, fresh)


def storm(url: str, folder: Path, processes: int, rounds: int) -> int:
    """Let all start at the same moment, once a round, each round with a token that has ended."""
    taken = 0
    for _ in range(rounds):
        post(f"{url}/expire", "")
        gun, trigger = os.pipe()
        children = [_child(url, folder, gun, trigger) for _ in range(processes)]
        os.close(gun)
        os.close(trigger)
        taken += sum(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0 for child in children)
    return taken


def _child(url: str, folder: Path, gun: int, trigger: int) -> int:
    child = os.fork()
    if child:
        return child
    os.close(trigger)
    os.read(gun, 1)  # returns when the last one holds no other end
    os._exit(0 if work(url, folder) else 1)


class Dying(FileKeyring):
    """Ends the process when so many entries have been kept and one more comes."""

    def __init__(self, folder: Path, kept: int) -> None:
        super().__init__(folder)
        self.left = kept

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self.left -= 1
        super().set_password(service, username, password)


def main(mode: str, url: str, place: str, *numbers: str) -> None:
    folder = Path(place)
    if mode == "die":
        asyncio.run(rotation_of(url, folder, Dying(folder, int(numbers[0]))).renew(numbers[1]))
        return
    if "no-lock" in numbers:
        config.renewal.token_turn = lambda *_: contextlib.nullcontext()
    sys.stdout.write(str(storm(url, folder, int(numbers[0]), int(numbers[1]))))


if __name__ == "__main__":
    main(*sys.argv[1:])
