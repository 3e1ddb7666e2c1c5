"""A whole sync whose token is not taken: at every request, from every source, and by a second process."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.credentials import Keyring
from config.paths import paths
from config.secret import Secret
from config.settings import Profile, Settings
from config.vault import Kept, Vault
from tests.cli.inside import Inside
from tests.config.file_keyring import FileKeyring
from tests.config.identity_provider import IdentityProvider, exchange, identity_provider
from tests.embedded_server import RunningServer, running_server
from triage.crm import registry
from triage.crm.bearer import Tokens
from triage.crm.rest import RestCrm
from triage.desk.events import SyncFinished, SyncStopped
from triage.desk.session import Session
from triage.domain.act import Act
from triage.domain.item import State
from triage.errors import NotSignedIn, Unreachable
from triage.house import House
from triage.wiring import open_session

STALE = "stale-token-0123456789"


def synced(session: Session) -> object:
    """Run one sync; return its last event."""

    async def run() -> object:
        return [event async for event in session.sync(everything=True)][-1]

    return asyncio.run(run())


# Tokens that rotate


class RotatingCrm(RestCrm):
    """An adapter whose tokens rotate, as one outside of this package would be written."""

    @staticmethod
    def exchange(url: str, refresh_token: str) -> Tokens:
        return exchange(url, refresh_token)


@pytest.fixture(scope="module")
def crm() -> Iterator[RunningServer]:
    with running_server(leads=30) as server:
        yield server


@pytest.fixture
def behind(crm: RunningServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[IdentityProvider]:
    """The embedded CRM behind an identity provider, with an adapter called `rotating`."""
    monkeypatch.setitem(registry._SHIPPED, "rotating", f"{__name__}:RotatingCrm")
    with identity_provider(crm.url, crm.rep_token) as made:
        yield made


class Desk:
    """A profile on that CRM, with one decision queued."""

    def __init__(self, folder: Path, provider: IdentityProvider) -> None:
        self.provider = provider
        self.profile = Profile(crm="rotating", url=provider.url, account_id="A-1", user_id="U-01")
        environ = {"TRIAGE_HOME": str(folder)}
        self.keyring = Keyring(FileKeyring(folder), limit=20)
        house = House(environ, paths(environ), Settings("work", {"work": self.profile}), self.keyring)
        Vault("work", self.profile, self.keyring).keep(
            Kept(Secret(provider.access), Secret(provider.refresh))
        )
        self.session = open_session(house)
        assert isinstance(self.sync(), SyncFinished)
        desk = self.session.desk
        lead = self.session.wait(lambda: desk.entries()[0].lead.lead_id)
        (self.item,) = self.session.wait(desk.decide, [lead], Act.ACCEPT).items

    def sync(self) -> object:
        return synced(self.session)

    @property
    def state(self) -> tuple[State, int]:
        item = self.session.wait(self.session.desk.outbox.get, self.item.id)
        return item.state, item.attempts


@pytest.fixture
def desk(behind: IdentityProvider, tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path, behind)
    yield made
    made.session.close()


def expire_at(provider: IdentityProvider, requests: int) -> None:
    provider.expires_after = len(provider.passed) + requests


@pytest.mark.parametrize("requests", range(5))
def test_a_token_that_ends_at_any_request_of_a_sync_is_renewed_and_that_request_repeated(
    desk: Desk, requests: int
) -> None:
    expire_at(desk.provider, requests)
    before = len(desk.provider.passed)
    last = desk.sync()
    assert isinstance(last, SyncFinished), last
    assert last.report.applied == 1
    assert desk.state == (State.APPLIED, 1)
    assert desk.provider.refreshes == 1
    assert len(desk.provider.refused) >= 1
    assert desk.provider.passed[before:].count("POST /v1/decisions") == 1


def test_a_sign_in_that_ends_in_a_sync_stops_the_run_and_keeps_the_item_uncounted(desk: Desk) -> None:
    expire_at(desk.provider, 2)  # after the question who it is and what the CRM can do: at the write
    desk.provider.refresh = ""
    last = desk.sync()
    assert isinstance(last, SyncStopped)
    assert isinstance(last.error, NotSignedIn)
    assert "triage login work" in last.error.hint
    assert desk.provider.refused == ["POST /v1/decisions"]
    assert desk.state == (State.QUEUED, 0)


def test_a_provider_that_is_down_in_a_sync_is_no_lost_sign_in(desk: Desk) -> None:
    expire_at(desk.provider, 2)
    desk.provider.down = True
    last = desk.sync()
    assert isinstance(last, SyncStopped)
    assert isinstance(last.error, Unreachable)
    assert desk.state[0] is State.QUEUED
    desk.provider.down = False
    assert isinstance(desk.sync(), SyncFinished)


# Other sources


class TwoTokens(FileKeyring):
    """A keyring whose entry is replaced, by a sign-in elsewhere, after it was read once."""

    def __init__(self, folder: Path, *tokens: str) -> None:
        super().__init__(folder)
        self._tokens = list(tokens)

    def get_password(self, service: str, username: str) -> str | None:
        return self._tokens.pop(0) if len(self._tokens) > 1 else self._tokens[0]


@pytest.mark.parametrize(("tokens", "ends"), [((STALE, "GOOD"), SyncFinished), ((STALE, STALE), SyncStopped)])
def test_a_sign_in_elsewhere_is_found_in_the_keyring(
    crm: RunningServer, tmp_path: Path, tokens: tuple[str, ...], ends: type
) -> None:
    backend = TwoTokens(tmp_path, *(token.replace("GOOD", crm.rep_token) for token in tokens))
    environ = {"TRIAGE_HOME": str(tmp_path)}
    profile = Profile(url=crm.url, account_id="A-1", user_id="U-01")
    settings = Settings("work", {"work": profile})
    session = open_session(House(environ, paths(environ), settings, Keyring(backend, limit=20)))
    try:
        assert isinstance(synced(session), ends)
    finally:
        session.close()


def command(folder: Path, *prints: str) -> str:
    """Return a token command that prints one thing after the other, and notes each time it is run."""
    script = folder / "command"
    lines = [f'echo run >> "{folder}/runs"', f'case "$(wc -l < "{folder}/runs")" in']
    lines += [f"{number}) echo {token};;" for number, token in enumerate(prints, 1)]
    script.write_text("\n".join([*lines, f"*) echo {prints[-1]};;", "esac", ""]))
    return f"sh {script}"


def runs(folder: Path) -> int:
    return len((folder / "runs").read_text().splitlines())


class Commanded(Inside):
    """A shell with a token command and no other token."""

    line = ""

    @property
    def environ(self) -> dict[str, str]:
        return super().environ | {"TRIAGE_TOKEN": "", "TRIAGE_TOKEN_COMMAND": self.line}


@pytest.fixture
def shell(crm: RunningServer, tmp_path: Path) -> Commanded:
    Inside(tmp_path, token=crm.rep_token).ok("login", "work", "--url", crm.url)
    return Commanded(tmp_path)


def test_a_token_command_is_asked_again_once_and_its_newer_token_used(
    shell: Commanded, crm: RunningServer, tmp_path: Path
) -> None:
    shell.line = command(tmp_path, STALE, crm.rep_token)
    shell.ok("sync")
    assert runs(tmp_path) == 2


def test_a_token_command_with_nothing_newer_is_not_signed_in_after_two_runs(
    shell: Commanded, tmp_path: Path
) -> None:
    shell.line = command(tmp_path, STALE)
    assert "does not take the token" in shell.said(4, "sync")
    assert runs(tmp_path) == 2


def test_a_token_command_that_fails_the_second_time_is_quoted(shell: Commanded, tmp_path: Path) -> None:
    shell.line = command(tmp_path, STALE, "; echo the vault is locked >&2; exit 3")
    assert "the vault is locked" in shell.said(4, "sync")
