"""What goes wrong on request: for the next writes in order, and for the next reads in order.

`-after` says that the effect came before the fault.
"""

from __future__ import annotations

from collections import deque

from tests.odoo.server.problems import Problem, ProxySays, access_denied, crash, lock_error, unauthorized

_BY_A_PROXY = ("429", "502", "503", "504")
_KNOWN = ("", "drop-before", "drop-after", "html", "401", "409", "500", "500-after", "422", *_BY_A_PROXY)


class Faults:
    def __init__(self) -> None:
        self.writes: deque[str] = deque()
        self.reads: deque[str] = deque()
        self.retry_after = ""

    def next(self, *, is_write: bool) -> str:
        waiting = self.writes if is_write else self.reads
        return waiting.popleft() if waiting else ""

    def exception(self, fault: str, *, json2: bool) -> Exception | None:
        """What stands in the place of the real answer."""
        number = fault.removesuffix("-after")
        if number in _BY_A_PROXY:
            return ProxySays(int(number), self.retry_after if number in ("429", "503") else "")
        return _problem(number, json2=json2)


def known(fault: str) -> str:
    """The fault, if there is such a one."""
    if fault not in _KNOWN and fault.removesuffix("-after") not in _BY_A_PROXY:
        raise ValueError(f"no such fault: {fault}")
    return fault


def _problem(fault: str, *, json2: bool) -> Problem | None:
    match fault:
        case "401":
            return unauthorized("Invalid apikey") if json2 else access_denied()
        case "409":
            return lock_error()
        case "422":
            return Problem("odoo.exceptions.UserError", "A rule of this company does not allow that.", 422)
        case "500":
            return crash("psycopg2.OperationalError", "server closed the connection unexpectedly")
    return None
