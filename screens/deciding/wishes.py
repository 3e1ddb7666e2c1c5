"""What the rep wants done, apart from the leads: what `.` and the account's other leads repeat. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from screens.deciding.parameters import PER_LEAD
from triage.domain.act import Act
from triage.domain.reasons import Reason

DIGITS = tuple("1234567890")


class Wish(Struct, frozen=True):
    """An act, its reason, and what was said with it."""

    act: Act
    reason: Reason | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    note: str = ""

    def saying(self, name: str, value: str) -> Wish:
        """Return it with one thing more said."""
        if not value:
            return self
        if name == "note":
            return replace(self, note=value)
        return replace(self, params={**self.params, name: value})

    def filled(self, said: Mapping[str, str]) -> Wish:
        """Return it with what was asked for: the answers by name, the reason itself aside."""
        wish = self
        for name, value in said.items():
            wish = wish if name == "reason" else wish.saying(name, value)
        return wish

    def for_others(self) -> Wish:
        """Return it as it can be said of other leads: without what was said of one."""
        return replace(
            self, params={name: said for name, said in self.params.items() if name not in PER_LEAD}
        )

    @property
    def code(self) -> str | None:
        """The reason's code, if there is one."""
        return self.reason.code if self.reason else None


def with_digits(reasons: Sequence[Reason]) -> list[tuple[Reason, str]]:
    """Return reasons with the digit that chooses each: its own, else the next one free; ten at most.

    A CRM may name any key, Enter and Escape too: only a digit of its own choice is taken.
    """
    own = {reason.hotkey: reason for reason in reversed(reasons) if reason.hotkey in DIGITS}
    free = [digit for digit in DIGITS if digit not in own]
    keyed = [
        (reason, reason.hotkey if own.get(reason.hotkey) is reason else (free.pop(0) if free else ""))
        for reason in reasons
    ]
    return sorted(((reason, digit) for reason, digit in keyed if digit), key=lambda one: DIGITS.index(one[1]))
