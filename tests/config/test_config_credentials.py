"""Where the token comes from, and that a bad keyring costs seconds and not the sign-in."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.credentials import (
    Keyring,
    find_again,
    find_credential,
    forget_token,
    service_of,
    store_token,
    variable_in_use,
    variable_of,
    without_tokens,
)
from config.secret import Secret
from config.settings import Profile
from tests.config.tokens import SENTINEL, printing, told
from triage.errors import CredentialsUnavailable

ROOT = Path(__file__).parents[2]
WORK = Profile(crm="rest", url="https://CRM.example:8443/api")
QUICK = 0.05
"""Seconds a keyring gets that is known to hang."""


class MemoryKeyring:
    """A keyring that works."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class DroppingKeyring(MemoryKeyring):
    """One that says yes and keeps nothing, as the null backend does."""

    def set_password(self, service: str, username: str, password: str) -> None:
        pass


class ClingingKeyring(MemoryKeyring):
    """One that says yes and deletes nothing."""

    def delete_password(self, service: str, username: str) -> None:
        pass


class PanicError(BaseException):
    """What a backend written in another language raises."""


class RaisingKeyring(MemoryKeyring):
    """One that raises, with the secret in its words."""

    error: type[BaseException] = RuntimeError

    def get_password(self, service: str, username: str) -> str | None:
        raise self.error(SENTINEL)

    def set_password(self, service: str, username: str, password: str) -> None:
        raise self.error(password)


class PanickingKeyring(RaisingKeyring):
    error = PanicError


class HangingKeyring(MemoryKeyring):
    """One that does not answer until the test is over."""

    def __init__(self, over: threading.Event) -> None:
        super().__init__()
        self.over = over
        self.calls = 0

    def get_password(self, service: str, username: str) -> str | None:
        self.calls += 1
        self.over.wait(30)
        return None

    def set_password(self, service: str, username: str, password: str) -> None:
        self.get_password(service, username)


@pytest.fixture
def hanging() -> Iterator[HangingKeyring]:
    over = threading.Event()
    yield HangingKeyring(over)
    over.set()


def find(keyring: Keyring, given: str | None = None, **environ: str) -> tuple[str, str]:
    credential = find_credential("work", WORK, environ=environ, keyring=keyring, given=given)
    return credential.secret.reveal(), credential.source


# The order


def test_the_places_are_asked_in_their_order(hanging: HangingKeyring) -> None:
    keyring = Keyring(hanging)
    places = {
        "TRIAGE_TOKEN_WORK": "for-work",
        "TRIAGE_TOKEN": "from-env",
        "TRIAGE_TOKEN_COMMAND": printing("from-command"),
    }
    assert find(keyring, "from-caller", **places) == ("from-caller", "given")
    assert find(keyring, **places) == ("for-work", "TRIAGE_TOKEN_WORK")
    places.pop("TRIAGE_TOKEN_WORK")
    assert find(keyring, **places) == ("from-env", "TRIAGE_TOKEN")
    places.pop("TRIAGE_TOKEN")
    assert find(keyring, **places) == ("from-command", "TRIAGE_TOKEN_COMMAND")
    assert hanging.calls == 0


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("work", "TRIAGE_TOKEN_WORK"),
        ("eu-work.2", "TRIAGE_TOKEN_EU_WORK_2"),
        ("a_b", "TRIAGE_TOKEN_A_B"),
    ],
)
def test_each_profile_has_a_variable_of_its_own(name: str, variable: str) -> None:
    assert variable_of(name) == variable
    assert variable_in_use(name, {variable: "x", "TRIAGE_TOKEN": "y"}) == variable
    assert variable_in_use("other", {variable: "x", "TRIAGE_TOKEN": "y"}) == "TRIAGE_TOKEN"


def test_a_profile_called_command_never_takes_the_command_for_its_token() -> None:
    line = printing("from-command")
    found = find_credential(
        "command", WORK, environ={"TRIAGE_TOKEN_COMMAND": line}, keyring=Keyring(MemoryKeyring())
    )
    assert (found.secret.reveal(), found.source) == ("from-command", "TRIAGE_TOKEN_COMMAND")


def test_other_programs_are_not_given_a_token() -> None:
    environ = {
        "HOME": "/home/rep",
        "TRIAGE_TOKEN": SENTINEL,
        "TRIAGE_TOKEN_OTHER": SENTINEL,
        "TRIAGE_TOKEN_COMMAND": "pass triage",
        "TRIAGE_HOME": "/home/rep/triage",
    }
    assert SENTINEL not in without_tokens(environ).values()
    assert set(without_tokens(environ)) == {"HOME", "TRIAGE_TOKEN_COMMAND", "TRIAGE_HOME"}


def test_the_token_command_is_not_given_the_token_of_another_profile() -> None:
    script = "import os; print(os.environ.get('TRIAGE_TOKEN_OTHER', 'none-of-it'))"
    command = f'{sys.executable} -c "{script}"'
    environ = {"TRIAGE_TOKEN_COMMAND": command, "TRIAGE_TOKEN_OTHER": SENTINEL}
    assert find(Keyring(MemoryKeyring()), **environ)[0] == "none-of-it"


# Asking again, after a 401


def again(backend: MemoryKeyring, given: str | None = None, **environ: str) -> str | None:
    found = find_again("work", WORK, environ=environ, keyring=Keyring(backend), given=given)
    return found.reveal() if found else None


def test_a_variable_is_not_asked_again_and_does_not_fall_back_on_the_keyring() -> None:
    backend = MemoryKeyring()
    store_token("work", WORK, Secret("kept"), keyring=Keyring(backend))
    for variable in ("TRIAGE_TOKEN", "TRIAGE_TOKEN_WORK"):
        assert again(backend, **{variable: "stale"}) is None


def test_the_command_is_run_again_and_the_keyring_read_again() -> None:
    backend = MemoryKeyring()
    store_token("work", WORK, Secret("of-a-new-sign-in"), keyring=Keyring(backend))
    assert again(backend, TRIAGE_TOKEN_COMMAND=printing("newer")) == "newer"
    assert again(backend) == "of-a-new-sign-in"
    assert again(backend, given="typed") == "of-a-new-sign-in"


def test_what_was_typed_is_never_replaced_by_the_environments_token() -> None:
    assert again(MemoryKeyring(), given="typed", TRIAGE_TOKEN_COMMAND=printing(SENTINEL)) is None


def test_a_keyring_that_fails_when_asked_again_leaves_the_crms_own_words() -> None:
    assert again(RaisingKeyring()) is None


def test_the_keyring_comes_last() -> None:
    backend = MemoryKeyring()
    store_token("work", WORK, Secret(SENTINEL), keyring=Keyring(backend))
    assert find(Keyring(backend), TRIAGE_TOKEN="") == (SENTINEL, "keyring")


def test_no_token_anywhere_names_the_choices() -> None:
    with pytest.raises(CredentialsUnavailable) as caught:
        find(Keyring(MemoryKeyring()))
    for choice in ("triage login work", "TRIAGE_TOKEN,", "TRIAGE_TOKEN_COMMAND"):
        assert choice in caught.value.hint


def test_the_entry_is_named_after_crm_host_and_profile() -> None:
    backend = MemoryKeyring()
    store_token("work", WORK, Secret(SENTINEL), keyring=Keyring(backend))
    assert backend.kept == {("triage:rest:crm.example:8443", "work"): SENTINEL}
    assert service_of(Profile(crm="hubspot")) == "triage:hubspot:default"


def test_two_profiles_of_one_host_keep_two_tokens() -> None:
    keyring = Keyring(MemoryKeyring())
    store_token("work", WORK, Secret("one"), keyring=keyring)
    store_token("other", WORK, Secret("two"), keyring=keyring)
    assert find(keyring) == ("one", "keyring")


# The keyring


def test_a_keyring_that_hangs_is_given_up_and_not_asked_again(hanging: HangingKeyring) -> None:
    keyring = Keyring(hanging, limit=QUICK)
    for _ in range(2):
        with pytest.raises(CredentialsUnavailable, match="did not answer") as caught:
            find(keyring)
        assert "TRIAGE_TOKEN_COMMAND" in caught.value.hint
    with pytest.raises(CredentialsUnavailable):
        store_token("work", WORK, Secret(SENTINEL), keyring=keyring)
    assert hanging.calls == 1


def test_a_keyring_that_hangs_does_not_hold_up_the_end_of_the_program() -> None:
    script = """
import threading
from config.credentials import Keyring
from triage.errors import CredentialsUnavailable
class Hanging:
    def get_password(self, service, username):
        threading.Event().wait()
try:
    Keyring(Hanging(), limit=0.05).read("a", "b")
except CredentialsUnavailable:
    print("given up")
"""
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, timeout=20, check=True
    )
    assert ended.stdout == b"given up\n"


@pytest.mark.parametrize("backend", [RaisingKeyring(), PanickingKeyring()], ids=["error", "panic"])
def test_a_keyring_that_raises_anything_is_unavailable_and_its_words_are_not_shown(
    backend: RaisingKeyring,
) -> None:
    for attempt in (
        lambda: find(Keyring(backend)),
        lambda: store_token("work", WORK, Secret(SENTINEL), keyring=Keyring(backend)),
        lambda: forget_token("work", WORK, keyring=Keyring(backend)),
    ):
        with pytest.raises(CredentialsUnavailable, match=backend.error.__name__) as caught:
            attempt()
        assert SENTINEL not in told(caught.value)


def test_a_keyring_that_silently_drops_the_token_is_found_out() -> None:
    with pytest.raises(CredentialsUnavailable, match="did not keep it") as caught:
        store_token("work", WORK, Secret(SENTINEL), keyring=Keyring(DroppingKeyring()))
    assert "TRIAGE_TOKEN," in caught.value.hint
    assert SENTINEL not in told(caught.value)


def test_a_keyring_that_keeps_an_older_token_is_found_out() -> None:
    backend = DroppingKeyring()
    backend.kept[service_of(WORK), "work"] = "older"
    with pytest.raises(CredentialsUnavailable, match="did not keep it"):
        store_token("work", WORK, Secret(SENTINEL), keyring=Keyring(backend))


def test_a_keyring_in_plain_text_is_not_written_to() -> None:
    class PlaintextKeyring(MemoryKeyring):
        """As one that other packages bring along."""

    class Chain(MemoryKeyring):
        """A chain of keyrings: it writes to the first."""

        backends = (PlaintextKeyring(), MemoryKeyring())

    for backend in (PlaintextKeyring(), Chain()):
        with pytest.raises(CredentialsUnavailable, match="plain text"):
            store_token("work", WORK, Secret(SENTINEL), keyring=Keyring(backend))
        assert backend.kept == {}
    Chain.backends = (MemoryKeyring(), PlaintextKeyring())
    store_token("work", WORK, Secret(SENTINEL), keyring=Keyring(Chain()))


def test_a_forgotten_token_is_gone_and_forgetting_twice_is_fine() -> None:
    keyring = Keyring(MemoryKeyring())
    store_token("work", WORK, Secret(SENTINEL), keyring=keyring)
    forget_token("work", WORK, keyring=keyring)
    forget_token("work", WORK, keyring=keyring)
    with pytest.raises(CredentialsUnavailable, match="No token"):
        find(keyring)


def test_a_keyring_that_does_not_forget_is_found_out() -> None:
    keyring = Keyring(ClingingKeyring())
    store_token("work", WORK, Secret(SENTINEL), keyring=keyring)
    with pytest.raises(CredentialsUnavailable, match="still holds"):
        forget_token("work", WORK, keyring=keyring)


def test_the_keyring_in_use_can_be_named() -> None:
    assert Keyring(MemoryKeyring()).describe().endswith(".MemoryKeyring")


def test_the_null_backend_of_the_real_package_is_found_out() -> None:
    script = """
from config.credentials import Keyring, store_token
from config.secret import Secret
from config.settings import Profile
from triage.errors import CredentialsUnavailable
keyring = Keyring(limit=20)
print(keyring.describe())
try:
    store_token("work", Profile(), Secret("x"), keyring=keyring)
except CredentialsUnavailable as error:
    print(error)
"""
    env = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
    ended = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert ended.stdout.splitlines() == [
        "keyring.backends.null.Keyring",
        "The keyring took the token and did not keep it.",
    ]
