"""Where the token comes from; that it never shows; that a bad keyring costs seconds and not the sign-in."""

from __future__ import annotations

import copy
import logging
import pickle
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.credentials import Keyring, find_credential, forget_token, service_of, store_token
from config.secret import Secret
from config.settings import Profile
from config.token_command import token_from_command
from triage.errors import ConfigError, CredentialsUnavailable, TriageError, UsageError

SENTINEL = "TOKEN-abc123"
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


def printing(text: str, *, stderr: str = "", code: int = 0) -> str:
    script = f"import sys; print({text!r}); print({stderr!r}, file=sys.stderr); sys.exit({code})"
    return f'{sys.executable} -c "{script}"'


# The order


def test_the_places_are_asked_in_their_order(hanging: HangingKeyring) -> None:
    keyring = Keyring(hanging)
    both = {"TRIAGE_TOKEN": "from-env", "TRIAGE_TOKEN_COMMAND": printing("from-command")}
    assert find(keyring, "from-caller", **both) == ("from-caller", "given")
    assert find(keyring, **both) == ("from-env", "TRIAGE_TOKEN")
    both.pop("TRIAGE_TOKEN")
    assert find(keyring, **both) == ("from-command", "TRIAGE_TOKEN_COMMAND")
    assert hanging.calls == 0


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


# The command


def test_the_first_line_of_the_command_is_the_token() -> None:
    assert token_from_command(printing(f" {SENTINEL} \nmore"), {}).reveal() == SENTINEL


def test_the_command_is_told_which_profile_is_asked_for() -> None:
    script = "import os; print(os.environ['TRIAGE_PROFILE'])"
    assert find(Keyring(MemoryKeyring()), TRIAGE_TOKEN_COMMAND=f'{sys.executable} -c "{script}"')[0] == "work"


def test_the_command_runs_without_a_shell(tmp_path: Path) -> None:
    touched = tmp_path / "touched"
    with pytest.raises(UsageError):
        token_from_command(f"{printing('a b')} ; touch {touched}", {})
    assert not touched.exists()


def test_a_command_that_fails_is_quoted_cleaned_and_without_the_token() -> None:
    line = printing(SENTINEL, stderr=f"locked \x1b[31m red {SENTINEL}", code=3)
    with pytest.raises(CredentialsUnavailable) as caught:
        token_from_command(line, {})
    assert "ended with 3: locked" in caught.value.message
    assert "red ***" in caught.value.message
    assert "\x1b" not in caught.value.message
    assert SENTINEL not in told(caught.value)


def test_a_command_that_does_not_end_is_ended() -> None:
    line = f'{sys.executable} -c "import time; time.sleep(60)"'
    with pytest.raises(CredentialsUnavailable, match="did not answer within 0"):
        token_from_command(line, {}, limit=0.1)


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (SENTINEL, CredentialsUnavailable),
        (f"'{SENTINEL}", ConfigError),
        (f"{SENTINEL}\0", CredentialsUnavailable),
        (printing(f"{SENTINEL} two words"), UsageError),
        (printing(""), UsageError),
        (
            f"{sys.executable} -c \"import time; print('{SENTINEL}', flush=True); time.sleep(60)\"",
            CredentialsUnavailable,
        ),
    ],
    ids=["a token by mistake", "half a quotation", "a null", "two words", "nothing", "too slow"],
)
def test_neither_the_command_nor_its_output_is_ever_shown(line: str, error: type[TriageError]) -> None:
    with pytest.raises(error) as caught:
        token_from_command(line, {}, limit=1.0)
    assert SENTINEL not in told(caught.value)


# The token itself


@pytest.mark.parametrize(
    "text", ["", " \n", f"{SENTINEL} x", f"{SENTINEL}’", f"{SENTINEL}\x00", f"a\n{SENTINEL}"]
)
def test_what_is_no_token_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        find(Keyring(MemoryKeyring()), given=text)
    assert SENTINEL not in told(caught.value)


def test_the_space_around_a_token_is_not_part_of_it() -> None:
    assert Secret.parse(f"  {SENTINEL}\n", "it").reveal() == SENTINEL


@hypothesis.settings(deadline=None)
@given(st.text())
def test_a_secret_is_either_what_a_header_can_carry_or_refused(text: str) -> None:
    try:
        token = Secret.parse(text, "it").reveal()
    except UsageError:
        return
    assert token == text.strip()
    assert token.isascii()
    assert token.isprintable()
    assert " " not in token


def test_a_secret_does_not_show_in_any_way_of_writing_it(caplog: pytest.LogCaptureFixture) -> None:
    secret = Secret(SENTINEL)
    logging.getLogger("test").warning("%s %r", secret, [secret])
    shown = f"{secret} {secret!r} {secret:>9} {[secret]} {caplog.text} {secret.__class__(SENTINEL)}"
    assert SENTINEL not in shown


def test_a_secret_cannot_be_pickled_or_copied() -> None:
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError) as caught:
            attempt(Secret(SENTINEL))
        assert SENTINEL not in str(caught.value)


def test_secrets_are_equal_by_what_they_hide() -> None:
    assert Secret("a") == Secret("a")
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2
    assert Secret("a") != "a"


def told(error: TriageError) -> str:
    """Return all that a log of this error could show, causes and hint included, but no source lines."""
    shown = traceback.TracebackException.from_exception(error)
    shown_causes = []
    cause: traceback.TracebackException | None = shown
    while cause is not None:
        shown_causes += list(cause.format_exception_only())
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return "".join(shown_causes) + error.hint
