"""The token that a command prints, and how a token never shows itself."""

from __future__ import annotations

import copy
import logging
import pickle
import sys
from pathlib import Path

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

import config.secret
from config.credentials import credential_of_environment
from config.secret import Secret
from config.token_command import token_from_command
from tests.config.tokens import SENTINEL, printing, told
from triage.errors import ConfigError, CredentialsUnavailable, TriageError, UsageError
from triage.redaction import redacted

# The command


def test_the_first_line_of_the_command_is_the_token() -> None:
    assert token_from_command(printing(f" {SENTINEL} \nmore"), {}).reveal() == SENTINEL


def test_the_command_is_told_which_profile_is_asked_for() -> None:
    script = "import os; print(os.environ['TRIAGE_PROFILE'])"
    environ = {"TRIAGE_TOKEN_COMMAND": f'{sys.executable} -c "{script}"'}
    found = credential_of_environment("work", environ)
    assert found is not None
    assert found.secret.reveal() == "work"


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
        Secret.parse(text, "It")
    assert SENTINEL not in told(caught.value)


def test_the_space_around_a_token_is_not_part_of_it() -> None:
    assert Secret.parse(f"  {SENTINEL}\n", "it").reveal() == SENTINEL


@hypothesis.settings(deadline=None)
@given(st.text())
def test_a_secret_is_either_what_a_header_can_carry_or_refused(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            config.secret, "hide", lambda _: None
        )  # random words are not to vanish from other tests
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


def test_a_secret_is_kept_out_of_logs_from_the_moment_it_is_read() -> None:
    token = "read-9f86d081884c7d659a2f"
    Secret.parse(f" {token}\n", "it")
    assert token not in redacted(f"the provider said {token}")


def test_a_secret_cannot_be_pickled_or_copied() -> None:
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError) as caught:
            attempt(Secret(SENTINEL))
        assert SENTINEL not in str(caught.value)


def test_secrets_are_equal_by_what_they_hide() -> None:
    assert Secret("a") == Secret("a")
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2
    assert Secret("a") != "a"
