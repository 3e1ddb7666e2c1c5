"""The token in a real Secret Service, and every way in which a keyring can fail."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from config.credentials import LIMIT, Keyring, forget_token, kept_token, store_token
from config.secret import Secret
from config.settings import Profile
from tests.cli.shell import ROOT, WITHIN, Ran, Shell
from tests.config.secret_service import (
    MISSING,
    PROMPTER,
    SECRETS,
    Bus,
    InsideSeat,
    Seat,
    listener,
    needs_secret_service,
    private_bus,
)
from tests.embedded_server import RunningServer, running_server

PATIENCE = 20.0
"""Seconds a keyring that works may take on a busy machine."""
TIMED_OUT = f"did not answer within {LIMIT:g} s"
AT_ONCE = 4
"""Sign-ins that run side by side."""


@pytest.fixture(scope="module")
def crm() -> Iterator[RunningServer]:
    with running_server(leads=12) as server:
        yield server


@pytest.fixture
def bus() -> Iterator[Bus]:
    with private_bus() as made:
        yield made


def files_with(token: str, *folders: Path) -> list[Path]:
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return [path for path in files if token.encode() in path.read_bytes()]


def entries() -> dict[tuple[str, str], str]:
    """Return all that the Secret Service of this environment holds."""
    import secretstorage

    connection = secretstorage.dbus_init()
    try:
        items = secretstorage.get_default_collection(connection).get_all_items()
        attributes = [(item.get_attributes(), item.get_secret().decode()) for item in items]
    finally:
        connection.close()
    return {(found["service"], found["username"]): secret for found, secret in attributes}


def signed_in(seat: Shell, crm: RunningServer, name: str = "work", token: str = "") -> Ran:
    entered = f"{token or crm.rep_token}\n"
    return seat.run("login", name, "--url", crm.url, "--token-stdin", stdin=entered)


# A keyring that works


@needs_secret_service
def test_from_sign_in_to_sign_out_the_token_is_in_the_keyring_and_nowhere_else(
    bus: Bus, crm: RunningServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.address)
    seat = Seat(tmp_path, surroundings=bus.environ)
    service = f"triage:rest:{crm.url.removeprefix('http://')}"
    with bus.keyring():
        assert signed_in(seat, crm).code == 0
        assert entries() == {(service, "work"): crm.rep_token}
        assert "U-01" in seat.ok("whoami").out
        assert seat.ok("sync", "--json").json["fetched"] >= 12
        assert files_with(crm.rep_token, tmp_path, bus.home) == []
        seat.ok("logout", "work")
        assert entries() == {}
    assert crm.rep_token not in "".join(seat.printed)


@needs_secret_service
def test_two_profiles_of_one_crm_never_meet_in_the_keyring(
    bus: Bus, crm: RunningServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("keyring.core._keyring_backend", None)  # what an earlier test made it choose
    monkeypatch.setitem(Keyring.__init__.__kwdefaults__, "limit", PATIENCE)
    seat = InsideSeat(tmp_path, surroundings=bus.environ)
    with bus.keyring():
        signed_in(seat, crm)
        signed_in(seat, crm, "other", crm.token_of("U-02"))
        assert "U-01" in seat.ok("whoami", "--profile", "work").out
        assert "U-02" in seat.ok("whoami", "--profile", "other").out
        seat.ok("logout", "work")
        assert "U-02" in seat.ok("whoami", "--profile", "other").out


@needs_secret_service
def test_a_token_of_8_kb_is_kept_whole_and_forgotten_whole(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    from keyring.backends.SecretService import Keyring as SecretService

    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.address)
    profile, keyring, secret = Profile(), Keyring(SecretService(), limit=PATIENCE), Secret("k" * 8192)
    with bus.keyring():
        store_token("work", profile, Secret("older"), keyring=keyring)
        store_token("work", profile, secret, keyring=keyring)
        assert kept_token("work", profile, keyring=keyring) == secret
        assert list(entries().values()) == [secret.reveal()]
        forget_token("work", profile, keyring=keyring)
        assert entries() == {}


# Keyrings that do not


@dataclass(frozen=True)
class Broken:
    """A surrounding in which no token can be kept, and the words that say so."""

    says: str
    make: Callable[[ExitStack, Path], dict[str, str]]
    needs_bus: bool = False
    hangs: bool = False


def _dead_address(_stack: ExitStack, home: Path) -> dict[str, str]:
    return {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={home}/nobody"}


def _locked(stack: ExitStack, _home: Path, *names: str) -> dict[str, str]:
    bus = stack.enter_context(private_bus())
    with bus.keyring():
        pass  # it makes its collection, which stays on the disk
    for name in names:
        bus.take(name)
    stack.enter_context(bus.keyring(unlocked=False))
    return bus.environ


def _silent_prompter(stack: ExitStack, home: Path) -> dict[str, str]:
    return _locked(stack, home, PROMPTER)


def _silent_service(stack: ExitStack, _home: Path) -> dict[str, str]:
    bus = stack.enter_context(private_bus())
    bus.take(SECRETS)
    return bus.environ


def _silent_socket(stack: ExitStack, _home: Path) -> dict[str, str]:
    return {"DBUS_SESSION_BUS_ADDRESS": stack.enter_context(listener(silent=True)).address}


def _backend(name: str) -> Callable[[ExitStack, Path], dict[str, str]]:
    return lambda _stack, _home: {"PYTHON_KEYRING_BACKEND": name}


def _own_backend(name: str, body: str) -> Callable[[ExitStack, Path], dict[str, str]]:
    """Put a backend of a user's own where Python finds it."""

    def make(_stack: ExitStack, home: Path) -> dict[str, str]:
        _write_backend(home, name, body)
        return {
            "PYTHON_KEYRING_BACKEND": f"own_backend.{name}",
            "PYTHONPATH": os.pathsep.join([str(home), str(ROOT)]),
        }

    return make


def _evil_settings(_stack: ExitStack, home: Path) -> dict[str, str]:
    """Let keyring's own settings name code that ends the program."""
    _write_backend(home, "Keyring", ENDING)
    settings = home / "python_keyring"
    settings.mkdir()
    lines = ("[backend]", "default-keyring=own_backend.Keyring", f"keyring-path={home}")
    (settings / "keyringrc.cfg").write_text("\n".join(lines))
    return {"XDG_CONFIG_HOME": str(home)}


def _write_backend(home: Path, name: str, body: str) -> None:
    head = f"from keyring.backend import KeyringBackend\nclass {name}(KeyringBackend):\n    priority = 9\n"
    (home / "own_backend.py").write_text(f"{head}    {body}\n")


ENDING = """def get_password(self, s, u): raise SystemExit(0)
    def set_password(self, s, u, p): raise SystemExit(0)"""
RAISING = """def get_password(self, s, u): return None
    def set_password(self, s, u, p): raise RuntimeError('cannot keep ' + p)"""
PLAIN = """def get_password(self, s, u): return open(__file__ + '.txt').read()
    def set_password(self, s, u, p): open(__file__ + '.txt', 'w').write(p)"""
BROKEN = {
    "no bus": Broken("NoKeyringError", lambda _stack, _home: {}),
    "a dead address": Broken("NoKeyringError", _dead_address),
    "a bus that says nothing": Broken("NoKeyringError", _silent_socket),
    "a service that says nothing": Broken(TIMED_OUT, _silent_service, needs_bus=True, hangs=True),
    "a prompt that nobody answers": Broken(TIMED_OUT, _silent_prompter, needs_bus=True, hangs=True),
    "locked": Broken("KeyringLocked", _locked, needs_bus=True),
    "null": Broken("did not keep it", _backend("keyring.backends.null.Keyring")),
    "fail": Broken("NoKeyringError", _backend("keyring.backends.fail.Keyring")),
    "an absent module": Broken("ModuleNotFoundError", _backend("nobody.Keyring")),
    "one that says the token": Broken("RuntimeError", _own_backend("Raising", RAISING)),
    "one in plain text": Broken("in plain text", _own_backend("PlaintextKeyring", PLAIN)),
    "settings that end the program": Broken("SystemExit", _evil_settings),
}


BOTH = """
import io, json, sys
from config.credentials import Keyring
from triage.cli.main import run
Keyring.__init__.__kwdefaults__["limit"] = float(sys.argv[2])
sys.stdin = io.StringIO(sys.stdin.read())
print(json.dumps([run(["login", "work", "--url", sys.argv[1], "--token-stdin"]), run(["whoami"])]))
"""
"""Signs in, and asks who one is: one program, because each start costs half a second."""


@dataclass(frozen=True)
class Tried:
    """What came of it, and which files hold the token afterwards."""

    ran: Ran
    leaked: list[Path]


@pytest.fixture(scope="module")
def tried(crm: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Tried]:
    """Sign in within each broken surrounding, several at once: some take their three seconds, twice."""

    def attempt(name: str) -> Tried:
        home = tmp_path_factory.mktemp("home")
        with ExitStack() as stack:
            seat = Seat(home, surroundings=BROKEN[name].make(stack, home))
            ended = subprocess.run(
                [sys.executable, "-c", BOTH, crm.url, str(LIMIT if BROKEN[name].hangs else PATIENCE)],
                cwd=ROOT,
                env=seat.environ,
                input=f"{crm.rep_token}\n",
                capture_output=True,
                text=True,
                timeout=WITHIN,
                check=False,
            )
            return Tried(Ran(*_parts(ended)), files_with(crm.rep_token, home))

    possible = [name for name in BROKEN if not (MISSING and BROKEN[name].needs_bus)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(possible, pool.map(attempt, possible), strict=True))


def _parts(ended: subprocess.CompletedProcess[str]) -> tuple[int, str, str]:
    return ended.returncode, ended.stdout, ended.stderr


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=needs_secret_service if BROKEN[name].needs_bus else ()) for name in BROKEN],
)
def test_without_a_keyring_one_still_signs_in_and_is_told_how_to_go_on(
    tried: dict[str, Tried], crm: RunningServer, name: str
) -> None:
    found = tried[name]
    assert (found.ran.code, found.ran.json) == (0, [0, 4]), found.ran
    signing_in, _, asking = found.ran.err.partition("triage: ")
    assert "The token was not saved: The keyring" in signing_in
    assert BROKEN[name].says in signing_in
    for said in (signing_in, asking):
        assert "TRIAGE_TOKEN," in said
        assert "TRIAGE_TOKEN_COMMAND" in said
    assert crm.rep_token not in found.ran.out + found.ran.err
    assert found.leaked == []
