"""What goes wrong on request: for the next writes in order, and for the next reads in order.

In a batch `partial` writes all and leaves half of the results out, `error-one` refuses the first input; in a
single write they are an answer that is lost and a refusal. `-after` says that the effect came before the fault.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from tests.hubspot.portal.limits import too_many
from tests.hubspot.portal.problems import Problem, invalid, unauthenticated

WITHIN = ("partial", "error-one")
"""Faults that the handlers of batches play themselves."""
_LIMITS = {"429": "TEN_SECONDLY_ROLLING", "429-daily": "DAILY", "429-secondly": "SECONDLY"}
_MIGRATION = "The account is being migrated to another data center."
_UNWELL = (500, 502, 503, 504, 521, 523, 524)


class Faults:
    def __init__(self) -> None:
        self.writes: deque[str] = deque()
        self.reads: deque[str] = deque()

    def next(self, *, is_write: bool) -> str:
        waiting = self.writes if is_write else self.reads
        return waiting.popleft() if waiting else ""


def known(fault: str) -> str:
    """The fault, if there is such a one."""
    fits = fault in ("", "drop-before", "drop-after", "html", *WITHIN, *_LIMITS, *_INSTEAD)
    number = fault.removesuffix("-after")
    if not fits and not (number.isdigit() and int(number) in _UNWELL):
        raise ValueError(f"no such fault: {fault}")
    return fault


def problem_of(fault: str) -> Problem | None:
    """The answer that stands in place of the real one, or None."""
    if fault in _LIMITS:
        return too_many(_LIMITS[fault])
    if fault in _INSTEAD:
        return _INSTEAD[fault]()
    number = fault.removesuffix("-after")
    return Problem(int(number), "", "There was a problem with the request.") if number.isdigit() else None


_INSTEAD: dict[str, Callable[[], Problem]] = {
    "401": unauthenticated,
    "414": lambda: Problem(414, "", "The URI is too long."),
    "423": lambda: Problem(423, "LOCKED", "The resource is locked. Wait at least two seconds."),
    "477": lambda: Problem(477, "MIGRATION_IN_PROGRESS", _MIGRATION, headers={"Retry-After": "30"}),
    "error-one": lambda: invalid("The write was refused."),
}
