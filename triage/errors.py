"""Every error a user can meet, in one tree. Each carries a hint: the next thing to do.

::

    TriageError                 exit 1
    ├── UsageError              exit 2   the words of a command are off
    │   ├── UnknownLead
    │   ├── UnknownReason
    │   └── UnknownInsight
    ├── ConfigError             exit 2   a settings, reason, definition or keymap file is off
    ├── NotAllowed              exit 1   the act is not allowed in this state of the lead
    ├── StoreError              exit 1   the local files
    │   ├── WriteFailed                  nothing was recorded
    │   ├── StoreBusy                    another process holds the lock for too long
    │   ├── CorruptJournal               damaged; salvage is offered, never an empty inbox
    │   └── NewerFormat                  written by a newer version of the program
    ├── CrmError                exit 1   what the CRM or the way to it did
    │   ├── Unreachable         exit 3   no connection, a time-out, 5xx: try again
    │   │   ├── RateLimited     exit 3   429
    │   │   └── AnswerLost      exit 3   a write went out and no whole answer came back
    │   ├── NotSignedIn         exit 4   no token, or one the CRM does not take
    │   ├── NotPermitted        exit 4   signed in, but this is not for this role
    │   └── BadAnswer           exit 3   an answer that is not the CRM's (portal page, truncated, wrong shape)
    │       └── StaleCursor     exit 3   the CRM does not know the place where the last fetch ended
    ├── ExportFailed            exit 1   a file that was to be written is not
    └── CredentialsUnavailable  exit 4   the keyring did not answer, and nothing else was given
"""

from __future__ import annotations

from typing import ClassVar


class TriageError(Exception):
    """What happened and where, in one sentence; `hint` says what to do next."""

    exit_code: ClassVar[int] = 1
    default_hint: ClassVar[str] = ""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint or self.default_hint


class UsageError(TriageError):
    """The words of a command are off."""

    exit_code = 2


class UnknownLead(UsageError):
    """No lead of this id is in the local copy."""

    default_hint = "Run `triage pull`, then `triage list` shows the ids."


class UnknownReason(UsageError):
    """No active reason of this code belongs to this act."""


class UnknownInsight(UsageError):
    """No insight of this name."""


class ConfigError(TriageError):
    """A file of ours is off; the message names file, key and line where known."""

    exit_code = 2


class NotAllowed(TriageError):
    """The act is not allowed in this state of the lead; the hint names the acts that are."""


class StoreError(TriageError):
    """The local files."""


class WriteFailed(StoreError):
    """Nothing was recorded."""

    default_hint = "Nothing was recorded. Make room or mend the permissions, then decide again."


class StoreBusy(StoreError):
    """Another process holds the journal's lock for too long."""

    default_hint = "Close the other triage, or try again in a moment."


class CorruptJournal(StoreError):
    """A journal is damaged before its end; it is never shown as empty."""

    def __init__(self, message: str, *, path: str = "", offset: int = 0, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.path = path
        self.offset = offset


class NewerFormat(StoreError):
    """A newer version of the program wrote this file."""

    default_hint = "Update triage. Nothing was changed."


class CrmError(TriageError):
    """What the CRM, or the way to it, did."""


class Unreachable(CrmError):
    """No connection, a time-out, or a server that is not well; `retry_after`: seconds it asks for."""

    exit_code = 3
    default_hint = "Decisions stay queued here. Run `triage sync` when the CRM can be reached."

    def __init__(self, message: str, *, retry_after: float | None = None, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class RateLimited(Unreachable):
    """429: the CRM asks for a pause, of `retry_after` seconds or (None) without saying how long."""


class AnswerLost(Unreachable):
    """A write went out and no whole answer came back: it may have taken effect. Ask before any second send.

    Every other `CrmError` of a write says that it certainly did not take effect.
    """

    default_hint = "It may have taken effect. triage asks the CRM before it sends anything again."


class NotSignedIn(CrmError):
    """No token, or one that the CRM does not take."""

    exit_code = 4
    default_hint = "Sign in again with `triage login`."


class NotPermitted(CrmError):
    """Signed in, but the CRM does not allow this to this user."""

    exit_code = 4


class BadAnswer(CrmError):
    """Not the CRM's own answer: a portal's page, a truncated body, another shape."""

    exit_code = 3


class StaleCursor(BadAnswer):
    """The CRM does not know the place where the last fetch ended: everything has to be fetched again."""


class ExportFailed(TriageError):
    """A file that was to be written is not; nothing was changed."""

    default_hint = "Make room, mend the permissions, or name another place."


class CredentialsUnavailable(TriageError):
    """The keyring gave nothing, and no other source was named."""

    exit_code = 4
    default_hint = "Set TRIAGE_TOKEN, or TRIAGE_TOKEN_COMMAND to a command that prints the token."
