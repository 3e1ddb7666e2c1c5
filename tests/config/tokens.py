"""A token to look for, a command that prints one, and all that an error could show of it."""

from __future__ import annotations

import sys
import traceback

from triage.errors import TriageError

SENTINEL = "TOKEN-abc123"


def printing(text: str, *, stderr: str = "", code: int = 0) -> str:
    script = f"import sys; print({text!r}); print({stderr!r}, file=sys.stderr); sys.exit({code})"
    return f'{sys.executable} -c "{script}"'


def told(error: TriageError) -> str:
    """Return all that a log of this error could show, causes and hint included, but no source lines."""
    shown = traceback.TracebackException.from_exception(error)
    shown_causes = []
    cause: traceback.TracebackException | None = shown
    while cause is not None:
        shown_causes += list(cause.format_exception_only())
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return "".join(shown_causes) + error.hint
