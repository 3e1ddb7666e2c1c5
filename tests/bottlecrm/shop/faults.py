"""What goes wrong on request: for the next writes in order, and for the next reads in order.

`-after` says that the effect came before the fault. `partial` and `401` are what other CRMs have, here: an
answer that is lost, and a credential that has expired.
"""

from __future__ import annotations

from collections import deque

from tests.bottlecrm.shop.refusals import Refusal, broken, page, signed_out, throttled

DROPS_BEFORE, DROPS_AFTER = ("drop-before",), ("drop-after", "partial")
_PLAIN = ("", *DROPS_BEFORE, *DROPS_AFTER, "429", "401", "403-expired", "html")
_UNWELL = ("500", "502", "503", "504")


class Faults:
    def __init__(self) -> None:
        self.writes: deque[str] = deque()
        self.reads: deque[str] = deque()

    def next(self, *, is_write: bool) -> str:
        waiting = self.writes if is_write else self.reads
        return waiting.popleft() if waiting else ""


def known(fault: str) -> str:
    """The fault, if there is such a one."""
    number, _, when = fault.partition("-")
    if fault not in _PLAIN and not (number in _UNWELL and when in ("before", "after")):
        raise ValueError(f"no such fault: {fault}")
    return fault


def instead(fault: str) -> Refusal | None:
    """The answer in place of one to a request that is not carried out."""
    if fault == "429":
        return throttled()
    if fault in ("401", "403-expired"):
        return signed_out()
    return broken(int(fault[:3])) if fault.endswith("-before") and fault[:3].isdigit() else None


def afterwards(fault: str) -> Refusal | None:
    """The answer in place of the one to a request that was carried out."""
    if fault == "html":
        return Refusal(200, page("Sign in to the network"))
    return broken(int(fault[:3])) if fault.endswith("-after") and fault[:3].isdigit() else None
