"""Where a token comes from and where it is kept. Alone touches the keyring; never writes a file.

Order: given by the caller, TRIAGE_TOKEN_<PROFILE>, TRIAGE_TOKEN, TRIAGE_TOKEN_COMMAND, the keyring. A keyring
may hang for ever, raise anything, or take a secret and drop it: each call runs in a daemon thread with a
limit, and each write is read back. One that keeps plain text is not written to.

Windows keeps at most 1,280 characters for one entry; macOS asks its user again for each new Python.
"""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

from msgspec import Struct

from config.secret import Secret
from config.settings import Profile
from config.token_command import VARIABLE as TOKEN_COMMAND
from config.token_command import token_from_command
from triage.errors import CredentialsUnavailable

TOKEN = "TRIAGE_TOKEN"  # noqa: S105 - the variable's name
CLIENT_SECRET = "TRIAGE_CLIENT_SECRET"  # noqa: S105 - the variable's name
"""The secret of an app that one signs in through, where it has one."""
GIVEN = "given"
KEYRING = "keyring"
LIMIT = 3.0
"""Seconds a keyring has to answer."""

T = TypeVar("T")


class Backend(Protocol):
    """What is asked of a keyring: the backend interface of the package `keyring`."""

    def get_password(self, service: str, username: str) -> str | None:
        """Return the secret, or None."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep the secret."""

    def delete_password(self, service: str, username: str) -> None:
        """Forget the secret."""


class Credential(Struct, frozen=True):
    """A token and the place it came from, as `triage doctor` names it."""

    secret: Secret
    source: str


class Keyring:
    """The system's keyring behind a limit. Make one for a run: one time-out makes it dead for good."""

    def __init__(self, backend: Backend | None = None, *, limit: float = LIMIT) -> None:
        self._backend = backend
        self._limit = limit
        self._dead = False

    def read(self, service: str, username: str) -> str | None:
        """Return what is kept, or None; CredentialsUnavailable if there is no answer."""
        return self._ask(lambda backend: backend.get_password(service, username))

    def write(self, service: str, username: str, token: str) -> None:
        """Keep a token; CredentialsUnavailable if it would lie there in plain text."""
        self._ask(_refuse_plain_text)
        self._ask(lambda backend: backend.set_password(service, username, token))

    def delete(self, service: str, username: str) -> None:
        """Forget a token; CredentialsUnavailable if there is none."""
        self._ask(lambda backend: backend.delete_password(service, username))

    def describe(self) -> str:
        """Return the class that answers, such as `keyring.backends.SecretService.Keyring`."""
        kind = self._ask(type)
        return f"{kind.__module__}.{kind.__qualname__}"

    def _ask(self, question: Callable[[Backend], T]) -> T:
        if self._dead:
            raise CredentialsUnavailable("The keyring did not answer before, and is not asked again.")
        answers: list[T] = []
        failures: list[str] = []

        def work() -> None:
            try:
                answers.append(question(self._backend or _system_backend()))
            except CredentialsUnavailable as error:
                failures.append(error.message)
            # A backend is foreign code, chosen by the user's own files; its text may hold the secret.
            except BaseException as error:  # noqa: BLE001 - the boundary: anything it raises means unavailable
                failures.append(f"The keyring cannot be used ({type(error).__name__}).")

        # A daemon: the interpreter would wait at its end for a pool's thread that hangs.
        thread = threading.Thread(target=work, name="keyring", daemon=True)
        thread.start()
        thread.join(self._limit)
        if failures:
            raise CredentialsUnavailable(failures[0])
        if not answers:
            self._dead = True
            raise CredentialsUnavailable(f"The keyring did not answer within {self._limit:g} s.")
        return answers[0]


def find_credential(
    name: str,
    profile: Profile,
    *,
    environ: Mapping[str, str],
    keyring: Keyring,
    given: str | None = None,
    kept: Callable[[], Secret | None] | None = None,
) -> Credential:
    """Return the token of a profile from the first place that has one; `kept` reads the keyring another way.

    CredentialsUnavailable names the choices; UsageError if a place holds something that is no token.
    """
    if given is not None:
        return Credential(Secret.parse(given, "The token"), GIVEN)
    told = credential_of_environment(name, environ)
    if told is not None:
        return told
    secret = kept() if kept else kept_token(name, profile, keyring=keyring)
    if secret is None:
        raise CredentialsUnavailable(
            f"No token for {name!r}.",
            hint=f"`triage login {name}`, or set {TOKEN}, or {TOKEN_COMMAND} to a command that prints it.",
        )
    return Credential(secret, KEYRING)


def credential_of_environment(name: str, environ: Mapping[str, str]) -> Credential | None:
    """Return the token that the environment holds or names a command for, or None. Touches no keyring."""
    variable = variable_in_use(name, environ)
    if variable is None:
        return None
    if variable != TOKEN_COMMAND:
        return Credential(Secret.parse(environ[variable], variable), variable)
    asking = {**without_tokens(environ), "TRIAGE_PROFILE": name}
    return Credential(token_from_command(environ[TOKEN_COMMAND], asking), TOKEN_COMMAND)


def variable_in_use(name: str, environ: Mapping[str, str]) -> str | None:
    """Return the variable that a profile's token comes from, or None; runs nothing."""
    own = variable_of(name)
    # The own variable of a profile called `command` would be the token command's: such a profile has none.
    order = (own, TOKEN, TOKEN_COMMAND) if own != TOKEN_COMMAND else (TOKEN, TOKEN_COMMAND)
    return next((variable for variable in order if environ.get(variable)), None)


def variable_of(name: str) -> str:
    """Return the variable for one profile alone: TRIAGE_TOKEN_EU_WORK for `eu-work`."""
    return f"{TOKEN}_{re.sub('[^A-Z0-9]', '_', name.upper())}"


def without_tokens(environ: Mapping[str, str]) -> dict[str, str]:
    """Return an environment for a program that has no business with our tokens."""
    return {
        variable: value
        for variable, value in environ.items()
        if variable == TOKEN_COMMAND
        or not (variable in (TOKEN, CLIENT_SECRET) or variable.startswith(f"{TOKEN}_"))
    }


def find_again(
    name: str, profile: Profile, *, environ: Mapping[str, str], keyring: Keyring, given: str | None = None
) -> Secret | None:
    """Ask once more where a token came from that the CRM does not take; None where nothing else can come.

    A variable does not change while we run. Whoever signed in elsewhere left another token in the keyring.
    """
    variable = variable_in_use(name, environ) if given is None else None
    if variable == TOKEN_COMMAND:
        told = credential_of_environment(name, environ)
        return told.secret if told else None
    if variable is not None:
        return None
    with contextlib.suppress(CredentialsUnavailable):  # the CRM's own refusal says more
        return kept_token(name, profile, keyring=keyring)
    return None


def kept_token(name: str, profile: Profile, *, keyring: Keyring) -> Secret | None:
    """Return what the keyring holds for a profile, or None; CredentialsUnavailable if it does not answer."""
    kept = keyring.read(service_of(profile), name)
    return None if kept is None else Secret.parse(kept, "The keyring's entry")


def store_token(name: str, profile: Profile, secret: Secret, *, keyring: Keyring) -> None:
    """Keep a token in the keyring and read it back; CredentialsUnavailable if it was not kept."""
    keyring.write(service_of(profile), name, secret.reveal())
    kept = keyring.read(service_of(profile), name)
    if kept is None or Secret(kept) != secret:
        raise CredentialsUnavailable("The keyring took the token and did not keep it.")


def forget_token(name: str, profile: Profile, *, keyring: Keyring) -> None:
    """Delete a token, if there is one, and look again; CredentialsUnavailable if it is still there."""
    if keyring.read(service_of(profile), name) is None:
        return
    keyring.delete(service_of(profile), name)
    if keyring.read(service_of(profile), name) is not None:
        raise CredentialsUnavailable(
            "The keyring still holds the token.",
            hint=f"Delete {service_of(profile)!r} in the keyring's own program.",
        )


def service_of(profile: Profile) -> str:
    """Return the keyring's name for an account: `triage:<crm>:<host>`; the profile is its user."""
    host = urlsplit(profile.url).netloc.rpartition("@")[2].lower()
    return f"triage:{profile.crm}:{host or 'default'}"


def _system_backend() -> Backend:
    import keyring  # noqa: PLC0415 - 80 ms, and never when the token came from elsewhere

    return keyring.get_keyring()


def is_plain_text(backend: object) -> bool:
    """Whether a backend of the package `keyring` writes what it keeps into a readable file."""
    first = next(iter(getattr(backend, "backends", ())), backend)  # a chain writes to its first link
    return "plaintext" in type(first).__name__.lower()


def _refuse_plain_text(backend: Backend) -> None:
    if is_plain_text(backend):
        raise CredentialsUnavailable("The keyring of this machine keeps tokens in plain text.")
