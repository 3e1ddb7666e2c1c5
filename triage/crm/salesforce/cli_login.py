"""What the Salesforce CLI (`sf`) knows of an org that somebody signed in to with it: its address, a token.

The CLI renews its sign-in by itself. Nothing of it is kept here, and nothing but the name of an error is
shown: what the CLI prints holds a token.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from typing import Any

from msgspec import Struct

from triage.crm.oauth.browser import environ_of_others
from triage.errors import CredentialsUnavailable, UsageError
from triage.redaction import hide

LIMIT = 60.0
"""Seconds for one question: the CLI takes some to start, and renews over the network."""
_REDACTED = "[REDACTED]"
_NAME = re.compile(r"[A-Za-z]{1,60}")


class Org(Struct, frozen=True):
    """An org, as the CLI describes it."""

    url: str
    username: str


def described(org: str, *, limit: float = LIMIT) -> Org:
    """Return where an org is and who is signed in; CredentialsUnavailable if the CLI does not know it."""
    result = _asked(("org", "display"), org, limit)
    url, username = result.get("instanceUrl"), result.get("username")
    if not isinstance(url, str) or not isinstance(username, str):
        raise CredentialsUnavailable("The Salesforce CLI does not say where the org is.", hint=_hint(org))
    return Org(url, username)


def shown_token(org: str, *, limit: float = LIMIT) -> str:
    """Return a token of an org's sign-in; an older CLI tells it with the org's description."""
    try:
        result = _asked(("org", "auth", "show-access-token"), org, limit)
    except _UnknownCommand:
        result = _asked(("org", "display"), org, limit)
    token = result.get("accessToken")
    if not isinstance(token, str) or not token or token.startswith(_REDACTED):
        raise CredentialsUnavailable("The Salesforce CLI gives no token for the org.", hint=_hint(org))
    hide(token)
    return token


class _UnknownCommand(CredentialsUnavailable):
    """The CLI is older than the command."""


def _asked(command: tuple[str, ...], org: str, limit: float) -> dict[str, Any]:
    if org.startswith("-"):
        raise UsageError("An org's alias does not begin with a dash.")
    named = ("--target-org", org) if org else ()
    ended = _run([_program(), *command, *named, "--json"], org, limit)
    answer = _json(ended.stdout)
    result = answer.get("result")
    if ended.returncode == 0 and isinstance(result, dict):
        return result
    raise _failure(ended.returncode, answer, org)


def _program() -> str:
    """Return where the CLI is; never one that lies in the folder somebody happens to work in."""
    places = os.environ.get("PATH", os.defpath).split(os.pathsep)
    program = shutil.which("sf", path=os.pathsep.join(filter(os.path.isabs, places)))
    if program is None:
        raise CredentialsUnavailable(
            "The Salesforce CLI (`sf`) is not installed here.", hint="Install it, or sign in another way."
        )
    return program


def _run(words: list[str], org: str, limit: float) -> subprocess.CompletedProcess[bytes]:
    ours = {name: value for name, value in environ_of_others(os.environ).items() if name != "FORCE_COLOR"}
    # `from None`: the original errors carry what was printed.
    try:
        return subprocess.run(  # noqa: S603 - a program of the user's own, words of ours and an alias, no shell
            words,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=limit,
            check=False,
            env={**ours, "NO_COLOR": "1"},
        )
    except subprocess.TimeoutExpired:
        problem = f"did not answer within {limit:g} s"
    except (OSError, ValueError) as error:
        problem = f"could not be started: {getattr(error, 'strerror', None) or 'not a command'}"
    raise CredentialsUnavailable(f"The Salesforce CLI {problem}.", hint=_hint(org))


def _json(printed: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(printed)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _failure(code: int, answer: dict[str, Any], org: str) -> CredentialsUnavailable:
    """Return why there is no result. A CLI that lacks a command answers in no JSON, and may end with 0."""
    name = answer.get("name")
    word = name if isinstance(name, str) and _NAME.fullmatch(name) else "no reason given"
    kind = CredentialsUnavailable if answer else _UnknownCommand
    return kind(f"The Salesforce CLI ended with {code} ({word}).", hint=_hint(org))


def _hint(org: str) -> str:
    return f"Run `sf org login web{f' --alias {org}' if org else ''}`, then try again."
