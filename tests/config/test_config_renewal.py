"""A token that the CRM stops taking: renewed once for all, kept before it is used, and never lost to a race."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.credentials import Keyring, store_token
from config.renewal import LOCK_FILE, Rotation, SecondLook, token_turn
from config.secret import Secret
from config.settings import Profile
from config.vault import Kept, Vault
from tests.cli.shell import ROOT
from tests.config.file_keyring import FileKeyring
from tests.config.identity_provider import IdentityProvider, exchange, identity_provider
from triage.crm.bearer import Tokens
from triage.errors import NotSignedIn, Unreachable

WORK = Profile()
PROCESSES = 12
WITHIN = 300


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    with identity_provider() as made:
        yield made


class Rep:
    """A signed-in rep on one machine: a keyring in a folder, and what would renew its token."""

    def __init__(self, folder: Path, provider: IdentityProvider) -> None:
        self.provider = provider
        self.folder = folder
        self.backend = Refusing(folder)
        self.vault = Vault("work", WORK, Keyring(self.backend, limit=20))
        self.told: list[str] = []
        self.now = 0.0
        self.sign_in()

    def sign_in(self) -> None:
        self.vault.keep(Kept(Secret(self.provider.access), Secret(self.provider.refresh)))

    def rotation(self) -> Rotation:
        return Rotation(
            self.vault,
            lambda refresh: exchange(self.provider.url, refresh),
            self.folder / LOCK_FILE,
            warn=self.told.append,
            monotonic=lambda: self.now,
        )

    @property
    def kept(self) -> tuple[str, str]:
        kept = self.vault.read()
        return tuple(secret.reveal() if secret else "" for secret in (kept.token, kept.refresh))


class Refusing(FileKeyring):
    """A keyring in a folder that can be told to take nothing."""

    full = False

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.full:
            raise OSError(password)
        super().set_password(service, username, password)


@pytest.fixture
def rep(tmp_path: Path, provider: IdentityProvider) -> Rep:
    return Rep(tmp_path, provider)


def renewed(rotation: Rotation, refused: str) -> str | None:
    return asyncio.run(rotation.renew(refused))


# Asking a source once more


class Waited:
    """A lock that nobody gets before all have come."""

    def __init__(self, lock: threading.Lock, all_here: threading.Barrier) -> None:
        self._lock = lock
        self._all_here = all_here

    def __enter__(self) -> None:
        self._all_here.wait(20)
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def test_those_who_wait_for_a_source_at_the_same_time_ask_it_once() -> None:
    asked, waiting = [], threading.Barrier(3)

    def look() -> Secret:
        asked.append(1)
        return Secret("newer")

    second = SecondLook(look)
    second._turn = Waited(second._turn, waiting)

    async def all_at_once() -> list[str | None]:
        return await asyncio.gather(*(second.renew("older") for _ in range(3)))

    assert asyncio.run(all_at_once()) == ["newer"] * 3
    assert len(asked) == 1


def test_a_source_is_asked_anew_the_next_time() -> None:
    answers = iter(["second", "third", "third"])
    look = SecondLook(lambda: Secret(next(answers)))
    assert [asyncio.run(look.renew(token)) for token in ("first", "second", "third")] == [
        "second",
        "third",
        None,
    ]


# Rotation


def test_a_renewed_token_is_kept_with_its_refresh_token(rep: Rep) -> None:
    old = rep.provider.access
    rep.provider.expire()
    fresh = renewed(rep.rotation(), old)
    assert fresh == rep.provider.access
    assert rep.kept == (rep.provider.access, rep.provider.refresh)


def test_what_another_process_renewed_is_used_without_asking(rep: Rep) -> None:
    old = rep.provider.access
    rep.provider.expire()
    first, second = rep.rotation(), rep.rotation()
    assert renewed(first, old) == renewed(second, old) == rep.provider.access
    assert rep.provider.refreshes == 1


def test_the_new_refresh_token_is_kept_before_the_new_token_is_used(rep: Rep) -> None:
    order = []
    keep = rep.backend.set_password
    rep.backend.set_password = lambda *entry: (order.append(entry[2]), keep(*entry))[1]
    old = rep.provider.access
    rep.provider.expire()
    order.append(f"used {renewed(rep.rotation(), old)}")
    assert order == [rep.provider.refresh, rep.provider.access, f"used {rep.provider.access}"]


def test_a_token_is_renewed_a_minute_before_its_end(rep: Rep) -> None:
    rotation = rep.rotation()
    rep.provider.expire()
    fresh = renewed(rotation, rep.kept[0])
    for now, refreshes in ((0.0, 1), (3539.0, 1), (3541.0, 2)):
        rep.now = now
        token = rotation.token()
        assert rep.provider.refreshes == refreshes
        assert (token == Secret(fresh)) is (refreshes == 1)


def test_a_token_that_lives_for_less_than_a_minute_is_not_renewed_at_each_look(rep: Rep) -> None:
    issued = Tokens("short-lived-token", "", 10)
    rotation = rep.rotation()
    rotation._exchange = lambda _refresh: issued
    assert renewed(rotation, rep.kept[0]) == "short-lived-token"
    rotation._exchange = lambda _refresh: pytest.fail("it was renewed again")
    assert rotation.token() == Secret("short-lived-token")


def test_where_the_refresh_token_stays_good_it_stays_kept(rep: Rep) -> None:
    rotation = rep.rotation()
    rotation._exchange = lambda _refresh: Tokens("another-token")
    refresh = rep.kept[1]
    assert renewed(rotation, rep.kept[0]) == "another-token"
    assert rep.kept == ("another-token", refresh)


def test_a_sign_in_that_has_ended_is_forgotten_and_said(rep: Rep) -> None:
    old = rep.provider.access
    rep.provider.access = rep.provider.refresh = ""
    with pytest.raises(NotSignedIn, match="has ended") as caught:
        renewed(rep.rotation(), old)
    assert "triage login work" in caught.value.hint
    assert rep.kept == ("", "")


def test_a_sign_in_made_meanwhile_is_used_and_not_forgotten(rep: Rep) -> None:
    """The provider refuses the old refresh token while, in a browser, the rep has signed in again."""
    rotation = rep.rotation()
    old = rep.kept[0]

    def refuse_once(_refresh: str) -> Tokens:
        rep.provider.sign_in()
        rep.sign_in()
        raise NotSignedIn("invalid_grant")

    rotation._exchange = refuse_once
    assert renewed(rotation, old) == rep.provider.access
    assert rep.kept == (rep.provider.access, rep.provider.refresh)


def test_a_sign_in_made_in_the_last_moment_is_not_forgotten_either(rep: Rep) -> None:
    """Each time the provider refuses, the rep has just signed in once more."""
    rotation = rep.rotation()
    newer = iter(["refresh-newer", "refresh-newest"])

    def refuse(_refresh: str) -> Tokens:
        rep.vault.keep(Kept(None, Secret(next(newer))))
        raise NotSignedIn("invalid_grant")

    rotation._exchange = refuse
    with pytest.raises(NotSignedIn):
        renewed(rotation, rep.kept[0])
    assert rep.kept[1] == "refresh-newest"


def test_a_provider_that_is_down_costs_no_sign_in(rep: Rep) -> None:
    kept = rep.kept
    rep.provider.down = True
    with pytest.raises(Unreachable):
        renewed(rep.rotation(), kept[0])
    assert rep.kept == kept


def test_an_exchange_that_breaks_is_a_provider_that_is_away_and_shows_no_token(rep: Rep) -> None:
    def broken(refresh: str) -> Tokens:
        raise OSError(refresh)

    kept = rep.kept
    rotation = Rotation(rep.vault, broken, rep.folder / LOCK_FILE, warn=rep.told.append)
    with pytest.raises(Unreachable) as caught:
        renewed(rotation, kept[0])
    assert kept[1] not in "".join(traceback.format_exception(caught.value))
    assert rep.kept == kept


def test_a_keyring_that_takes_nothing_is_said_and_the_token_serves_on(rep: Rep) -> None:
    rotation = rep.rotation()
    old = rep.kept
    rep.provider.expire()
    rep.backend.full = True
    fresh = renewed(rotation, old[0])
    assert fresh == rep.provider.access
    assert rep.kept == old
    assert rotation.token() == Secret(fresh)
    assert len(rep.told) == 1
    assert "could not be kept" in rep.told[0]
    assert "triage login work" in rep.told[0]
    assert not any(secret in rep.told[0] for secret in (*old, fresh, rep.provider.refresh))


def test_what_could_not_be_kept_is_renewed_from_and_kept_as_soon_as_possible(rep: Rep) -> None:
    rotation = rep.rotation()
    rep.backend.full = True
    rep.provider.expire()
    second = renewed(rotation, rep.kept[0])
    rep.provider.expire()
    third = renewed(rotation, second)
    assert third == rep.provider.access
    assert rep.provider.invalid_grants == 0
    rep.backend.full = False
    rotation.token()
    assert rep.kept == (rep.provider.access, rep.provider.refresh)


def test_a_new_sign_in_wins_over_what_could_not_be_kept(rep: Rep) -> None:
    rotation = rep.rotation()
    rep.backend.full = True
    rep.provider.expire()
    renewed(rotation, rep.kept[0])
    rep.backend.full = False
    rep.provider.sign_in()
    rep.sign_in()
    assert rotation.token() == Secret(rep.provider.access)
    assert rep.kept == (rep.provider.access, rep.provider.refresh)


def test_without_a_refresh_token_nothing_is_renewed(rep: Rep) -> None:
    rep.vault.forget()
    store_token("work", WORK, Secret("only"), keyring=rep.vault.keyring)
    assert renewed(rep.rotation(), "only") is None
    assert rep.provider.refreshes == 0


def test_a_lock_that_is_held_for_too_long_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / LOCK_FILE
    with token_turn(path), pytest.raises(Unreachable, match="too long"), token_turn(path, 0.05):
        pytest.fail("there were two")


def test_a_cancelled_caller_loses_no_token(rep: Rep) -> None:
    started, may_answer = threading.Event(), threading.Event()
    rotation = rep.rotation()
    ask = rotation._exchange

    def slow(refresh: str) -> Tokens:
        started.set()
        assert may_answer.wait(20), "the event loop stood still"
        return ask(refresh)

    rotation._exchange = slow

    async def cancelled() -> None:
        task = asyncio.ensure_future(rotation.renew(rep.kept[0]))
        await asyncio.to_thread(started.wait, 20)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        may_answer.set()

    asyncio.run(cancelled())  # it ends when its threads have
    assert rep.provider.refreshes == 1
    assert rep.kept == (rep.provider.access, rep.provider.refresh)


# Several processes, and processes that are killed


def program(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.config.renewing", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=WITHIN,
        check=False,
    )


def storm(rep: Rep, rounds: int, *options: str) -> int:
    """Return how many of twelve processes a round had a token that is taken."""
    ended = program("storm", rep.provider.url, rep.folder, PROCESSES, rounds, *options)
    assert ended.returncode == 0, ended.stderr
    return int(ended.stdout)


def no_token_is_lost(rep: Rep, rounds: int) -> None:
    assert storm(rep, rounds) == PROCESSES * rounds
    assert (rep.provider.refreshes, rep.provider.invalid_grants) == (rounds, 0)
    assert rep.kept == (rep.provider.access, rep.provider.refresh)


def test_twelve_processes_at_once_renew_once_and_lose_no_token(rep: Rep) -> None:
    no_token_is_lost(rep, rounds=3)


@pytest.mark.soak
@pytest.mark.timeout(WITHIN)
def test_twelve_processes_a_hundred_times_renew_once_and_lose_no_token(rep: Rep) -> None:
    no_token_is_lost(rep, rounds=100)


def test_without_the_lock_the_same_storm_ends_the_sign_in(rep: Rep) -> None:
    taken = storm(rep, 3, "no-lock")
    assert rep.provider.invalid_grants > 0
    assert taken < PROCESSES * 3


def test_killed_before_the_new_refresh_token_is_kept_only_the_sign_in_is_lost(rep: Rep) -> None:
    old = rep.kept[0]
    rep.provider.expire()
    assert program("die", rep.provider.url, rep.folder, 0, old).returncode == -9
    assert rep.kept[0] == old
    with pytest.raises(NotSignedIn, match="has ended"):
        renewed(rep.rotation(), old)
    assert rep.kept == ("", "")


def test_killed_between_the_two_entries_nothing_is_lost(rep: Rep) -> None:
    old = rep.kept[0]
    rep.provider.expire()
    assert program("die", rep.provider.url, rep.folder, 1, old).returncode == -9
    assert renewed(rep.rotation(), old) == rep.provider.access
    assert rep.provider.invalid_grants == 0
